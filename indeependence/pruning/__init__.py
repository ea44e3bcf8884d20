"""Saliency, similarity and removal of code units, from the sums alone, without a pass over the data."""
