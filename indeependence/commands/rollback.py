"""``rollback``: go back to an older version of a model's file."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import click

from indeependence.commands.shared import message_options, options
from indeependence.commands.shared.facts import facts_of, say
from indeependence.commands.shared.help import command, option, section
from indeependence.commands.shared.types import COUNT


@command()
@options.model_option
@section(
    "Model",
    option("--version", "number", type=COUNT, default=1, show_default=True, help="Which one; 1 is the newest of them."),
    option("--list", "listed", is_flag=True, help="Only show which older versions there are."),
)
@options.audit_option()
@message_options.json_option
def rollback(**choice: Any) -> None:
    """Replace a model's file by an older version of it.

    serve --keep N keeps older versions as FILE.before-1, FILE.before-2, …. The file that is replaced becomes the newest
    of them, so rolling back once more undoes it. What was forgotten since then is known again: remove older versions
    once something must be gone for good.

    \b
    Example:
      python cli.py rollback --model artifacts/served.safetensors
    """
    from indeependence import models
    from indeependence.files.lock import sole_writer_of
    from indeependence.files.versions import check_version, older, roll_back
    from indeependence.history.trail import Trail

    path, number = choice["model"], choice["number"]
    if choice["listed"]:
        for place, version in enumerate(older(path), start=1):
            _show(place, version, as_json=choice["as_json"])
        return
    with sole_writer_of(path, existing=True):
        trail = Trail(path, choice["audit"])
        model = models.open(check_version(path, number))  # a damaged one is refused before anything is done
        trail.replace("rollback", model.facts, lambda: roll_back(path, number), version=number)
    say(facts_of(model, path), as_json=choice["as_json"])


def _show(number: int, version: Path, *, as_json: bool) -> None:
    """Print one line about an older version."""
    from indeependence import models

    facts = models.open(version).facts()
    when = datetime.fromtimestamp(version.stat().st_mtime, timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
    about = {"version": number, "written": f"{when} UTC", "examples": facts["examples"]}
    about |= {"classes": len(facts["classes"]), "model_sha256": facts["model_sha256"]}
    if as_json:
        click.echo(json.dumps(about))
    else:
        counts = f"{about['examples']} examples of {about['classes']} classes"
        click.echo(f"{number:3}  {about['written']}  {counts}  {about['model_sha256'][:12]}")
