"""Many workers, one model: shards of the examples are summed where they lie, and the sums are added exactly."""
