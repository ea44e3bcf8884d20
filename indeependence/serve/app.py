"""The HTTP interface: one function a path, each a few lines; what they do is in `service`."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from indeependence import __version__
from indeependence.errors import InputError, shown
from indeependence.serve.answers import NOTHING
from indeependence.serve.bodies import given_in
from indeependence.serve.facts import facts_of, gauges_of
from indeependence.serve.gate import Given, json_in
from indeependence.serve.guard import Guard, TooLarge, TooSlow
from indeependence.serve.metrics import Metrics
from indeependence.serve.schemas import ANSWERS, DRAWN, ERRORS, EXAMPLES, FORGET, INPUTS, LEARNED, MODEL_FILE
from indeependence.serve.service import LARGE, Busy, Full, Learned, Service
from indeependence.serve.site import add_page
from indeependence.serve.tokens import Tokens

BLOCK = 2**16  # bytes of a file sent at a time
LONGEST = 500  # characters of a message
STATUS: dict[type[InputError], int] = {TooLarge: 413, TooSlow: 408, Busy: 503, Full: 507}
ABOUT = "A model that learns what you teach it, and forgets it exactly. Examples are never stored."


def application(service: Service, *, tokens: Tokens, hosts: frozenset[str]) -> Any:
    """Return the ASGI application of a service, behind its `Guard`."""
    metrics = Metrics()

    @contextlib.asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        writing = asyncio.create_task(service.keep_writing())
        yield
        writing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await writing
        await asyncio.to_thread(service.close)

    app = FastAPI(
        title="indeependence",
        version=__version__,
        description=ABOUT,
        docs_url=None,
        redoc_url=None,
        lifespan=life,
    )
    _add_errors(app)
    _add_model(app, service)
    _add_facts(app, service, metrics)
    add_page(app)
    return Guard(app, limits=service.limits, tokens=tokens, hosts=hosts, metrics=metrics)


def _add_errors(app: FastAPI) -> None:
    """Answer every failure with one line, as the command line does."""

    def refuse(request: Request, error: Exception) -> Response:
        status = STATUS.get(type(error), 409 if str(error) == NOTHING else 400)  # type: ignore[arg-type]
        close = {"connection": "close"} if status in (408, 413) else None  # the rest of a body is not waited for
        return JSONResponse({"error": _cut(str(error))}, status, close)

    def fail(request: Request, error: Exception) -> Response:
        return JSONResponse({"error": f"{type(error).__name__}: {_cut(shown(error))}"}, 500)

    def other(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return JSONResponse(
            {"error": {404: "no such page; see /docs", 405: "see /docs"}.get(status, "refused")}, status
        )

    app.add_exception_handler(InputError, refuse)
    app.add_exception_handler(Exception, fail)
    app.add_exception_handler(HTTPException, other)
    app.add_exception_handler(ClientDisconnect, lambda request, error: Response(status_code=400))


def _add_model(app: FastAPI, service: Service) -> None:
    """Add what is asked of a model, and what it is taught."""

    @app.post("/predict", responses=ANSWERS, openapi_extra=INPUTS, summary="Answer inputs")
    async def predict(request: Request) -> Response:
        """Return a label for each input, the probabilities of all, and whether it is unlike all that was learned."""
        top = _whole(request, "top")
        answers = await service.predict(await given_in(request, service.limits))
        return JSONResponse(answers.as_json(top))

    @app.post("/learn", responses=LEARNED, openapi_extra=EXAMPLES, summary="Learn examples")
    async def learn(request: Request) -> Response:
        """Learn labelled examples. When this is answered they are on disk, as sums."""
        return await _changed(request, "learn", await given_in(request, service.limits))

    @app.post("/forget", responses=LEARNED, openapi_extra=FORGET, summary="Forget examples or a class")
    async def forget(request: Request) -> Response:
        """Remove these examples, or a class, exactly: the fingerprint is as if they had never been learned."""
        given = await given_in(request, service.limits)
        if given.kind == "application/json" and len(given.body) < LARGE:
            said = json_in(given.body)
            if "class" in said:
                return _learned(await service.forget_class(said["class"], _by(request)))
        return await _changed(request, "forget", given)

    @app.post("/undo", responses=LEARNED, summary="Take the last change back")
    async def undo(request: Request) -> Response:
        """Take the last change back. The fingerprint is the one from before it."""
        return _learned(await service.undo(_by(request)))

    @app.post("/merge", responses=LEARNED, openapi_extra=MODEL_FILE, summary="Add another model")
    async def merge(request: Request) -> Response:
        """Add the model in the body, a file of a model with the same encoder."""
        return _learned(await service.merge(await request.body(), _by(request)))

    async def _changed(request: Request, what: str, given: Given) -> Response:
        wait = request.query_params.get("wait", "1") != "0"
        return _learned(await service.learn(what, given, _by(request), wait=wait, task=_whole(request, "task")))


def _add_facts(app: FastAPI, service: Service, metrics: Metrics) -> None:
    """Add what is said about a model and its server."""

    @app.get("/classes", responses=ERRORS, summary="Classes and how many examples of each")
    async def classes() -> Response:
        """Return the classes, and how many examples of each were learned."""
        facts = facts_of(service)
        return JSONResponse({"model_sha256": facts.get("model_sha256"), "classes": facts.get("classes", [])})

    @app.get("/model", responses=ERRORS, summary="Facts about the model")
    async def model() -> Response:
        """Return fingerprints, the shape of an input, classes, and sizes."""
        return JSONResponse(facts_of(service))

    @app.get("/model/file", responses=ERRORS, summary="Download the model's file")
    async def file() -> Response:
        """Return the model's file, with all that was learned: `indeependence infer --model` reads it."""
        path = await service.file()
        size, blocks = _opened(path)
        headers = {
            "content-disposition": 'attachment; filename="model.safetensors"',
            "content-length": str(size),
            "cache-control": "no-store",
        }
        return StreamingResponse(blocks, media_type="application/octet-stream", headers=headers)

    @app.get("/draw", responses=ERRORS, openapi_extra=DRAWN, summary="A picture of a class")
    async def draw(request: Request) -> Response:
        """Return a picture of a class as PNG, where the model can draw: an autoencoder of pictures."""
        seed = _whole(request, "seed") or 0
        return Response(await service.draw(request.query_params.get("class", ""), seed), media_type="image/png")

    @app.get("/history", responses=ERRORS, summary="The last changes")
    async def history() -> Response:
        """Return the last changes, oldest first: who taught what, and the fingerprints before and after."""
        events = list(service.keeper.events) if service.keeper else []
        return JSONResponse({"changes": [event.as_json() for event in events]})

    @app.get("/health", summary="Whether the server answers")
    async def health() -> Response:
        """Return that the server is there; needs no token."""
        return JSONResponse({"status": "ok"})

    @app.get("/metrics", response_class=PlainTextResponse, summary="Numbers to watch it by, for Prometheus")
    async def watched() -> Response:
        """Return counts, sizes and seconds in the text format of Prometheus."""
        return PlainTextResponse(metrics.text(gauges_of(service)), media_type="text/plain; version=0.0.4")


def _learned(learned: Learned) -> Response:
    event = learned.event.as_json()
    return JSONResponse({"model_sha256": event["after"], "answers_know_it": learned.solved, **event})


def _by(request: Request) -> str:
    return str(request.scope["state"]["by"])


def _whole(request: Request, name: str) -> int | None:
    """Return a whole number of a query, or None where it has none; raise `InputError` for anything else."""
    text = request.query_params.get(name)
    if text is None:
        return None
    if not re.fullmatch("[0-9]{1,6}", text) or int(text) < 1:
        raise InputError(f"{name}: expected a whole number of at least 1, got {text[:20]!r}")
    return int(text)


def _cut(message: str) -> str:
    """Return a message that repeats no more than the beginning of what a client sent."""
    return message if len(message) <= LONGEST else message[:LONGEST] + " …"


def _opened(path: Path) -> tuple[int, Iterator[bytes]]:
    """Return the size and the blocks of a file, which stays the same file if it is replaced meanwhile."""
    stream = path.open("rb")

    def blocks() -> Iterator[bytes]:
        with stream:
            while block := stream.read(BLOCK):
                yield block

    return os.fstat(stream.fileno()).st_size, blocks()
