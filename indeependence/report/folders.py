"""Which files the reports of an evaluation have, in which folders, and what an earlier one left there."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path

from indeependence.files.ours import remove_ours
from indeependence.report.plots.rendering import FORMATS

AVERAGE = "moving_average"  # folder of the runs that keep moving averages
_SEEDS = ("seed-*", f"{AVERAGE}/seed-*", AVERAGE)  # folders inside before those around them
PLACES = (*(f"layers-*/{place}" for place in _SEEDS), "layers-*", *_SEEDS)


def _files(names: Iterable[str], plots: Iterable[str]) -> tuple[str, ...]:
    return ("report.html", "results.json", *names, *(f"{plot}.{kind}" for plot in plots for kind in FORMATS))


EVALUATION = _files((), ("accuracy_matrix", "learning_curve"))
JOINT = _files(("table.md", "table.tex", "values.csv"), ("accuracy_by_task",))
COMPARISON = (*JOINT, *(f"accuracy_by_bytes.{kind}" for kind in FORMATS))
ALL = tuple(dict.fromkeys((*EVALUATION, *COMPARISON)))


def places_in(output: Path) -> list[Path]:
    """Return the folders of reports below ``output``, those inside others first."""
    return [folder for pattern in PLACES for folder in sorted(output.glob(pattern)) if folder.is_dir()]


def clear_stale(output: Path, folders: Iterable[Path], names: Iterable[str] = ()) -> list[Path]:
    """Remove what earlier reports left in and below ``output``, but for the ``folders`` of the present runs.

    Of a folder whose page is ours the files of our names are removed, and the folder if nothing else is in it. In
    ``output`` itself those of these ``names`` stay, as they will be replaced. Return the folders in which something is
    left that is not ours.
    """
    present = set(folders)
    removed = [folder for folder in places_in(output) if folder not in present and remove_ours(folder, ALL)]
    for folder in removed:
        for emptied in (folder, *folder.parents[: len(folder.relative_to(output).parts) - 1]):
            with contextlib.suppress(OSError):
                emptied.rmdir()
    keep = set(EVALUATION) if output in present else set(names)
    remove_ours(output, [name for name in ALL if name not in keep])
    return [folder for folder in removed if folder.is_dir()]
