"""Attacks that see everything: an encoder that gradients flow through, and inputs changed along these gradients."""
