"""Other methods against forgetting, small and readable, for comparison with sums on the same tasks."""
