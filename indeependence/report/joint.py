"""Several series of runs on the same tasks, as one JSON object."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from indeependence import __version__
from indeependence.report.metrics import FORMULAS
from indeependence.report.result import Asked, plain
from indeependence.report.series import Series


def joint_json(series: Sequence[Series], asked: Asked) -> dict[str, Any]:
    """Return what is common to all runs of an evaluation, and the figures of each series."""
    return {**common_json("evaluations", series, asked), "series": [one.to_json() for one in series]}


def common_json(kind: str, series: Sequence[Series], asked: Asked) -> dict[str, Any]:
    """Return what all runs have in common: tasks, seeds and class orders, formulas, and how to make them again."""
    results = series[0].results
    return plain(
        {
            "kind": kind,
            "version": __version__,
            "data": results[0].data,
            "data_sha256": asked.data_sha256,
            "scenario": results[0].scenario,
            "setting": results[0].setting,
            "task_names": series[0].task_names,
            "seeds": [result.seed for result in results],
            "class_orders": [result.class_order for result in results],
            "formulas": FORMULAS,
            "options": dict(asked.options),
            "command": asked.command,
        }
    )
