"""What the five ancestors of this project did, each feature by the command that does it here.

    python benchmarks/ancestors.py

Every command runs, on the digits that come with scikit-learn, in a folder of its own. Its figure is small for that
reason; where the feature was measured at the size of the original, that figure is taken from `benchmarks/results/`, and
stands next to the original's.
"""

import json
import os
import shlex
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import frame
import keras
import numpy as np
from click.testing import CliRunner
from findings import Cell, Row, load, where

from indeependence import load_dataset
from indeependence.commands import cli
from indeependence.sparse import KWinners, KWinners2D, SparseDense

RESULTS = Path(__file__).resolve().parent / "results"
TABLE = (
    "| ancestor | feature | command or benchmark | on the digits | at its size | original |\n"
    "| {ancestor} | {feature} | {shown} | {figure} | {full} | {original} |"
)
Told = dict[str, Any]  # what a command printed as JSON


@dataclass(frozen=True)
class Feature:
    """Something that an ancestor did."""

    ancestor: str
    feature: str
    command: str  # of this project; or a benchmark, which is not run here
    figure: Callable[[Told], str] = lambda told: "–"
    full: Callable[[], str] = lambda: "–"  # from `RESULTS`
    original: str = "–"


def percent(name: str) -> Callable[[Told], str]:
    """Return the text of a share among what was told."""
    return lambda told: f"{100 * told[name]:.1f} %"


def result(name: str, form: str, **texts: str) -> Callable[[], str]:
    """Return the text of a row of the results, whose cells stand in ``form`` under their names."""
    file, _, table = name.partition("/")

    def text() -> str:
        [row] = where(load(RESULTS / f"{file}.json", table or file)[1], **texts)
        return form.format_map({key: Cell.of(value) for key, value in row.items()})

    return text


def counted(told: Told) -> str:
    """Return how many answers there are."""
    return f"{len(next(value for value in told.values() if isinstance(value, list))):,} answers"


def score(told: Told) -> str:
    """Return a noise score."""
    return f"score {told['noise']['pixels']['score']:,}"


def activity_at_the_end(told: Told) -> str:
    """Return the share of the last layer's inputs that are not 0."""
    return f"{100 * told['layers'][-1]['inputs_active']:.0f} % of the last layer's inputs"


def first_found(told: Told) -> str:
    """Return how near the nearest code of the first query is."""
    return f"{told['queries'][0]['nearest'][0]['shared']} bits shared"


def kept(told: Told) -> str:
    """Return what is left of a pruned network."""
    return f"{100 * told['accuracy']:.1f} % with {told['parameters']:,} of {told['parameters_before']:,} weights"


def largest(told: Told) -> str:
    """Return the largest MAAV of all layers."""
    return f"largest {max(row['largest_maav'] for row in told['layers']):.2f}"


def first_unit(told: Told) -> str:
    """Return the most important unit, and its class."""
    return f"unit {told['units'][0]['unit']}, for class {told['units'][0]['class']}"


def after_surgery(told: Told) -> str:
    """Return the accuracy on the class that was cut, and on the others."""
    return f"class {100 * told['accuracy_of_class']:.0f} %, others {100 * told['accuracy_of_others']:.0f} %"


