"""The README's picture of generated digits: an autoencoder draws, the classifier says what it sees.

    python benchmarks/generated_digits.py --data ../shared/data/mnist --output docs/images/generated.png

A row of class means, and rows drawn from the Gaussian of the code given the class. The classifier has learned the
same training examples and has never seen a drawn one.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from indeependence.machine import use_wide_vectors  # noqa: E402


@click.command()
@click.option("--data", default="digits", show_default=True)
@click.option("--layers", default="400", show_default=True, help="Of the autoencoder.")
@click.option("--limit", default=20000, show_default=True, help="Training examples.")
@click.option("--rows", default=4, show_default=True, help="Drawn ones, below the class means.")
@click.option("--spread", default=0.5, show_default=True)
@click.option("--seed", default=0, show_default=True)
@click.option("--output", type=click.Path(path_type=Path), default=Path("artifacts/generated.png"))
def main(data: str, layers: str, limit: int, rows: int, spread: float, seed: int, output: Path) -> None:
    """Write the picture and print how many of its digits the classifier recognises, row by row."""
    use_wide_vectors()
    import numpy as np

    from indeependence import ContinualClassifier, load_dataset
    from indeependence.commands.generate import write_grid
    from indeependence.models.autoencoder.labelled import LabelledAutoencoder

    dataset = load_dataset(data)
    x, y = dataset.x_train[:limit], dataset.y_train[:limit]
    labels = dataset.classes.tolist()
    model = LabelledAutoencoder(labels, layers, random_state=seed).bootstrap(x, y).learn([(x, y)])
    targets = model.targets(labels)
    drawn = [model.autoencoder.generate(targets, spread=0)]
    drawn += [model.autoencoder.generate(targets, spread=spread, seed=seed + row) for row in range(rows)]
    judge = ContinualClassifier(random_state=seed).fit(x, y)
    pictures = np.round(255 * np.vstack(drawn)).astype(np.uint8).reshape(-1, *model.shape)
    right = (judge.predict(pictures).reshape(rows + 1, -1) == np.array(labels)).sum(1)
    write_grid(output, np.vstack(drawn), model.shape, len(labels))
    click.echo(f"command: {shlex.join(['python', *sys.argv])}\n")
    click.echo("| data | row | recognised by the classifier |\n| --- | --- | --- |")
    for row, count in enumerate(right):
        kind = "class means" if row == 0 else f"drawn, spread {spread:g}, seed {seed + row - 1}"
        click.echo(f"| {Path(data).name} | {kind} | {count} of {len(labels)} |")


if __name__ == "__main__":
    main()
