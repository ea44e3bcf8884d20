"""Write the tables of the documents from benchmarks/results/: python benchmarks/write_tables.py.

A table stands between two comments, ``<!-- table: sdr/codes -->`` and ``<!-- end -->``; it is then the table `codes` of
results/sdr.json, with the rows of all runs in that file. ``<!-- table: accuracy -->`` is short for accuracy/accuracy.
"""

import re
from pathlib import Path

from findings import load, markdown

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
MARKED = re.compile(r"<!-- table: (\S+) -->.*?<!-- end -->", re.DOTALL)


def pages() -> list[Path]:
    """Return all documents that may have tables."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def written(text: str) -> str:
    """Return a page with its tables as the results have them."""
    return MARKED.sub(lambda found: f"<!-- table: {found[1]} -->\n\n{named(found[1])}\n\n<!-- end -->", text)


def named(name: str) -> str:
    """Return one table in Markdown."""
    file, _, table = name.partition("/")
    return markdown(*load(RESULTS / f"{file}.json", table or file))


if __name__ == "__main__":
    for page in pages():
        page.write_text(written(page.read_text(encoding="utf-8")), encoding="utf-8")
