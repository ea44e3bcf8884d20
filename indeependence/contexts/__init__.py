"""Contexts: one model for each distribution of inputs; which one a test input belongs to, its likelihood tells.

gaussian (sums of the inputs) → novelty (does a batch fit any?) → context (encoder, sums, weights) → learning →
readout (scores) → classifier, and storage for its file.
"""
