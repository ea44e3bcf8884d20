"""The facts about a model and its file, for programs and for people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click

if TYPE_CHECKING:

    class HasFacts(Protocol):
        """A model, or anything else that describes itself in plain JSON values."""

        def facts(self) -> dict[str, Any]: ...


def facts_of(model: HasFacts, path: Path, **more: Any) -> dict[str, Any]:
    """Return the facts about the ``model`` in the file ``path``, the bytes of the file, and ``more``."""
    files = path.rglob("*") if path.is_dir() else [path]
    facts = model.facts()
    place = "file" if "file" in facts else "model"
    size = sum(file.stat().st_size for file in files)
    return {place: None} | facts | {place: str(path), "file_bytes": size} | more


def say(facts: dict[str, Any], *, as_json: bool) -> None:
    """Print ``facts`` as one JSON object, or one fact a line for people."""
    if as_json:
        click.echo(json.dumps(facts))
    else:
        print_facts(facts)


def print_facts(facts: dict[str, Any]) -> None:
    """Print one fact a line, for people."""
    from indeependence.errors import shown as visible
    from indeependence.report.formatting import readable_bytes

    shown = dict(facts)
    if "classes" in facts:
        classes = ", ".join(f"{entry['class']} ({entry['examples']:,})" for entry in facts["classes"])
        shown["classes"] = classes or "none yet"
    if "targets" in facts:
        shown["targets"] = ", ".join(f"{entry['target']} (by {entry['step']:g})" for entry in facts["targets"])
    if "contexts" in facts:
        contexts = (
            f"{c['context']} ({c['examples']:,}, {'open' if c['open'] else 'closed'})" for c in facts["contexts"]
        )
        shown["contexts"] = ", ".join(contexts) or "none yet"
    if "tasks" in facts:
        tasks = ", ".join(f"{task} ({count:,})" for task, count in (facts["tasks"] or {}).items())
        shown["tasks"] = tasks or None
    for name, value in shown.items():
        if value is None:
            continue
        if name.endswith("bytes"):
            value = readable_bytes(value)
        if name == "drift" or name.startswith("layer_"):
            value = ", ".join(f"{share:.4f}" for share in value)
        if name == "labels":
            value = ", ".join(
                f"{one['label']} ({one['examples']:,})" if isinstance(one, dict) else str(one) for one in value
            )
        if name in ("input_shape", "output_shape", "target_shape"):
            value = "x".join(map(str, value))
        text = f"{value:.4g}" if isinstance(value, float) else visible(value)
        click.echo(f"{visible(name.replace('_', ' ')):28}{text}")