def autoencoder() -> Iterator[Feature]:
    """Yield the features of the first program, a tied autoencoder with ten flags."""
    error = "running error {running_error:.3f}".format_map
    small = "--data digits --quiet --layers"
    again = "train --kind autoencoder --data digits --quiet"
    flags = {
        "`--layers`, `--limit`": f"train --kind autoencoder {small} 40,20 --limit 150 --model two.st",
        "`--load`, `--skip`": f"{again} --skip 150 --limit 90 --load --model two.st",
        "`--coeff` (moving averages)": f"train {small} 40 --limit 150 --coeff 0.01 --model moving.st",
        "`--eval`": f"train {small} 40 --limit 150 --eval 0.05 --model even.st",
        "`--boot_skip`, `--boot_limit`": f"train {small} 40 --limit 150 --boot_skip 200 --boot_limit 300 --model b.st",
        "`--rate`, `--infer` (Adam)": f"train {small} 20 --limit 20 --solver adam --rate 0.02 --infer 20 --model c.st",
    }
    for flag, command in flags.items():
        yield Feature("Indeependence", flag, command, error)
    yield Feature(
        "Indeependence",
        "running error",
        f"train --kind autoencoder {small} 60 --limit 300 --model a.st",
        error,
        result("autoencoder_running", "{all:.3f} after 1,000", layers="100"),
        "0.33 after 500, 0.30 after 1,000",
    )
    yield Feature("Indeependence", "a label for a picture", "infer --data digits --model a.st --quiet", counted)
    drawn = "generate --model a.st --output drawn.png"
    way = "a Gaussian for each class and region, as `generate`"
    full = result("generation", "{recognised:.1f} % recognised", data="mnist", way=way, learned="60,000")
    yield Feature("Indeependence", "pictures for a label", drawn, "{pictures} pictures".format_map, full)
    yield from pairs()


def pairs() -> Iterator[Feature]:
    """Yield what the first program was named for: two things tied, one inferred from the other, or from a part."""
    name, both = "Indeependence", "--data halves.npz --target-data halves.npz"
    error = "error {error:.0f}, of the mean {error_of_the_mean:.0f}".format_map
    yield Feature(name, "two things tied", f"train {both} --model pairs.st --quiet", "{examples:,} pairs".format_map)
    for side, given, wanted in (("A", "upper", "lower"), ("B", "lower", "upper")):
        way = f"{given} → {wanted}"
        full = result("pairs", "{tied:.1f}, of the mean {mean:.1f}", data="mnist", pairs="halves", way=way)
        command = f"infer --from {side} --data {given}.npy --target-data {wanted}.npy --output told_{wanted}.npy"
        yield Feature(name, f"one from the other: {way} half", f"{command} --model pairs.st --quiet", error, full)
    changed = "squared error {squared_error:.3f}, before {squared_error_before:.3f}".format_map
    for feature, way, missing, other in (
        ("what is missing of a picture", "--mask top", "upper half", "PCA {pca:.1f}"),
        ("noise taken out of pictures", "--noise 0.3", "noise, σ = 0.3", "non-local means {nlm:.1f}"),
    ):
        full = result("completion", f"{{mean:.1f}} dB, {other}", data="mnist", missing=missing)
        yield Feature(
            name, feature, f"infer --data digits --model a.st {way} --output whole.png --quiet", changed, full
        )
    kept = "{examples:,} pairs, {stored_examples} stored".format_map
    yield Feature(name, "what a model of pairs knows of itself", "inspect pairs.st", kept)


def k_winners() -> Iterator[Feature]:
    """Yield the features of Numenta's networks."""
    name = "Numenta"
    yield Feature(
        name,
        "noise score of a model of sums",
        "sparse noise model.st --data digits --bits",
        score,
        result("noise", "{score:,.0f}", learned="robust"),
        "103,764 (sparse), 97,040 (dense)",
    )
    yield Feature(
        name,
        "k-winners and sparse weights in a Keras network: noise score",
        "sparse noise winners.keras --data digits --scale unit",
        score,
        result("noise", "{score:,.0f}", learned="sparse"),
        "103,764",
    )
    yield Feature(
        name,
        "k-winners beside ReLU, dropout and batch norm at noise 0.5",
        "`benchmarks/noise_layers.py`",
        full=result("noise_layers", "{accuracy[2]:.1f} %", data="mnist", network="convolution, k-winners"),
        original="54.8 % (tiny-dnn)",
    )
    look = "sparse network look winners.keras --data digits --scale unit"
    yield Feature(name, "activity and sparse weights of each layer", look, activity_at_the_end)


