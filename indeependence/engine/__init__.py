"""Where encoding, adding up and solving run: on this processor by NumPy, or on a device by TensorFlow, JAX or PyTorch.

The same whole numbers come out, to the bit; only the last digits of solved weights may differ.
"""
