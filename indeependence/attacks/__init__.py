"""White-box attacks: an encoder that gradients flow through, and inputs changed along these gradients."""
