"""The page's files: read from the package, each by a name that is known here."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

KINDS = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
FILES = (
    *(
        "style.css",
        "icon.svg",
        "main.js",
        "server.js",
        "pad.js",
        "camera.js",
        "inputs.js",
        "answers.js",
        "classes.js",
        "proof.js",
    ),
    *("words.js", "docs.js"),
)


@cache
def read(name: str) -> tuple[bytes, str]:
    """Return the content and the kind of one of the page's files."""
    content = files("indeependence.serve").joinpath("page").joinpath(name).read_bytes()
    return content, KINDS[name.rpartition(".")[2]]
