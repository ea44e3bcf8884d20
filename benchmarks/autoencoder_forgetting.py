"""What a moving average forgets where exact sums do not: the autoencoder on classes in tasks one after another.

    python benchmarks/autoencoder_forgetting.py --data ../shared/data/mnist

Class-incremental, in the order of the classes; no example is stored.
"""

import frame
from findings import Row

from indeependence import Dataset, evaluate, split_tasks
from indeependence.models.autoencoder.labelled import LabelledAutoencoder

SUMS = {"exact": None, "moving average, 0.01": 0.01}
TABLE = (
    "| data | sums | average accuracy | forgetting | CPU seconds |\n"
    "| {data} | {kind} | {accuracy:.2f} % | {forgetting:.2f} points | {cpu_seconds:.0f} |"
)


@frame.benchmark("autoencoder_forgetting", TABLE, seeds=1)
@frame.option("--tasks", default=5)
def main(dataset: Dataset, seed: int, tasks: int) -> list[Row]:
    """Measure accuracy and forgetting with both kinds of sums."""
    told = []
    for kind, coeff in SUMS.items():
        model = LabelledAutoencoder(dataset.classes.tolist(), coeff=coeff, random_state=seed)
        result = evaluate(split_tasks(dataset, tasks=tasks, seed=seed), model, data=dataset.name)
        told.append({"kind": kind, **frame.figures_of(result)})
    return told


if __name__ == "__main__":
    main()
