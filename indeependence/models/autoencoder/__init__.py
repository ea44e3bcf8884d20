"""The tied autoencoder: mirrored layers over [input ; target] that learn from sums and infer what is missing.

Rows of bytes ``[N, D + C]`` → tied.py (codes and back) → model.py (bootstrap, learn, refit) → conditional.py and
inference.py (what is missing) → online.py (the loop of the command ``train``).
"""
