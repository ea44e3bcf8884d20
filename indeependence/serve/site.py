"""The page's files: read from the package, each by a name that is known here."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

from fastapi import FastAPI
from fastapi.responses import Response

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


def add_page(app: FastAPI) -> None:
    """Add the page and its files: each name is known beforehand, so no path of a request reaches a disk."""

    def served(name: str) -> Callable[[], Any]:
        async def file() -> Response:
            content, kind = read(name)
            return Response(content, media_type=kind, headers={"cache-control": "no-cache"})

        return file

    app.get("/", include_in_schema=False)(served("index.html"))
    app.get("/docs", include_in_schema=False)(served("docs.html"))
    for name in FILES:
        app.get(f"/static/{name}", include_in_schema=False)(served(name))
