"""What an export without sums still says of single examples: values of the sample that its encoder was fitted on."""

from __future__ import annotations

from typing import Any

from indeependence.data.reading import Reading
from indeependence.encoder.edges import Edges
from indeependence.encoder.encoder import Encoder
from indeependence.encoder.layers.boxes import BoxLayer
from indeependence.encoder.limits import lie_within
from indeependence.errors import some


def exact_values(encoder: Encoder, reading: Reading, limits: Any = None) -> list[str]:
    """Return what in an encoder and a reading are values of single examples, or were chosen by them.

    Limits and edges are, unless they follow from ``limits`` that were given, and so are thresholds of boxes and
    categories of tables. Bases are not: they are averages and directions, in which single values are blurred but not
    protected.
    """
    found = []
    if not lie_within(encoder.quantiser, limits):
        found.append("edges of its columns" if isinstance(encoder.quantiser, Edges) else "limits of its values")
    if any(isinstance(layer, BoxLayer) for layer in encoder.layers):
        found.append("thresholds of boxes")
    columns = (reading.table or {}).get("columns", ())
    named = [str(column["name"]) for column in columns if column.get("categories")]
    return [*found, *([f"categories of {some(named)}"] if named else [])]
