"""A Keras network of one's own: what its weights and units are worth, and what is left without some of them."""
