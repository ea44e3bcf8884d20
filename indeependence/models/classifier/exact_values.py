"""What an export without sums still says of single examples: values of the sample that its encoder was fitted on."""

from __future__ import annotations

from indeependence.data.reading import Reading
from indeependence.encoder.edges import Edges
from indeependence.encoder.encoder import Encoder
from indeependence.encoder.layers.boxes import BoxLayer
from indeependence.errors import some


def exact_values(encoder: Encoder, reading: Reading, *, limits_known: bool) -> list[str]:
    """Return what in an encoder and a reading are values of single examples, or were chosen by them.

    Limits and edges are, unless they were ``limits_known`` beforehand, and so are thresholds of boxes and categories of
    tables. Bases are not: they are averages and directions, in which single values are blurred but not protected.
    """
    found = []
    if not limits_known and isinstance(encoder.quantiser, Edges):
        found.append("edges of its columns")
    elif not limits_known and getattr(encoder.quantiser, "low", None) is not None:
        found.append("limits of its values")
    if any(isinstance(layer, BoxLayer) for layer in encoder.layers):
        found.append("thresholds of boxes")
    columns = (reading.table or {}).get("columns", ())
    named = [str(column["name"]) for column in columns if column.get("categories")]
    return [*found, *([f"categories of {some(named)}"] if named else [])]
