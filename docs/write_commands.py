"""Write docs/commands.md from the pages of help: python docs/write_commands.py (make docs)."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

HEAD = """# Commands

`python cli.py COMMAND`, or `indeependence COMMAND` once installed. Results go to stdout (`--json`: one object for
programs), progress and errors to stderr. Exit code 0: done; 1: bad data or file, explained in one line; 2: wrong usage;
130: interrupted.

These pages are those of `--help-all`, word for word; `--help` leaves rare options out, to fit a screen.
"""


def commands_page() -> str:
    """Return all pages of help as one page of Markdown."""
    from indeependence.commands import cli
    from indeependence.commands.shared.help import page_text, pages

    parts = [HEAD, f"```text\n{page_text(cli, [])}\n```"]
    for words, _ in pages(cli):
        heading = f"{'#' * (len(words) + 1)} {' '.join(words)}"
        parts.append(f"{heading}\n\n```text\n{page_text(cli, words, everything=True)}\n```")
    return "\n\n".join(part.strip() for part in parts) + "\n"


if __name__ == "__main__":
    (ROOT / "docs" / "commands.md").write_text(commands_page(), encoding="utf-8")
