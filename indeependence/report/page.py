"""The result as one HTML page that needs nothing else: no network, no script, no other file."""

from __future__ import annotations

from importlib import resources
from string import Template

from indeependence.report import sections
from indeependence.report.markup import escaped
from indeependence.report.result import Result
from indeependence.report.units import compared_bytes, percent, points, readable_bytes, readable_seconds

# Even if a name got past the escaping, this policy lets the browser run nothing and fetch nothing.
DOCUMENT = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>$title</title>
<link rel="icon" href="data:,">
<style>
$style</style>
</head>
<body>
$body
</body>
</html>
""")


def page(result: Result) -> str:
    """The whole page as text, in light and dark, for screens of any width and for paper.

    Every name in it is escaped. Matrices of more than 25 rows or columns are drawn; long lists are cut to the
    rows that matter most, and say so.
    """
    contents = [
        ("Accuracy matrix", sections.accuracy_matrix_section(result)),
        ("Learning curves", sections.learning_curve_section(result)),
        ("Forgetting", sections.forgetting_section(result)),
        ("Accuracy of each class", sections.class_section(result)),
        ("Confusion matrix", sections.confusion_section(result)),
        ("Most confident mistakes", sections.mistake_section(result)),
        ("Time and memory", sections.cost_section(result)),
        ("How to run it again", sections.option_section(result)),
    ]
    parts = [
        f'<section aria-labelledby="s{number}">\n<h2 id="s{number}">{escaped(name)}</h2>\n{content}\n</section>'
        for number, (name, content) in enumerate(contents, start=1)
        if content
    ]
    body = f"{_header(result)}\n<main>\n" + "\n".join(parts) + f"\n</main>\n{_footer()}"
    style = resources.files("indeependence.report").joinpath("page.css").read_text(encoding="utf-8")
    return DOCUMENT.substitute(title=escaped(_title(result)), style=style, body=body)


def _title(result: Result) -> str:
    return f"{percent(result.average_accuracy)} % on {result.data}, {result.scenario}, {result.setting}-incremental"


def _header(result: Result) -> str:
    tasks, examples = len(result.task_names), sum(result.examples_per_task)
    learned = f"{examples:,} examples in {tasks} {'part' if tasks == 1 else 'parts'}"
    summary = f"{learned}; encoder {result.encoder}; seed {result.seed}."
    figures = "\n".join(
        f"<div><dt>{escaped(name)}</dt><dd><strong>{escaped(value)}</strong> <span>{escaped(note)}</span></dd></div>"
        for name, value, note in _headline(result)
    )
    return (
        f"<header>\n<h1>{escaped(_title(result))}</h1>\n<p>{escaped(summary)}</p>\n"
        f'<dl class="headline">\n{figures}\n</dl>\n</header>'
    )


def _headline(result: Result) -> list[tuple[str, str, str]]:
    """Name, value and note of the figures at the top; transfer only where it is defined."""
    transfers = [
        ("Backward transfer", result.backward_transfer, "points, what later tasks did to earlier ones"),
        ("Forward transfer", result.forward_transfer, "points above chance, before a task was learned"),
    ]
    learning = result.learning_accuracy
    return [
        ("Average accuracy", f"{percent(result.average_accuracy)} %", "over all test sets, after the last part"),
        ("Forgetting", percent(result.forgetting), "points, below the best so far"),
        *((name, points(value), note) for name, value, note in transfers if value is not None),
        *([] if learning is None else [("Learning accuracy", f"{percent(learning)} %", "right after each task")]),
        ("Stored examples", f"{result.stored_examples:,}", f"of {sum(result.examples_per_task):,} seen"),
        (
            "Size of the sums",
            readable_bytes(result.statistics_bytes),
            f"{compared_bytes(result.statistics_bytes, result.data_bytes)} ({readable_bytes(result.data_bytes)})",
        ),
        ("Time", readable_seconds(result.wall_seconds), f"{readable_seconds(result.cpu_seconds)} of CPU time"),
    ]


def _footer() -> str:
    return "<footer>All figures, those left out of long tables too, are in <code>results.json</code>.</footer>"