def binary_codes() -> Iterator[Feature]:
    """Yield the features of EmbedderSDR."""
    name = "EmbedderSDR"
    yield Feature(
        name,
        "binary codes, nearest centroid",
        "sparse embed --data digits --decoder back.st --output codes.sdr --quiet",
        percent("nearest_centroid_accuracy"),
        result("sdr/codes", "{accuracy:.2f} %", code="labelled"),
        "97.3 % (k-winners, triplet loss)",
    )
    soft = "soft k-winners + triplet, nearest centroid"
    yield Feature(
        name,
        "soft k-winners with triplet loss",
        "`benchmarks/sdr_gradients.py`",
        full=result("sdr_gradients", "{accuracy:.2f} %", network=soft),
        original="97.3 %",
    )
    for feature, network in (
        ("synaptic scaling", "with synaptic scaling"),
        ("falling number of winners", "with a falling number of winners"),
    ):
        form = "{accuracy:.1f} %, {silent.mean:.0f} of 100 units silent"
        full = result("soft_winners", form, data="mnist", network=network)
        yield Feature(name, feature, "`benchmarks/soft_winners.py`", full=full)
    yield Feature(name, "nearest codes", "sparse search codes.sdr --rows 0", first_found)
    drawn = "sparse draw codes.sdr --decoder back.st --output codes.png"
    full = result("sdr/codes", "error {error:.3f}", code="unlabelled")
    yield Feature(name, "from code back to picture", drawn, "{pictures} pictures".format_map, full)
    plane = {"codes": "from sums", "after": "5,000 examples"}
    full = result("information_plane", "{label:.2f} bits about the label", **plane)
    yield Feature(name, "information plane", "`benchmarks/information_plane.py`", full=full)
    memory = "sparse memorise codes.sdr --memory codes.willshaw"
    yield Feature(name, "associative memory", memory, "load {load:.3f}".format_map)


def pruning() -> Iterator[Feature]:
    """Yield the features of Sparana."""
    name, net = "Sparana", "mine.keras --data digits --scale unit"
    yield Feature(name, "MAAV by layer", f"sparse network look {net}", largest)
    yield Feature(name, "saliency of units and weights", f"sparse network look {net} --layer hidden", first_unit)
    zeros = f"sparse network prune {net} --weights --output zeros.keras"
    yield Feature(name, "pruning of single weights", zeros, kept)
    small = f"sparse network prune {net} --fraction 0.2 --layer hidden=0.4 --output small.keras"
    yield Feature(name, "pruning of units, a share for each layer", small, kept)
    sums = "sparse prune model.st --fraction 0.5 --data digits --output half.st"
    full = result("pruning", "{accuracy[2]:.2f} % without half", data="mnist", way="maav", reading="solved")
    yield Feature(name, "the same for a model of sums", sums, percent("accuracy"), full)
    yield Feature(name, "surgery of a class", f"sparse network cut {net} --class 3 --output cut.keras", after_surgery)
    yield Feature(name, "exact removal instead", "forget --class 3 --model model.st", lambda told: "nothing is left")
    cosines = "cosine {cosine_within:.2f} within, {cosine_between:.2f} between".format_map
    yield Feature(name, "similarity of classes", "sparse saliency model.st", cosines)
    attack = f"sparse network attack {net} --reach 16 --limit 100"
    yield Feature(name, "attacks", attack, lambda told: f"{100 * told['pgd']['16']:.0f} % under PGD, reach 16")


