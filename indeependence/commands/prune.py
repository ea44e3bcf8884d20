"""``sparse prune`` and ``sparse saliency``: what matters least is taken out, and what matters most is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from indeependence.commands import chosen, models, options
from indeependence.commands.help import command, option, section
from indeependence.commands.machine import limited_threads
from indeependence.commands.values import COUNT
from indeependence.errors import InputError

if TYPE_CHECKING:
    import numpy as np

    from indeependence.classifier import ContinualClassifier

MODEL = click.Path(path_type=Path, dir_okay=False)


@command()
@click.argument("file", type=MODEL, metavar="MODEL")
@section(
    "Pruning",
    option(
        "--fraction",
        type=click.FloatRange(0, 1, max_open=True),
        default=0.5,
        show_default=True,
        help="Share of the code units to take out.",
    ),
)
@section(
    "Pruning",
    option(
        "--by",
        type=click.Choice(["maav", "magnitude", "moment", "random"]),
        default="maav",
        show_default=True,
        help="Which go first: least |W|·mean code, least |W|, least W²·mean squared code, or drawn by --seed.",
    ),
)
@section(
    "Pruning",
    option("--whole", is_flag=True, help="Take out whole bases, not single units: encoding gets quicker, too."),
)
@section(
    "Pruning",
    option("--like", type=MODEL, metavar="OTHER", help="Let another model of the same encoder decide which go."),
)
@section("Pruning", option("--output", type=MODEL, required=True, help="The pruned model's file."))
@options.test_data_option
@options.seed_option
@options.threads_option
@options.json_option
def prune(**choice: Any) -> None:
    """Take the least salient code units out of a model.

    They are gone from the encoder and the sums of MODEL; no data is needed. The pruned model learns on, and
    merges with models that were pruned alike (--like).

    \b
    Examples:
      python cli.py sparse prune monday.safetensors --fraction 0.5 --output small.safetensors
      python cli.py sparse prune monday.safetensors --whole --data digits --output small.safetensors
      python cli.py sparse prune tuesday.safetensors --like monday.safetensors --output both.st
    """
    from indeependence.classifier import ContinualClassifier
    from indeependence.pruning.remove import remove_units

    with limited_threads(choice["threads"]), models.sole_writer_of(choice["output"]):
        model = ContinualClassifier.load(choice["file"], n_jobs=choice["threads"])
        judge = ContinualClassifier.load(choice["like"]) if choice["like"] else model
        if judge.encoder_.fingerprint != model.encoder_.fingerprint:
            raise InputError(f"--like {choice['like']}: expected a model of the same encoder, got another one's")
        pruned = remove_units(model, _kept(judge, choice))
        accuracies = _accuracies(model, pruned, choice) if choice["data"] else {}
        pruned.save(choice["output"])
    saved = choice["file"].stat().st_size
    told = {"units_before": model.encoder_.units, "file_bytes_before": saved, **accuracies}
    models.tell(pruned, choice["output"], as_json=choice["as_json"], **told)


def _kept(judge: ContinualClassifier, choice: dict[str, Any]) -> np.ndarray:
    from indeependence.pruning.remove import unit_bases
    from indeependence.pruning.saliency import most_salient, unit_saliency

    saliency = unit_saliency(judge.weights, judge.moments_, choice["by"], seed=choice["seed"])
    return most_salient(saliency, choice["fraction"], unit_bases(judge.encoder_) if choice["whole"] else None)


def _accuracies(model: ContinualClassifier, pruned: ContinualClassifier, choice: dict[str, Any]) -> dict[str, float]:
    """The accuracy of both on the test examples of the classes that they learned."""
    dataset = chosen.load(choice, model=choice["file"])
    rows = chosen.learned_tests(dataset, model, choice)
    found = {"accuracy_before": model, "accuracy": pruned}
    return {name: float(one.score(dataset.x_test[rows], dataset.y_test[rows])) for name, one in found.items()}


@command()
@click.argument("file", type=MODEL, metavar="MODEL")
@section("Pruning", option("--top", type=COUNT, default=5, show_default=True, help="Units to name for each class."))
@options.json_option
def saliency(file: Path, top: int, as_json: bool) -> None:
    """Tell which code units work for which class.

    And how alike the codes of classes are. All of it comes from the sums: mean activated absolute values
    |W|·mean code, and cosines over all pairs of examples.

    \b
    Example:
      python cli.py sparse saliency artifacts/model.safetensors --top 5
    """
    from indeependence.classifier import ContinualClassifier

    facts = _facts(ContinualClassifier.load(file), top)
    if as_json:
        click.echo(json.dumps(facts))
        return
    click.echo(f"{'class':16}{'mean |W|·h':12}units that work most for it (beyond others)")
    for entry in facts["classes"]:
        click.echo(f"{entry['label']!s:16}{entry['mean_activated_value']:<12.6f}{', '.join(map(str, entry['units']))}")
    for name in ("cosine_within", "cosine_between", "centred_cosine_within", "centred_cosine_between"):
        if facts[name] is not None:
            click.echo(f"{name.replace('_', ' '):28}{facts[name]:.4f}")


def _facts(model: ContinualClassifier, top: int) -> dict[str, Any]:
    import numpy as np

    from indeependence.pruning.saliency import activated_values
    from indeependence.pruning.similarity import similarity
    from indeependence.pruning.surgery import class_saliency

    weights, moments = model.weights, model.moments_
    entries = []
    for label in weights.labels:
        order = np.argsort(-class_saliency(weights, moments, label), kind="stable")[:top]
        value = float(activated_values(weights, moments, label).mean())
        entries.append({"label": label, "mean_activated_value": value, "units": order.tolist()})
    plain, centred = (None if moments.dropped else similarity(moments, centred=taken) for taken in (False, True))
    return {
        "classes": entries,
        "cosine_within": plain and plain.within,
        "cosine_between": plain and plain.between,
        "centred_cosine_within": centred and centred.within,
        "centred_cosine_between": centred and centred.between,
    }
