import indeependence.quiet_keras  # noqa: F401 (before any module here imports Keras)
