"""The results of several labels a row: measures, as JSON, as tables, and as lines."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from indeependence.report.cells import csv_cell
from indeependence.report.formatting import percent
from indeependence.report.result import Asked

OF_LABEL = ("label", "examples", "right", "recall", "precision", "accuracy", "f1", "threshold")


@dataclass(frozen=True, eq=False)
class LabelsResult:
    """What was measured on rows of which each can have several labels; after each part of the others, or once."""

    examples: tuple[int, ...]  # learned, after each part
    curve: tuple[dict[str, Any], ...]  # `measured_labels` after each part
    tested: int  # rows
    facts: dict[str, Any]
    is_test: bool = False  # of a saved model, which has no curve


def measured_labels(
    names: Sequence[str], right: np.ndarray, given: np.ndarray, thresholds: np.ndarray
) -> dict[str, Any]:
    """Return measures of answers ``given [N, L]``, 0 or 1, to rows whose labels are ``right [N, L]``.

    Hamming loss is the share of wrong labels, subset accuracy that of rows with all labels right. F1 is
    ``2 hits / (given + there)``: micro of all labels together, macro as the mean over labels. A share of nothing is
    None; the macro mean leaves labels out that no row has and none was given.

    >>> found = measured_labels(["a"], np.array([[1], [0]]), np.array([[1], [1]]), np.array([0.5]))
    >>> found["hamming_loss"], found["labels"][0]["precision"], round(found["f1_micro"], 2)
    (0.5, 0.5, 0.67)
    """
    hits, there, answered = ((part != 0).sum(0) for part in (right & given, right, given))
    rows = [
        {
            "label": name,
            "examples": int(there[place]),
            "right": int(hits[place]),
            "recall": _share(hits[place], there[place]),
            "precision": _share(hits[place], answered[place]),
            "accuracy": float((right[:, place] == given[:, place]).mean()),
            "f1": _share(2 * hits[place], there[place] + answered[place]),
            "threshold": float(thresholds[place]),
        }
        for place, name in enumerate(names)
    ]
    each: list[Any] = [row["f1"] for row in rows if row["f1"] is not None]
    return {
        "hamming_loss": float((right != given).mean()),
        "subset_accuracy": float((right == given).all(1).mean()),
        "f1_micro": _share(2 * hits.sum(), there.sum() + answered.sum()),
        "f1_macro": float(np.mean(each)) if each else None,
        "labels": rows,
    }


def _share(part: Any, whole: Any) -> float | None:
    return float(part / whole) if whole else None


def labels_json(result: LabelsResult, asked: Asked) -> dict[str, Any]:
    """Return all figures as plain JSON values."""
    return {
        "data": asked.data,
        "command": asked.command,
        "options": dict(asked.options),
        "tested": result.tested,
        "measured": result.curve[-1],
        "curve": [{"examples": n, "measured": found} for n, found in zip(result.examples, result.curve, strict=True)],
        "model": result.facts,
    }


def labels_table(result: LabelsResult) -> str:
    """Return a table with a row for each label."""
    return _csv([{name: row[name] for name in OF_LABEL} for row in result.curve[-1]["labels"]], OF_LABEL)


def answers_table(names: Sequence[str], answers: Sequence[dict[str, Any]]) -> str:
    """Return a table with a row for each answer: its name, and 0 or 1 and the probability of each label.

    >>> print(answers_table(["a"], [{"name": "1", "labels": ["a"], "probabilities": {"a": 0.75}}]))
    name,a,a_probability
    1,1,0.75
    <BLANKLINE>
    """
    rows = []
    for answer in answers:
        row: dict[str, Any] = {"name": answer["name"]}
        for name in names:
            row |= {name: int(name in answer["labels"]), f"{name}_probability": answer["probabilities"][name]}
        rows.append(row)
    return _csv(rows, ("name", *(part for name in names for part in (name, f"{name}_probability"))))


def _csv(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> str:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow([csv_cell(column) for column in columns])
    table.writerows([csv_cell(row[column]) for column in columns] for row in rows)
    return text.getvalue()


def lines(found: dict[str, Any], tested: int) -> list[str]:
    """Return measures as lines for people."""
    width = max(len("label"), *(len(row["label"]) for row in found["labels"])) + 2
    right, f1 = percent(found["subset_accuracy"]), [rounded(found[f"f1_{kind}"]) for kind in ("micro", "macro")]
    measures = (
        f"{tested:,} rows: Hamming loss {found['hamming_loss']:.4f}, all labels right {right} %, F1 "
        f"{f1[0]} micro, {f1[1]} macro"
    )
    text = [
        measures,
        f"{'label':{width}}{'accuracy':>9}{'recall':>8}{'precision':>11}{'F1':>7}{'rows':>7}{'threshold':>11}",
    ]
    for row in found["labels"]:
        shares = (
            f"{percent(row['accuracy']):>9}{percent_or_none(row['recall']):>8}{percent_or_none(row['precision']):>11}"
        )
        text.append(
            f"{row['label']:{width}}{shares}{rounded(row['f1']):>7}{row['examples']:>7,}{row['threshold']:>11.2f}"
        )
    return text


def percent_or_none(share: float | None) -> str:
    """Return a share in percent, or a dash."""
    return "–" if share is None else percent(share)


def rounded(value: float | None) -> str:
    """Return a measure with three digits, or a dash."""
    return "–" if value is None else f"{value:.3f}"
