"""The layers of an encoder, one kind in each file; `KINDS` has every kind by its name in files.

A layer is a frozen dataclass: ``kind``, ``takes_pictures`` (or rows), ``width(shape)``, and ``layer(codes)`` from codes
uint8 to codes uint8. `encoder.fitting.bootstrap` fits it, and `export.keras_model` writes it as Keras layers.
"""

from indeependence.encoder.layers.boxes import BoxLayer
from indeependence.encoder.layers.dense import DenseLayer
from indeependence.encoder.layers.fourier import FourierLayer
from indeependence.encoder.layers.norm import NormLayer
from indeependence.encoder.layers.patches import PatchLayer

LayerWithBases = DenseLayer | PatchLayer
Layer = LayerWithBases | NormLayer | FourierLayer | BoxLayer
KINDS: dict[str, type[Layer]] = {
    layer.kind: layer for layer in (DenseLayer, PatchLayer, NormLayer, FourierLayer, BoxLayer)
}
