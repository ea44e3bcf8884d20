"""The tied autoencoder: mirrored layers over [input ; target] that learn from sums and infer what is missing.

Rows of bytes ``[N, D + C]`` → tied.py (codes and back) → fitting.py (the bases) → model.py (learn, refit, infer), with
conditional.py and inference.py (what is missing) → online.py (the loop of the command ``train``).
"""
