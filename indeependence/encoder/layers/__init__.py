"""The layers of an encoder, one kind a file; `KINDS` has every kind by the name that files know.

A layer is a frozen dataclass: ``kind``, ``takes_pictures`` (or rows), ``width(shape)``, and ``layer(codes)`` from codes
uint8 to codes uint8. How it is fitted is said in `encoder.fitting.bootstrap`, how Keras computes it in
`export.keras_model`.
"""

from indeependence.encoder.layers.dense import DenseLayer
from indeependence.encoder.layers.norm import NormLayer
from indeependence.encoder.layers.patches import PatchLayer

LayerWithBases = DenseLayer | PatchLayer
Layer = LayerWithBases | NormLayer
KINDS: dict[str, type[Layer]] = {layer.kind: layer for layer in (DenseLayer, PatchLayer, NormLayer)}
