"""Sparse feature-map planes: convolutions of which only some parts are present."""

import indeependence.quiet_keras  # noqa: F401 (before any module here imports Keras)
