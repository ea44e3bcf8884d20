"""Frames of an autoencoder that learns: what it makes of an example, as panels beside each other, and as films."""
