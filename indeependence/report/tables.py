"""Series of runs as tables for a paper: Markdown, LaTeX and CSV, with every seed's values."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from indeependence.errors import shown
from indeependence.report.cells import csv_cell
from indeependence.report.series import Metric, Series, plus_minus, shown_metrics

_ESCAPES = {
    **{letter: f"\\{letter}" for letter in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\\": r"\textbackslash{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
}


def table_files(series: Sequence[Series], first: str) -> dict[str, bytes]:
    """Return the tables by the names of their files; ``first`` is the heading of the names."""
    return {
        "table.md": markdown_table(series, first).encode(),
        "table.tex": latex_table(series, first).encode(),
        "values.csv": values_csv(series, first).encode(),
    }


def headings(metrics: Sequence[Metric]) -> list[str]:
    """Return the heading of each metric's column, with its unit."""
    return [f"{metric.title}, {metric.unit}" for metric in metrics]


def cells(one: Series, metrics: Sequence[Metric], *, sign: str = "±") -> list[str]:
    """Return mean and deviation of each metric."""
    return [plus_minus(metric, one.spread(metric.name), sign=sign) for metric in metrics]


def markdown_table(series: Sequence[Series], first: str) -> str:
    """Return mean ± deviation of each series, and below it a row for each seed's values."""
    metrics = shown_metrics(series)
    head = [first, *headings(metrics)]
    lines = [_row(head), "| --- |" + " ---: |" * len(metrics)]
    lines += [_row([one.name, *cells(one, metrics)]) for one in series]
    if len(series[0].results) > 1:
        lines += ["", f"Mean ± standard deviation (N - 1) over {len(series[0].results)} seeds. Each of them:", ""]
        lines += [_row([first, "seed", *head[1:]]), "| --- | ---: |" + " ---: |" * len(metrics)]
        lines += [
            _row([one.name, str(result.seed), *(metric.text(getattr(result, metric.name)) for metric in metrics)])
            for one in series
            for result in one.results
        ]
    return "\n".join(lines) + "\n"


def _row(words: Sequence[str]) -> str:
    return f"| {' | '.join(shown(word).replace('|', chr(92) + '|') for word in words)} |"


def latex_table(series: Sequence[Series], first: str) -> str:
    """Return mean ± deviation of each series as a ``tabular`` of booktabs; every seed's values stand in comments."""
    metrics = shown_metrics(series)
    lines = [
        r"% \usepackage{booktabs} in the preamble; mean \pm standard deviation (N - 1) over seeds",
        rf"\begin{{tabular}}{{l{'r' * len(metrics)}}}",
        r"\toprule",
        _latex_row([first, *headings(metrics)]),
        r"\midrule",
        *(_latex_row([one.name, *cells(one, metrics)]) for one in series),
        r"\bottomrule",
        r"\end{tabular}",
    ]
    for one in series:
        for result in one.results:
            values = ", ".join(f"{metric.title} {metric.text(getattr(result, metric.name))}" for metric in metrics)
            lines.append(f"% {shown(one.name)}, seed {result.seed}: {values}")
    return "\n".join(lines) + "\n"


def _latex_row(words: Sequence[str]) -> str:
    return " & ".join(latex(word) for word in words) + r" \\"


def latex(text: str) -> str:
    r"""Return a text as LaTeX that shows it; numbers as mathematics, so that their signs are no hyphens.

    >>> latex("a_b & 5 %"), latex("62.50 ± 0.30"), latex("-1.00"), latex("–")
    ('a\\_b \\& 5 \\%', '$62.50 \\pm 0.30$', '$-1.00$', '--')
    """
    numbers = text.replace(" ± ", "")
    if text and any(letter.isdigit() for letter in text) and not numbers.strip("+-.0123456789"):
        return f"${text.replace('±', chr(92) + 'pm')}$"
    return "".join(_ESCAPES.get(letter, letter) for letter in shown(text)).replace("–", "--")


def values_csv(series: Sequence[Series], first: str) -> str:
    """Return a row for each run: name, seed, class order, every metric, the accuracy on each test set, fingerprint.

    Shares are from 0 to 1, unrounded; what has no meaning is empty.
    """
    metrics = shown_metrics(series)
    tests = [f"accuracy on {name}" for name in series[0].test_names]
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(
        [first, "seed", "class_order", *(metric.name for metric in metrics), *map(csv_cell, tests), "model_sha256"]
    )
    for one in series:
        for result in one.results:
            order = " ".join(map(str, result.class_order or ()))
            figures = [getattr(result, metric.name) for metric in metrics]
            row = [one.name, result.seed, order, *figures, *result.accuracy_matrix[-1].tolist(), result.model_sha256]
            writer.writerow(map(csv_cell, row))
    return stream.getvalue()
