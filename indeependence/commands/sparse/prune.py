"""``sparse prune`` and ``sparse saliency``: remove the units that matter least, and show those that matter most."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from indeependence.commands.shared import data_options, message_options, options, outputs, work_options
from indeependence.commands.shared.facts import facts_of, say
from indeependence.commands.shared.help import command, option, section
from indeependence.commands.shared.settings import taken
from indeependence.commands.shared.types import COUNT, FILE, Finite
from indeependence.errors import shown
from indeependence.machine import limited_threads


@command()
@click.argument("file", type=FILE, metavar="MODEL")
@section(
    "Pruning",
    option(
        "--fraction",
        type=Finite(0, 1, max_open=True),
        default=0.5,
        show_default=True,
        help="Share of the code units to remove.",
    ),
    option(
        "--by",
        type=click.Choice(["maav", "magnitude", "moment", "random"]),
        default="maav",
        show_default=True,
        help="What is removed first: least |W|·mean code, least |W|, least W²·mean squared code, or random by --seed.",
    ),
    option("--whole", is_flag=True, help="Remove whole bases, not single units; this also makes encoding faster."),
    option("--like", type=FILE, metavar="OTHER", help="Choose the units by another model of the same encoder."),
)
@data_options.test_data_option
@options.seed_option
@work_options.threads_option
@section("Output", option("--output", type=FILE, required=True, help="The pruned model's file."))
@options.overwrite_option
@options.audit_option()
@message_options.json_option
def prune(**choice: Any) -> None:
    """Remove the least salient code units from a model.

    They are removed from the encoder and the sums of MODEL; no data is needed. The pruned model can go on learning. It
    merges with models from which the same units were removed (--like).

    \b
    Examples:
      python cli.py sparse prune monday.safetensors --fraction 0.5 --output small.safetensors
      python cli.py sparse prune monday.safetensors --whole --data digits --output small.safetensors
      python cli.py sparse prune tuesday.safetensors --like monday.safetensors --output both.st
    """
    from indeependence.data.selection import Source
    from indeependence.experiment.pruning import Pruning
    from indeependence.experiment.pruning import prune as run
    from indeependence.files.lock import sole_writer_of

    checked = {"output": choice["output"], "overwrite": choice.pop("overwrite"), "like": choice["like"]}
    outputs.check_outputs(checked, output=outputs.model([choice["file"]]))
    settings = taken(Pruning, choice, tests=taken(Source, choice) if choice["data"] else None)
    with limited_threads(choice["threads"]), sole_writer_of(choice["output"]):
        done = run(choice["file"], choice["output"], settings, threads=choice["threads"])
    say(facts_of(done.model, choice["output"], **done.changes()), as_json=choice["as_json"])


@command()
@click.argument("file", type=FILE, metavar="MODEL")
@section("Pruning", option("--top", type=COUNT, default=5, show_default=True, help="Units to show for each class."))
@message_options.json_option
def saliency(file: Path, top: int, as_json: bool) -> None:
    """Show which code units work for which class.

    Also shows how similar the codes of classes are. All of it comes from the sums: mean activated absolute values
    |W|·mean code, and cosines over all pairs of examples.

    \b
    Example:
      python cli.py sparse saliency artifacts/model.safetensors --top 5
    """
    from indeependence.models.classifier.classifier import ContinualClassifier
    from indeependence.pruning.facts import saliency_facts

    facts = saliency_facts(ContinualClassifier.load(file), top=top)
    if as_json:
        click.echo(json.dumps(facts))
        return
    click.echo(f"{'class':16}{'mean |W|·h':12}units that work most for it (beyond others)")
    for entry in facts["classes"]:
        units = ", ".join(map(str, entry["units"]))
        click.echo(f"{shown(entry['label']):16}{entry['mean_activated_value']:<12.6f}{units}")
    for name in ("cosine_within", "cosine_between", "centred_cosine_within", "centred_cosine_between"):
        if facts[name] is not None:
            click.echo(f"{name.replace('_', ' '):28}{facts[name]:.4f}")
