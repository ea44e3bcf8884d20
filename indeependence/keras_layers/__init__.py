"""Layers, constraints and losses for networks of Keras: mirrored ReLU, k-winners, sparse weights."""

import indeependence.quiet_keras  # noqa: F401 (before any module here imports Keras)
