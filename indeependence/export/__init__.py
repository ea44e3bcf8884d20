"""Export of a classifier for other programs: as a plain Keras model, and to files."""
