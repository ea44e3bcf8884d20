"""Sections on the model itself: pictures of its units, the spread of its code, and how to run it again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from indeependence.models.galleries import Gallery, Inside
from indeependence.report.formatting import percent
from indeependence.report.page.markup import drawing, escaped, facts, mosaic
from indeependence.report.plots.curves import spectrum_figure
from indeependence.report.plots.rendering import svg
from indeependence.report.result import plain


def gallery_section(gallery: Gallery) -> str:
    """Return the pictures of a gallery below their description."""
    text = f"<p>{escaped(gallery.description)}</p>"
    return text + "\n" + mosaic(gallery.pictures, gallery.columns, f"{gallery.title}: {gallery.description}")


def spectrum_section(inside: Inside) -> str:
    """Return a plot of the spectrum of the code and how widely it spreads; "" where there is none."""
    spectrum = inside.spectrum
    if spectrum is None:
        return ""
    explained = spectrum.explained
    said = (
        f"The code has {spectrum.units:,} units and spreads as widely as {spectrum.effective:.1f} equal directions. "
        f"{_needed(explained, 0.5)}{_needed(explained, 0.9)}"
    )
    last = f"the first {len(explained)} hold {percent(float(explained[-1]), decimals=1)} %"
    return f"<p>{escaped(said.strip())}</p>\n" + drawing(
        svg(spectrum_figure(spectrum), "spectrum"),
        f"Line plot of the largest eigenvalues of the code's covariance, falling; {last} of the variance.",
        f"Eigenvalues of the code's covariance (solid) and what they hold together (dashed): {last}.",
    )


def _needed(explained: np.ndarray, share: float) -> str:
    """Return how many directions hold that share; "" where more are needed than are known."""
    if explained[-1] < share:
        return ""
    count = int(np.searchsorted(explained, share)) + 1
    return f"{count} {'direction holds' if count == 1 else 'directions hold'} {100 * share:.0f} % of the variance. "


def command_section(command: str, options: Mapping[str, Any], fingerprints: Mapping[str, str]) -> str:
    """Return the command that made it all, the options that were not left empty, and the fingerprints."""
    empty = {id(None), id(False)}  # by identity: a seed of 0 was given
    given = {name: _setting(value) for name, value in options.items() if id(value) not in empty}
    prints = f"\n<h3>Fingerprints</h3>\n{facts(fingerprints, look='long')}" if fingerprints else ""
    return (
        f"<p>One click selects the whole command.</p>\n<pre><code>{escaped(command)}</code></pre>\n"
        f"<h3>Options</h3>\n{facts(given)}{prints}"
    )


def _setting(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(plain(value), ensure_ascii=False)
