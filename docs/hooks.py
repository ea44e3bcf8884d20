"""Turn equations into MathML and notebooks into pages when MkDocs builds the site; no script, no network."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

DISPLAYED = re.compile(r"^\$\$\n(.+?)\n\$\$$", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"(?<![\\$`])\$(?=\S)([^$`\n]+?)(?<=\S)\$(?![\d$])")
CODE = re.compile(r"(^```.*?^```|`[^`\n]*`)", re.DOTALL | re.MULTILINE)
PICTURE = '<img alt="{alt}" src="data:image/png;base64,{data}">'


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Return the page with equations between dollars as MathML; code is left unchanged."""
    parts = CODE.split(markdown)
    return "".join(part if index % 2 else with_equations(part) for index, part in enumerate(parts))


def with_equations(text: str) -> str:
    """Return text with ``$$`` blocks and ``$…$`` as MathML."""
    from latex2mathml.converter import convert

    text = DISPLAYED.sub(lambda found: f"\n{html.unescape(convert(found[1], display='block'))}\n", text)
    # In a span, because Markdown treats <math> at the beginning of a line as a block.
    return INLINE.sub(lambda found: f"<span>{html.unescape(convert(found[1]))}</span>", text)


def on_files(files: Any, config: Any) -> Any:
    """Add a page for each notebook to the files and return them."""
    from mkdocs.structure.files import File

    for path in sorted(Path(config["docs_dir"]).glob("notebooks/*.ipynb")):
        name = f"notebooks/{path.stem}.md"
        files.append(File.generated(config, name, content=page_of(path)))
    return files


def page_of(path: Path) -> str:
    """Return a notebook as Markdown: its text, its code, and its stored outputs."""
    import nbformat

    cells = []
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            cells.append(cell.source)
        elif cell.cell_type == "code":
            cells.append(f"```python\n{cell.source}\n```")
            cells += [text for output in cell.outputs if (text := shown(output))]
    link = f"*This page is the notebook `docs/notebooks/{path.name}`, with its stored outputs.*"
    return "\n\n".join([*cells, link]) + "\n"


def shown(output: Any) -> str:
    """Return an output as Markdown: text as a block, a picture as a picture."""
    data = output.get("data", {})
    if "image/png" in data:
        alt = "Picture drawn by the cell above"
        return PICTURE.format(alt=html.escape(alt), data=data["image/png"].replace("\n", ""))
    text = output.get("text") or data.get("text/plain", "")
    return f"```text\n{text.rstrip()}\n```" if text else ""
