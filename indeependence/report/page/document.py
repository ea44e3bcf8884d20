"""The frame of every report: one HTML page that needs nothing else, no network, no script and no other file.

It links to the files that are written beside it; without them only these links lead nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from string import Template

from indeependence.report.page.markup import downloads, escaped
from indeependence.report.plots.rendering import FORMATS

DATA: Mapping[str, Sequence[str]] = {"Data": ("results.json",)}  # beside every page
HALF = 8  # columns of a table that fits next to another section

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
    """A section: its heading, its HTML text ("" leaves it out), and whether it may stand next to another one."""

    name: str
    content: str
    half: bool = False


@dataclass(frozen=True)
class Figure:
    """A figure at the top: what it is, its value, and a note."""

    name: str
    value: str
    note: str = ""


def plot(name: str) -> tuple[str, ...]:
    """Return the names of the files of a plot."""
    return tuple(f"{name}.{kind}" for kind in FORMATS)


def document(
    title: str,
    summary: str,
    headline: Sequence[Figure],
    contents: Sequence[Section],
    files: Mapping[str, Sequence[str]] = DATA,
) -> str:
    """Return a whole page as text, in light and dark, for screens of any width and for paper.

    ``title``, ``summary`` and all names are escaped here; the content of sections was, piece by piece, as it was made.
    ``files``: names of what is written beside the page, by what they are.
    """
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
        f'<nav aria-label="Sections"><ul>\n{links}\n</ul></nav>\n{downloads(files)}\n</header>\n'
        f"<main>\n{parts}\n</main>\n"
        "<footer>All figures, those left out of long tables too, are in <code>results.json</code>.</footer>"
    )
    style = resources.files("indeependence.report.page").joinpath("page.css").read_text(encoding="utf-8")
    return DOCUMENT.substitute(title=escaped(title), style=style, body=body)


def paired(sections: Sequence[Section]) -> list[Section]:
    """Return the sections; a half one without another half next to it is made whole.

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
