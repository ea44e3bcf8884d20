"""What the interface takes and returns, for /openapi.json and the page at /docs."""

from __future__ import annotations

from typing import Any

_TEXT = {"type": "string"}
_LABEL = {"oneOf": [{"type": "string"}, {"type": "integer"}]}
_ROWS = {
    "type": "array",
    "description": 'rows of numbers, pictures as nested lists, or objects {"column": value}',
    "items": {},
}
_BINARY = {"schema": {"type": "string", "format": "binary"}}


def _error(about: str) -> dict[str, Any]:
    shape = {"type": "object", "properties": {"error": _TEXT}}
    return {"description": about, "content": {"application/json": {"schema": shape}}}


ERRORS: dict[int | str, dict[str, Any]] = {
    400: _error("Bad input: one line says what was expected, what came, and what to try."),
    401: _error("A token is asked for: Authorization: Bearer SECRET."),
    409: _error("The model has learned nothing yet."),
    413: _error("The body is too large."),
    429: _error("Too many requests; Retry-After says how many seconds to wait."),
    503: _error("Too many changes wait to be learned."),
    507: _error("The disk is full: nothing was changed."),
}


def _returns(about: str, properties: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    shape = {"type": "object", "properties": properties}
    return {200: {"description": about, "content": {"application/json": {"schema": shape}}}, **ERRORS}


_ONE = {"label": _LABEL, "probability": {"type": "number"}}
ANSWERS = _returns(
    "An answer to each input, and the fingerprint of the sums that gave it.",
    {
        "model_sha256": _TEXT,
        "answers": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    **_ONE,
                    "unlike": {"type": "boolean", "nullable": True},
                    "others": {"type": "array", "items": {"type": "object", "properties": _ONE}},
                },
            },
        },
    },
)
_CLASSES = {
    "type": "array",
    "items": {"type": "object", "properties": {"class": _LABEL, "examples": {"type": "integer"}}},
}
LEARNED = _returns(
    "What was changed. It is on disk.",
    {
        "model_sha256": _TEXT,
        "answers_know_it": {"type": "boolean"},
        "when": _TEXT,
        "by": _TEXT,
        "what": _TEXT,
        "examples": {"type": "integer"},
        "classes": _CLASSES,
        "before": _TEXT,
        "after": _TEXT,
    },
)


def parameter(name: str, about: str, kind: str = "string") -> dict[str, Any]:
    """Return a parameter of the query."""
    return {"name": name, "in": "query", "required": False, "description": about, "schema": {"type": kind}}


def _body(json: dict[str, Any], pictures: dict[str, Any]) -> dict[str, Any]:
    return {
        "required": True,
        "content": {
            "application/json": {"schema": {"type": "object", "properties": json}},
            "application/x-npy": _BINARY,
            "text/csv": {"schema": _TEXT},
            "image/*": _BINARY,
            "multipart/form-data": {"schema": {"type": "object", "properties": pictures}},
        },
    }


_PICTURES = {"pictures": {"type": "array", "items": {"type": "string", "format": "binary"}}}
_LABELS = {"type": "array", "items": _LABEL}
INPUTS = {
    "requestBody": _body({"rows": _ROWS}, _PICTURES),
    "parameters": [parameter("top", "only the best labels, so many", "integer")],
}
PARAMETERS = [
    parameter("label", "the class of all examples, where the body names none; or repeated, one for each"),
    parameter("column", "the column of a table (text/csv) with the labels; the last one by default"),
    parameter("wait", "0: do not wait until answers know it", "integer"),
    parameter("task", "number of a task, for a model with the ledger by task", "integer"),
]
EXAMPLES = {
    "requestBody": _body({"rows": _ROWS, "labels": _LABELS}, {**_PICTURES, "label": _TEXT}),
    "parameters": PARAMETERS,
}
FORGET = {
    "requestBody": _body({"rows": _ROWS, "labels": _LABELS, "class": _LABEL}, {**_PICTURES, "label": _TEXT}),
    "parameters": PARAMETERS,
}
DRAWN = {
    "parameters": [
        parameter("class", "the class to draw"),
        parameter("seed", "another drawing for each number; without one, the mean of the class", "integer"),
    ]
}
MODEL_FILE = {"requestBody": {"required": True, "content": {"application/octet-stream": _BINARY}}}
