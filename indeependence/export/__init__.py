"""A classifier for other programs: a plain Keras model, and files of it."""
