"""Answers to inputs as a table of text."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from indeependence.report.cells import csv_cell


def answers_csv(answers: Sequence[dict[str, Any]]) -> str:
    """Return a table with a row for each answer: its name, label, number, and the other labels in columns of their own.

    >>> other = {"label": "dog", "probability": 0.25}
    >>> print(answers_csv([{"name": "1", "label": "cat", "probability": 0.75, "unlike": False, "others": [other]}]))
    name,label,probability,unlike,label_2,probability_2
    1,cat,0.75,false,dog,0.25
    <BLANKLINE>
    """
    rows = []
    for answer in answers:
        row = {key: value for key, value in answer.items() if key != "others"}
        for place, other in enumerate(answer["others"], start=2):
            row |= {f"{key}_{place}": value for key, value in other.items()}
        rows.append({key: csv_cell(value) for key, value in row.items()})
    text = io.StringIO()
    longest = max(rows, key=len, default={})
    table = csv.DictWriter(text, list(longest), restval="", lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return text.getvalue()
