"""How alike codes are within classes and between them, from the sums alone.

    python benchmarks/similarity.py --data digits --data ../shared/data/mnist

Cosines over all pairs of examples, without any example; each seed has an encoder of its own.
"""

import frame
from findings import Row
from surgery import LAYERS

from indeependence import Dataset
from indeependence.pruning.similarity import similarity

TABLE = (
    "| data | cosine of codes | within classes | between classes |\n| {data} | {codes} | {within:.3f} | {between:.3f} |"
)


@frame.benchmark("similarity", TABLE)
@frame.small_layers
@frame.option("--limit", default=5_000, help="Training examples.")
def main(dataset: Dataset, seed: int, layers: str | None, limit: int) -> list[Row]:
    """Measure the cosines of codes as they are, and without the mean code."""
    moments = frame.fitted(dataset, layers, LAYERS, limit, seed).moments_
    found = {"as they are": similarity(moments), "mean code taken off": similarity(moments, centred=True)}
    return [{"codes": codes, "within": one.within, "between": one.between} for codes, one in found.items()]


if __name__ == "__main__":
    main()
