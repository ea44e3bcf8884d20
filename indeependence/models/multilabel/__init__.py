"""Several labels for each example: a frozen encoder, exact sums of codes and labels, and a readout from them."""
