"""A report as one HTML page that needs nothing else: no network, no script, no other file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import resources
from string import Template

from indeependence.report.formatting import compared_bytes, percent, points, readable_bytes, readable_seconds
from indeependence.report.page import class_sections, inside_sections, sections
from indeependence.report.page.markup import escaped
from indeependence.report.result import Result

HALF = 8  # columns of a table that fits beside another section

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


@dataclass(frozen=True)
class Section:
    """A section: its heading, its HTML text ("" leaves it out), and whether it may stand beside another one."""

    name: str
    content: str
    half: bool = False


@dataclass(frozen=True)
class Figure:
    """A figure at the top: what it is, its value, and a note."""

    name: str
    value: str
    note: str = ""


def document(title: str, summary: str, headline: Sequence[Figure], contents: Sequence[Section]) -> str:
    """A whole page as text, in light and dark, for screens of any width and for paper. ``title``, ``summary`` and
    all names are escaped here; the content of sections was, piece by piece, as it was made."""
    shown = paired([section for section in contents if section.content])
    parts = "\n".join(_section(number, section) for number, section in enumerate(shown, start=1))
    links = "\n".join(f'<li><a href="#s{number}">{escaped(one.name)}</a></li>' for number, one in enumerate(shown, 1))
    figures = "\n".join(
        f"<div><dt>{escaped(one.name)}</dt>"
        f"<dd><strong>{escaped(one.value)}</strong> <span>{escaped(one.note)}</span></dd></div>"
        for one in headline
    )
    body = (
        f"<header>\n<h1>{escaped(title)}</h1>\n<p>{escaped(summary)}</p>\n"
        f'<dl class="headline">\n{figures}\n</dl>\n'
        f'<nav aria-label="Sections"><ul>\n{links}\n</ul></nav>\n</header>\n'
        f"<main>\n{parts}\n</main>\n"
        "<footer>All figures, those left out of long tables too, are in <code>results.json</code>.</footer>"
    )
    style = resources.files("indeependence.report.page").joinpath("page.css").read_text(encoding="utf-8")
    return DOCUMENT.substitute(title=escaped(title), style=style, body=body)


def paired(sections: Sequence[Section]) -> list[Section]:
    """The sections, with a half one that has no other half beside it made whole.

    >>> [one.half for one in paired([Section("a", "-", True), Section("b", "-", True), Section("c", "-", True)])]
    [True, True, False]
    """
    found = list(sections)
    at = 0
    while at < len(found):
        together = all(one.half for one in found[at : at + 2]) and at + 1 < len(found)
        found[at] = replace(found[at], half=together)
        at += 2 if together else 1
    return found


def _section(number: int, section: Section) -> str:
    look = ' class="half"' if section.half else ""
    return (
        f'<section aria-labelledby="s{number}"{look}>\n<h2 id="s{number}">{escaped(section.name)}</h2>\n'
        f"{section.content}\n</section>"
    )


def page(result: Result) -> str:
    """The page of an evaluation. Matrices of more than 25 rows or columns are drawn; long lists are cut to the rows
    that matter most, and say so."""
    few = len(result.test_names) <= HALF
    fingerprints = {"model": result.model_sha256, "encoder": result.encoder_sha256}
    contents = [
        Section("Accuracy matrix", sections.accuracy_matrix_section(result), half=few),
        Section("Learning curves", sections.learning_curve_section(result), half=few),
        Section("Forgetting", sections.forgetting_section(result)),
        *class_contents(result),
        *(
            Section(gallery.title, inside_sections.gallery_section(gallery), half=True)
            for gallery in result.inside.galleries
        ),
        Section("Spectrum of the code", inside_sections.spectrum_section(result.inside), half=True),
        Section("Time and memory", sections.cost_section(result)),
        Section("How to run it again", inside_sections.command_section(result.command, result.options, fingerprints)),
    ]
    return document(_title(result), _summary(result), _headline(result), contents)


def class_contents(tested: class_sections.Tested) -> list[Section]:
    """The sections on single classes."""
    few = len(tested.classes) <= 2 * HALF
    return [
        Section("Accuracy of each class", class_sections.class_section(tested), half=few),
        Section("Confusion matrix", class_sections.confusion_section(tested), half=few),
        Section("Most confident mistakes", class_sections.mistake_section(tested)),
    ]


def _title(result: Result) -> str:
    return f"{percent(result.average_accuracy)} % on {result.data}, {result.scenario}, {result.setting}-incremental"


def _summary(result: Result) -> str:
    tasks, examples = len(result.task_names), sum(result.examples_per_task)
    learned = f"{examples:,} examples in {tasks} {'part' if tasks == 1 else 'parts'}"
    return f"{learned}; encoder {result.encoder}; seed {result.seed}."


def _headline(result: Result) -> list[Figure]:
    """Figures at the top; transfer only where it is defined."""
    transfers = [
        ("Backward transfer", result.backward_transfer, "points, what later tasks did to earlier ones"),
        ("Forward transfer", result.forward_transfer, "points above chance, before a task was learned"),
    ]
    learning, sums, data = result.learning_accuracy, result.statistics_bytes, result.data_bytes
    return [
        Figure("Average accuracy", f"{percent(result.average_accuracy)} %", "over all test sets, after the last part"),
        Figure("Forgetting", percent(result.forgetting), "points, below the best so far"),
        *(Figure(name, points(value), note) for name, value, note in transfers if value is not None),
        *([] if learning is None else [Figure("Learning accuracy", f"{percent(learning)} %", "right after each task")]),
        Figure("Stored examples", f"{result.stored_examples:,}", f"of {sum(result.examples_per_task):,} seen"),
        Figure("Size of the sums", readable_bytes(sums), f"{compared_bytes(sums, data)} ({readable_bytes(data)})"),
        Figure("Time", readable_seconds(result.wall_seconds), f"{readable_seconds(result.cpu_seconds)} of CPU time"),
    ]
