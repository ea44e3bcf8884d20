"""One encoder of two: averaged plainly or by importance, beside those that it is made of.

    python benchmarks/merging.py --data digits --data ../shared/data/mnist

Two encoders know one half of the classes each. All classes are then learned with one of them, with their average, and
with an encoder of all classes.
"""

import frame
import numpy as np
from findings import Row

from indeependence import ContinualClassifier, Dataset
from indeependence.encoder.encoder import Encoder, layers_with_bases
from indeependence.pruning.encoder_merging import base_importance, merged
from indeependence.pruning.saliency import unit_saliency

LAYERS = {8: "patches:16:size=3:pool=2:stride=2,+sparse:100", 28: "patches:16:size=7:pool=6:stride=4,+sparse:100"}
TABLE = "| data | encoder | accuracy on all classes |\n| {data} | {encoder} | {accuracy:.2f} % |"


@frame.benchmark("merging", TABLE)
@frame.small_layers
@frame.option("--limit", default=5_000, help="Training examples.")
def main(dataset: Dataset, seed: int, layers: str | None, limit: int) -> list[Row]:
    """Measure test accuracy on all classes with each encoder."""
    x, y = dataset.x_train[:limit], dataset.y_train[:limit]
    layers = layers or LAYERS.get(x.shape[1], "auto")
    models = []
    for index, half in enumerate(np.array_split(np.random.default_rng(seed).permutation(dataset.classes), 2)):
        rows = np.isin(y, half)
        models.append(ContinualClassifier(layers, random_state=2 * seed + index).fit(x[rows], y[rows]))
    one, other = (model.encoder_ for model in models)
    alike = [np.ones(layer.bases.shape[1]) for layer in layers_with_bases(one)]
    mine, theirs = (
        base_importance(model.encoder_, unit_saliency(model.weights, model.moments_, "maav")) for model in models
    )
    encoders = {
        "first half's classes": one,
        "second half's classes": other,
        "plain average": merged(one, other, (alike, alike)),
        "average by importance": merged(one, other, (mine, theirs)),
        "all classes": ContinualClassifier(layers, random_state=2 * seed).bootstrap(x).encoder_,
    }

    def reached(encoder: Encoder) -> float:
        model = ContinualClassifier().start(encoder).learn([(x, y)])
        return 100 * float(model.score(dataset.x_test, dataset.y_test))

    return [{"encoder": name, "accuracy": reached(encoder)} for name, encoder in encoders.items()]


if __name__ == "__main__":
    main()
