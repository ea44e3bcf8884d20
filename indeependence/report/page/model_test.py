"""The page of a test of a saved model."""

from __future__ import annotations

import numpy as np

from indeependence.report.calibration import calibration_error, reliability
from indeependence.report.formatting import percent
from indeependence.report.model_test import ModelTest
from indeependence.report.page import inside_sections
from indeependence.report.page.class_sections import confusion_section, mistake_section
from indeependence.report.page.document import DATA, HALF, Figure, Section, document
from indeependence.report.page.long_tables import cut, most
from indeependence.report.page.markup import Cell, Rows, html_table


def model_test_page(test: ModelTest) -> str:
    """Return the page of a test as text; every name in it is escaped."""
    few = len(test.classes) <= 2 * HALF
    there = bool(len(test.right))
    contents = [
        Section("Each class", _class_section(test) if there else "", half=few),
        Section("Confusion matrix", confusion_section(test) if there else "", half=few),
        Section("Can its probabilities be believed?", _reliability_section(test) if there else "", half=True),
        Section("Classes that it never learned", _unlearned_section(test), half=True),
        Section("Most confident mistakes", mistake_section(test)),
        Section("How to run it again", inside_sections.command_section(test.asked.command, test.asked.options, {})),
    ]
    return document(_title(test), _summary(test), _headline(test), contents, {**DATA, "Classes": ("classes.csv",)})


def _title(test: ModelTest) -> str:
    return f"{percent(test.accuracy)} % on {test.asked.data}"


def _summary(test: ModelTest) -> str:
    unlearned = sum(test.unlearned.values())
    apart = f"; {unlearned:,} more of classes that it never learned are counted apart" if unlearned else ""
    return f"{test.model}, tested on {len(test.right):,} examples{apart}."


def _headline(test: ModelTest) -> list[Figure]:
    steps = reliability(test.probabilities, test.right == test.given)
    figures = [
        Figure("Accuracy", f"{percent(test.accuracy)} %", "on examples of the classes that it learned"),
        Figure("Calibration error", percent(calibration_error(steps)), "points between probability and accuracy"),
    ]
    if test.limits:
        figures += [
            Figure("Answered", f"{percent(test.coverage)} %", "the rest is unknown"),
            Figure("Accuracy of the answered", f"{percent(test.accuracy_of_known)} %"),
        ]
    if test.unlike is not None:
        figures.append(Figure("Unlike", f"{test.unlike:,}", "examples that are unlike all that was learned"))
    return figures


def _class_section(test: ModelTest) -> str:
    rows = test.per_class()
    shares = [np.array([row[name] for row in rows], float) for name in ("recall", "precision")]  # None is NaN
    chosen = most(-np.nan_to_num(shares[0], nan=2.0))
    cells: Rows = [
        (
            str(rows[i]["label"]),
            [
                *(Cell(percent(share[i]), share[i], "bar") for share in shares),
                *(f"{rows[i][name]:,}" for name in ("right", "examples")),
            ],
        )
        for i in chosen
    ]
    caption = "Recall: of a class, what was recognised; precision: of what was called so, what is so"
    return html_table(
        caption + cut(len(chosen), len(rows), "least recognised"),
        ["Class", "Recall, %", "Precision, %", "Right", "Examples"],
        cells,
    )


def _reliability_section(test: ModelTest) -> str:
    rows: Rows = [
        (
            f"above {100 * step.above:.0f} %",
            [percent(step.probability), Cell(percent(step.accuracy), step.accuracy, "bar"), f"{step.examples:,}"],
        )
        for step in reliability(test.probabilities, test.right == test.given)
    ]
    head = ["Probability", "Mean probability, %", "Accuracy, %", "Examples"]
    return html_table("Answers by their probability: the two shares should be alike", head, rows)


def _unlearned_section(test: ModelTest) -> str:
    if not test.unlearned:
        return ""
    rows: Rows = [(str(label), [f"{count:,}"]) for label, count in list(test.unlearned.items())[:25]]
    return html_table("Not part of the accuracy", ["Class", "Examples"], rows)
