"""The project's layers for Keras models: they work in `Sequential` and functional models, and in `.keras` files."""