def planes() -> Iterator[Feature]:
    """Yield the features of the seed of sparse feature-map planes."""
    name = "sparse planes"
    yield Feature(
        name,
        "maps of which most are absent",
        "`benchmarks/planes.py`",
        full=result("planes", "{ratio:.0f} times as fast as dense with 10,000 maps", maps="10,000"),
    )
    for feature, way in (
        ("planes that vanish: L1", "`PlaneL1(0.01)` on the kernel"),
        ("planes that vanish: exact step", "`ShrinkPlanes(0.003)`, a step after each"),
        ("maps that vanish: KL", "`PlaneKL(10, target=0.02)` on the maps"),
        ("winning maps", "`PlaneWinners(16)`"),
    ):
        form = "{planes.mean:.0f} of 1,024 planes, {maps.mean:.0f} of 32 maps, {accuracy:.1f} %"
        yield Feature(name, feature, "`benchmarks/vanishing.py`", full=result("vanishing", form, way=way))
    drawn = "sparse planes --data digits --put 3@4,4 --put 7@4,13 --size 8x18 --output planes.png"
    full = result("class_maps", "{drawn:.1f} % recognised", data="mnist")
    yield Feature(name, "a 1 in the map of a class becomes a picture", drawn, "{maps} maps".format_map, full)


PARTS = {
    "indeependence": autoencoder,
    "numenta": k_winners,
    "embeddersdr": binary_codes,
    "sparana": pruning,
    "planes": planes,
}


@click.command()
@frame.option("--epochs", default=12, help="Of the two Keras networks.")
@frame.option("--ancestor", "ancestors", multiple=True, type=click.Choice(list(PARTS)), default=list(PARTS))
@frame.output_option("ancestors")
def main(epochs: int, ancestors: tuple[str, ...], output: Path) -> None:
    """Run the commands of all or some ancestors, and print one row a feature."""
    facts, output, rows = frame.header(), output.resolve(), []
    with somewhere():
        own_networks(epochs)
        own_halves()
        told("train --data digits --ledger class --model model.st --quiet")
        for ancestor in ancestors:
            rows += [row_of(feature) for feature in PARTS[ancestor]()]
    frame.publish(output, facts, ancestors=(TABLE, rows))


def row_of(feature: Feature) -> Row:
    """Return the row of a feature, whose command is run."""
    run = not feature.command.startswith("`")
    figure = feature.figure(told(feature.command)) if run else "–"
    shown = f"`{feature.command.replace(' --quiet', '')}`" if run else feature.command
    texts = {"figure": figure, "full": feature.full(), "shown": shown, "original": feature.original}
    return {"ancestor": feature.ancestor, "feature": feature.feature, **texts}


def told(command: str) -> Told:
    """Return what a command prints as JSON; raise its error if it fails."""
    done = CliRunner().invoke(cli, [*shlex.split(command), "--json"], catch_exceptions=False)
    if done.exit_code:
        raise click.ClickException(f"{command}: {done.output}")
    answer = json.loads(done.stdout)
    return answer if isinstance(answer, dict) else {"answers": answer}


@contextmanager
def somewhere() -> Iterator[None]:
    """Work in an empty folder, which is then removed."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


def own_halves() -> None:
    """Write upper and lower halves of the digits: as one file of both, and each as an array."""
    digits = load_dataset("digits")
    upper, lower = digits.x_train[:, :4], digits.x_train[:, 4:]
    np.savez("halves.npz", x=upper, y=lower)
    np.save("upper.npy", upper)
    np.save("lower.npy", lower)


def own_networks(epochs: int) -> None:
    """Write two small networks that know the digits: a plain one, and one of k-winners and sparse weights."""
    digits = load_dataset("digits")
    x, layers = digits.x_train[..., None] / np.float32(255), keras.layers
    plain = [layers.Conv2D(16, 3, activation="relu"), layers.MaxPooling2D(), layers.Flatten()]
    plain += [layers.Dense(64, activation="relu", name="hidden")]
    sparse = [layers.Conv2D(16, 3), KWinners2D(0.15, over="map"), layers.MaxPooling2D(), layers.Flatten()]
    sparse += [SparseDense(64, 0.3), KWinners(16)]
    for name, body in (("mine", plain), ("winners", sparse)):
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.Input((8, 8, 1)), *body, layers.Dense(10, activation="softmax")])
        model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy")
        model.fit(x, digits.y_train, epochs=epochs, verbose=0)
        model.save(f"{name}.keras")


if __name__ == "__main__":
    main()
