"""What MkDocs does besides: equations become MathML, notebooks become pages. Neither needs a script or the network."""

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
    """The page with its equations between dollars as MathML; code stays as it is."""
    parts = CODE.split(markdown)
    return "".join(part if index % 2 else with_equations(part) for index, part in enumerate(parts))


def with_equations(text: str) -> str:
    """Text with ``$$`` blocks and ``$…$`` as MathML."""
    from latex2mathml.converter import convert

    text = DISPLAYED.sub(lambda found: f"\n{html.unescape(convert(found[1], display='block'))}\n", text)
    # In a span, so that a line may begin with it: Markdown takes <math> there for a block of its own.
    return INLINE.sub(lambda found: f"<span>{html.unescape(convert(found[1]))}</span>", text)


def on_files(files: Any, config: Any) -> Any:
    """The files, with a page for each notebook."""
    from mkdocs.structure.files import File

    for path in sorted(Path(config["docs_dir"]).glob("notebooks/*.ipynb")):
        name = f"notebooks/{path.stem}.md"
        files.append(File.generated(config, name, content=page_of(path)))
    return files


def page_of(path: Path) -> str:
    """A notebook as Markdown: its text, its code, and what it printed and drew."""
    import nbformat

    cells = []
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            cells.append(cell.source)
        elif cell.cell_type == "code":
            cells.append(f"```python\n{cell.source}\n```")
            cells += [text for output in cell.outputs if (text := shown(output))]
    link = f"*This page is the notebook `docs/notebooks/{path.name}`, with its outputs as they were stored.*"
    return "\n\n".join([*cells, link]) + "\n"


def shown(output: Any) -> str:
    """An output as Markdown: text as a block, a picture as a picture."""
    data = output.get("data", {})
    if "image/png" in data:
        alt = "Picture drawn by the cell above"
        return PICTURE.format(alt=html.escape(alt), data=data["image/png"].replace("\n", ""))
    text = output.get("text") or data.get("text/plain", "")
    return f"```text\n{text.rstrip()}\n```" if text else ""
