"""``sparse embed``: binary codes of pictures, learned from sums, in a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from indeependence.commands.shared import options
from indeependence.commands.shared.facts import say
from indeependence.commands.shared.help import command, option, section
from indeependence.commands.shared.progress import progress
from indeependence.commands.shared.settings import taken
from indeependence.commands.shared.types import COUNT, FILE
from indeependence.errors import InputError
from indeependence.machine import limited_threads

if TYPE_CHECKING:
    from indeependence.binary_codes.centroids import Centroids
    from indeependence.binary_codes.embedding import Embedding
    from indeependence.binary_codes.sdr import SDR
    from indeependence.data.examples import Examples
    from indeependence.experiment.watching import Watch
    from indeependence.models.classifier.classifier import ContinualClassifier


@command()
@options.data_options
@options.part_options
@section(
    "Codes",
    option("--units", type=COUNT, default=512, show_default=True, help="Bits of a code."),
    option("--active", type=COUNT, default=26, show_default=True, help="Bits of it that are set."),
    option("--unlabelled", is_flag=True, help="Let no label decide about the codes."),
    option(
        "--variation",
        type=click.FloatRange(0),
        default=0.2,
        show_default=True,
        help="How much of a code is about the example and not about its class; 0: nothing.",
    ),
    option(
        "--part",
        type=click.Choice(["all", "train", "test"]),
        default="all",
        show_default=True,
        metavar="PART",
        help="Which pictures get a code: train, test, or all, the training part first.",
    ),
    option(
        "--output",
        type=FILE,
        default=Path("artifacts/codes.sdr"),
        show_default=True,
        metavar="FILE",
        help="Packed codes and labels, as a safetensors file.",
    ),
)
@section(
    "Model",
    option("--model", type=FILE, metavar="FILE", help="A classifier that decides about codes; else one is learned."),
)
@options.encoder_options
@options.work_options
@options.output_options
def embed(**choice: Any) -> None:
    """Write a binary code for each picture, of many units few active ones, and its label.

    Codes come from sums alone: of the model's, or of the training part that is learned first. Prints how well the
    nearest centroid tells the classes of the test part.

    \b
    Examples:
      python cli.py sparse embed --data mnist --units 512 --active 26 --output codes.sdr
      python cli.py sparse embed --data my_pictures/ --model artifacts/model.safetensors --part test
    """
    from indeependence.binary_codes.storage import SDRFile, write_sdr
    from indeependence.data.selection import Part, Source
    from indeependence.files.lock import make_folder
    from indeependence.models.classifier.classifier import ContinualClassifier

    if choice["active"] > choice["units"]:
        raise click.UsageError(f"--active {choice['active']} of --units {choice['units']}: there are not as many")
    work = {"n_jobs": choice["threads"], "batch_size": choice["batch_size"]}
    loaded = ContinualClassifier.load(choice["model"], **work) if choice["model"] else None
    dataset = taken(Source, choice).load(loaded.columns if loaded else None)
    train = taken(Part, choice).of(dataset)
    with limited_threads(choice["threads"]), progress(quiet=choice["quiet"]) as watch:
        make_folder(choice["output"])  # before long work
        model = loaded or _learned(choice, train, watch)
        embedding = _embedding(model, choice)
        parts = {"train": train, "test": _test_part(dataset, train)}
        codes = {name: _codes(model, embedding, part, watch) for name, part in parts.items()}
        centroids = _centroids(model, embedding, codes["train"], train, choice)
    written = [name for name in parts if choice["part"] in (name, "all")]
    about = {"data": choice["data"], **_told(choice), **{f"{name}_examples": len(parts[name]) for name in written}}
    all_codes, labels = _joined([codes[name] for name in written]), _labels([parts[name] for name in written])
    write_sdr(choice["output"], SDRFile(all_codes, labels, about))
    _tell({**about, **_measures(all_codes, codes["test"], parts["test"], centroids)}, choice)


def _learned(choice: dict[str, Any], train: Examples, watch: Watch) -> ContinualClassifier:
    from indeependence.experiment.training import bootstrapped
    from indeependence.experiment.watching import watched
    from indeependence.models.making import Making

    watch("bootstrapping the encoder", 0, 0)
    model = bootstrapped(taken(Making, choice), train, ()).for_workers()
    return model.learn(watched(train, model.batch_size, watch))


def _embedding(model: ContinualClassifier, choice: dict[str, Any]) -> Embedding:
    from indeependence.binary_codes.embedding import labelled_embedding, unlabelled_embedding

    size = choice["units"], choice["active"]
    if choice["unlabelled"]:
        return unlabelled_embedding(model.moments_, *size, seed=choice["seed"])
    return labelled_embedding(
        model.moments_, *size, seed=choice["seed"], variation=choice["variation"], weights=model.weights
    )


def _test_part(dataset: Any, train: Examples) -> Examples:
    """The test examples of the classes that are embedded."""
    import numpy as np

    from indeependence.data.examples import Examples

    return Examples("test", dataset.x_test, dataset.y_test, np.flatnonzero(np.isin(dataset.y_test, train.classes)))


def _codes(model: ContinualClassifier, embedding: Embedding, part: Examples, watch: Watch) -> SDR:
    from indeependence.experiment.watching import watched

    batches = watched(part, model.batch_size, watch, what="embedding")
    return _joined([embedding(model.encoder_(inputs, jobs=model.n_jobs)) for inputs, _ in batches], embedding.units)


def _joined(parts: list[SDR], units: int = 0) -> SDR:
    import numpy as np

    from indeependence.binary_codes.sdr import SDR

    if not parts:
        return SDR.of(np.zeros((0, units)))
    return SDR(np.concatenate([part.packed for part in parts]), parts[0].units)


def _labels(parts: list[Examples]) -> Any:
    import numpy as np

    return np.concatenate([part.labels for part in parts])


def _centroids(
    model: ContinualClassifier, embedding: Embedding, codes: SDR, train: Examples, choice: dict[str, Any]
) -> Centroids:
    """Counted, or of all that the model has learned expected, where labels decide about the codes."""
    from indeependence.binary_codes.centroids import code_sums, counted_centroids, expected_centroids

    if choice["unlabelled"]:
        return counted_centroids(code_sums(embedding, codes, train.labels))
    return expected_centroids(embedding, model.moments_, seed=choice["seed"])


def _measures(all_codes: SDR, test_codes: SDR, test: Examples, centroids: Centroids) -> dict[str, Any]:
    """What there is to say of the codes: density, duty, and how well the nearest centroid tells classes."""
    import numpy as np

    from indeependence.binary_codes.duty import evenness
    from indeependence.binary_codes.sdr import density

    if not len(all_codes):
        raise InputError("expected pictures to embed, got none: --part names an empty part")
    right = centroids.nearest(test_codes) == test.labels if len(test) else None
    return {
        "codes": len(all_codes),
        "bytes_per_code": all_codes.packed.shape[1],
        "density": density(all_codes),
        **evenness(all_codes.bits),
        "nearest_centroid_accuracy": None if right is None else float(np.mean(right)),
    }


def _told(choice: dict[str, Any]) -> dict[str, Any]:
    """The settings that decided about the codes."""
    model = None if choice["model"] is None else str(choice["model"])
    names = ("units", "active", "unlabelled", "variation", "seed")
    return {**{name: choice[name] for name in names}, "model": model}


def _tell(facts: dict[str, Any], choice: dict[str, Any]) -> None:
    say({"output": str(choice["output"]), **facts}, as_json=choice["as_json"])
