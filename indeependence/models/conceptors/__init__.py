"""Conceptors: soft projections from sums of products, and a perceptron that learns in the space they leave free.

Source: He & Jaeger, "Overcoming catastrophic interference using conceptor-aided backpropagation", ICLR 2018.
"""
