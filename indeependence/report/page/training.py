"""The page of one run of ``train``: what the model knows now, what it looks like inside, and what it cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from indeependence.models.galleries import Inside
from indeependence.report.formatting import percent, readable_bytes, readable_seconds
from indeependence.report.page import inside_sections
from indeependence.report.page.class_sections import class_contents
from indeependence.report.page.document import DATA, Figure, Section, document, plot
from indeependence.report.page.markup import drawing, html_table
from indeependence.report.plots.curves import running_figure
from indeependence.report.plots.rendering import svg
from indeependence.report.result import Costs, Mistake, plain


@dataclass(frozen=True, eq=False)
class Training:
    """One run of ``train``; C classes have examples in the model."""

    data: str
    learned_now: int  # examples of this run
    learned: int  # examples in all
    examples: tuple[tuple[int | str, int], ...]  # each class and its examples in the model; empty where nobody counts
    classes: tuple[int | str, ...]  # C
    confusion: np.ndarray  # [C, C] counts on test examples of these classes, rows are true; all 0 if there are none
    mistakes: tuple[Mistake, ...]
    errors: Sequence[float]  # running error after each example, of an autoencoder; else none
    statistics_bytes: int
    costs: Costs
    facts: Mapping[str, Any]  # what the command printed, for results.json
    inside: Inside
    options: Mapping[str, Any]
    command: str

    @property
    def accuracy(self) -> float | None:
        """The accuracy on test examples of the classes learned; None where there are none."""
        total = self.confusion.sum()
        return float(np.trace(self.confusion) / total) if total else None

    def to_json(self) -> dict[str, Any]:
        """Return all of it but the pictures, in types that JSON has."""
        figures = {
            **self.facts,
            "per_class": dict(self.examples),
            "confusion_matrix": self.confusion,
            **vars(self.costs),
            "options": self.options,
            "command": self.command,
        }
        return plain(figures)


def training_page(training: Training) -> str:
    """Return the page of a run as text, of the same pieces as that of an evaluation."""
    fingerprints = {
        name.removesuffix("_sha256"): training.facts[name] for name in sorted(training.facts) if _is_hash(name)
    }
    contents = [
        Section("Running error", _running_section(training.errors), half=True),
        *(class_contents(training) if training.accuracy is not None else ()),
        Section("Examples of each class", _example_section(training.examples), half=True),
        *(
            Section(gallery.title, inside_sections.gallery_section(gallery), half=True)
            for gallery in training.inside.galleries
        ),
        Section("Spectrum of the code", inside_sections.spectrum_section(training.inside), half=True),
        Section(
            "How to run it again",
            inside_sections.command_section(training.command, training.options, fingerprints),
        ),
    ]
    curve = {"Running error": ("error.csv", *plot("error"))} if len(training.errors) else {}
    return document(_title(training), _summary(training), _headline(training), contents, {**DATA, **curve})


def _is_hash(name: str) -> bool:
    return name.endswith("_sha256")


def _title(training: Training) -> str:
    classes = len(training.classes)
    if not classes:
        return f"{training.learned:,} pairs of {training.data}"
    known = f"{classes} {'class' if classes == 1 else 'classes'} of {training.data}"
    return known if training.accuracy is None else f"{percent(training.accuracy)} % on {known}"


def _summary(training: Training) -> str:
    layers = training.facts["layers"]
    return f"{training.learned_now:,} examples learned now, {training.learned:,} in all; layers {layers}."


def _headline(training: Training) -> list[Figure]:
    costs, total = training.costs, training.learned
    return [
        *(
            [Figure("Accuracy", f"{percent(training.accuracy)} %", "on test examples of all classes learned")]
            if training.accuracy is not None
            else []
        ),
        *(
            [Figure("Running error", f"{training.errors[-1]:.3f}", "each label told before it was learned")]
            if training.errors
            else []
        ),
        Figure("Learned now", f"{training.learned_now:,}", f"examples; {total:,} in the model"),
        Figure("Stored examples", "0", f"of {total:,} seen"),
        Figure("Size of the sums", readable_bytes(training.statistics_bytes), "however many examples come"),
        Figure("Time", readable_seconds(costs.wall_seconds), f"{readable_seconds(costs.cpu_seconds)} of CPU time"),
        Figure("Peak memory", readable_bytes(costs.peak_memory_bytes)),
    ]


def _running_section(errors: Sequence[float]) -> str:
    if not len(errors):
        return ""
    return drawing(
        svg(running_figure(errors), "running"),
        f"Line plot of the running error, from {errors[0]:.3f} to {errors[-1]:.3f} after {len(errors):,} examples.",
        "The running error: each label is told before it is learned, and each example is seen once.",
    )


def _example_section(examples: Sequence[tuple[int | str, int]]) -> str:
    if not examples:
        return ""
    largest = sorted(examples, key=lambda entry: -entry[1])[:25]
    caption = "In the model, of this run and all before"
    if len(largest) < len(examples):
        caption += f": the {len(largest)} largest of {len(examples):,}"
    chosen = {label for label, _ in largest}
    rows = [(str(label), [f"{count:,}"]) for label, count in examples if label in chosen]
    return html_table(caption, ["Class", "Examples"], rows)
