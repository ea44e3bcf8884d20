"""What a smaller model costs, as a share of the whole model in the same run.

    python benchmarks/pruning_costs.py --data digits --data ../shared/data/mnist

Units are taken out by MAAV, one by one or whole bases. Processor time, the least of three.
"""

import frame
from findings import Row
from pruning import LAYERS

from indeependence import ContinualClassifier, Dataset
from indeependence.encoder.encoder import layers_with_bases
from indeependence.moments.centred import centre
from indeependence.moments.ridge import ridge
from indeependence.pruning.remove import remove_units, unit_bases
from indeependence.pruning.saliency import most_salient, unit_saliency

REMOVED = {
    "0 %": (0.0, False),
    "50 %": (0.5, False),
    "50 %, whole bases": (0.5, True),
    "90 %, whole bases": (0.9, True),
}
SHARES = ("sums", "encoding", "learning", "solving")
TABLE = (
    "| data | removed by MAAV | units | bases | sums | encoding | learning | solving | accuracy |\n"
    "| {data} | {removed} | {units.mean:.0f} | {bases.mean:.0f} | {sums.mean:.2f} | {encoding.mean:.2f} "
    "| {learning.mean:.2f} | {solving.mean:.2f} | {accuracy.mean:.2f} % |"
)


@frame.benchmark("pruning_costs", TABLE)
@frame.small_layers
@frame.option("--limit", default=10_000, help="Training examples.")
def main(dataset: Dataset, seed: int, layers: str | None, limit: int) -> list[Row]:
    """Measure a model without some of its units, each seed with an encoder of its own."""
    model = frame.fitted(dataset, layers, LAYERS, limit, seed)
    told = [{"removed": removed, **costs(model, dataset, *how)} for removed, how in REMOVED.items()]
    return [{**row, **{name: row[name] / max(told[0][name], 1e-9) for name in SHARES}} for row in told]


def costs(model: ContinualClassifier, dataset: Dataset, fraction: float, whole: bool) -> Row:
    """Return units, bases, bytes of sums, seconds and accuracy of the model without that fraction."""
    saliency = unit_saliency(model.weights, model.moments_, "maav")
    pruned = remove_units(model, most_salient(saliency, fraction, unit_bases(model.encoder_) if whole else None))
    x, y = dataset.x_train[:1000], dataset.y_train[:1000]
    new = ContinualClassifier(model.layers)
    return {
        "units": pruned.encoder_.units,
        "bases": sum(layer.bases.shape[1] for layer in layers_with_bases(pruned.encoder_)),
        "sums": pruned.moments_.nbytes,
        "encoding": frame.least_seconds(lambda: pruned.encoder_(x, jobs=1)),
        "learning": frame.least_seconds(lambda: new.start(pruned.encoder_).learn([(x, y)])),
        "solving": frame.least_seconds(lambda: ridge(centre(pruned.moments_), model.weights.penalty)),
        "accuracy": 100 * float(pruned.score(dataset.x_test, dataset.y_test)),
    }


if __name__ == "__main__":
    main()
