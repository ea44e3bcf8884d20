"""The README's picture of generated digits: an autoencoder draws, the classifier says what it sees.

    python benchmarks/generated_digits.py --data ../shared/data/mnist --figure docs/images/generated.png

A row of class means, and rows drawn from the Gaussian of the code given the class. The classifier has learned the
same training examples and has never seen a drawn one.
"""

from pathlib import Path

import click
import frame
import numpy as np

from indeependence import ContinualClassifier, load_dataset
from indeependence.encoder.quantise import as_bytes
from indeependence.models.autoencoder.labelled import LabelledAutoencoder
from indeependence.report.pictures.grid import write_grid

TABLE = "| data | row | recognised by the classifier |\n| {data} | {row} | {right} of {classes} |"


@click.command()
@frame.data_option
@frame.option("--layers", default="400", help="Of the autoencoder.")
@frame.option("--limit", default=20_000, help="Training examples.")
@frame.option("--rows", default=4, help="Drawn ones, below the class means.")
@frame.option("--spread", default=0.5)
@frame.option("--seed", default=0)
@frame.figure_option("generated_digits")
@frame.output_option("generated_digits")
def main(data: str, layers: str, limit: int, rows: int, spread: float, seed: int, figure: Path, output: Path) -> None:
    """Write the picture and print how many of its digits the classifier recognises, row by row."""
    facts, dataset = frame.header([seed]), load_dataset(data)
    x, y, labels = dataset.x_train[:limit], dataset.y_train[:limit], dataset.classes.tolist()
    model = LabelledAutoencoder(labels, layers, random_state=seed).bootstrap(x, y).learn([(x, y)])
    targets = model.targets(labels)
    drawn = {"class means": model.autoencoder.generate(targets, spread=0)}
    for one in range(seed, seed + rows):
        drawn[f"drawn, spread {spread:g}, seed {one}"] = model.autoencoder.generate(targets, spread=spread, seed=one)
    write_grid(figure, np.vstack(list(drawn.values())), model.shape, len(labels))
    judge = ContinualClassifier(random_state=seed).fit(x, y)

    def recognised(pictures: np.ndarray) -> int:
        answers = judge.predict(as_bytes(pictures).reshape(-1, *model.shape))
        return int(np.sum(answers == np.array(labels)))

    told = {"data": Path(data).stem, "classes": len(labels)}
    table = [{**told, "row": name, "right": recognised(pictures)} for name, pictures in drawn.items()]
    frame.publish(output, facts, generated_digits=(TABLE, table))


if __name__ == "__main__":
    main()
