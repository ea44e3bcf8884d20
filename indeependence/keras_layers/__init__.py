"""Layers, constraints and losses for networks of Keras: mirrored ReLU, k-winners, sparse weights."""
