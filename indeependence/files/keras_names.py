"""The present modules of the layers that a ``.keras`` file of an earlier version names.

A ``.keras`` file names the module of each layer in it. Files of the first version name modules that were then in
`indeependence.sparse`; `FIRST_NAMES` keeps those names valid.
"""

FIRST_NAMES = {
    "indeependence.sparse.embedding_losses": "indeependence.keras_layers.losses",
    "indeependence.sparse.k_winners": "indeependence.keras_layers.k_winners",
    "indeependence.sparse.planes_penalties": "indeependence.planes.penalties",
    "indeependence.sparse.soft_winners": "indeependence.keras_layers.soft_winners",
    "indeependence.sparse.sparse_layers": "indeependence.keras_layers.sparse",
}


def first_name(module: str) -> str:
    """Return the name under which the first version saved what is in ``module``.

    >>> first_name("indeependence.keras_layers.k_winners"), first_name("keras.layers")
    ('indeependence.sparse.k_winners', 'keras.layers')
    """
    return next((first for first, now in FIRST_NAMES.items() if now == module), module)
