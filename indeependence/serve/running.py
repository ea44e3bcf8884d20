"""The server's process: uvicorn with limits on connections, and on heads that never end."""

from __future__ import annotations

import logging
import socket
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn

from indeependence import models
from indeependence.data.understood import log
from indeependence.encoder.fronts.front import Front
from indeependence.errors import InputError
from indeependence.files.container import CLASSIFIER, kind_of
from indeependence.files.lock import make_folder, sole_writer
from indeependence.machine import limited_threads
from indeependence.serve.app import application
from indeependence.serve.beginning import Beginning
from indeependence.serve.gate import BODY
from indeependence.serve.heads import HeadInTime
from indeependence.serve.keeper import Keeper
from indeependence.serve.limits import Limits
from indeependence.serve.service import Draw, Fixed, Service
from indeependence.serve.state import Answering
from indeependence.serve.tokens import Tokens, is_here

HEAD = 32 * 2**10  # bytes of a request's head
SWITCH = 0.0005  # seconds after which a thread that learns lets one run that answers
ALIVE = 15  # seconds that a connection may be silent between requests
LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})


@dataclass(frozen=True)
class Serving:
    """The settings of a server."""

    model: Path
    host: str = "127.0.0.1"
    port: int = 8000
    limits: Limits = Limits()
    tokens: Tokens = field(default_factory=lambda: Tokens({}))
    ledger: str = "class"
    front: Front | None = None  # a network that a new model has
    keep: int = 0
    audit: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    @property
    def address(self) -> str:
        """The address to open in a browser."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http{'s' if self.certificate else ''}://{host}:{self.port}"


def serve(serving: Serving, *, ready: Callable[[str, Service], None] = lambda address, service: None) -> None:
    """Serve until the process is told to end; ``ready`` is called with the address once connections are taken.

    The lock of the model's file is held all the time. Raise `InputError` if the address cannot be had.
    """
    with ExitStack() as stack:
        make_folder(serving.model)
        stack.enter_context(sole_writer(serving.model))
        stack.enter_context(quiet_readers())
        stack.enter_context(limited_threads(1))  # a request's products are small; requests run side by side
        service = opened(serving)
        sys.setswitchinterval(SWITCH)
        hosts = LOOPBACK | ({serving.host} if is_here(serving.host) else frozenset())
        app = application(service, tokens=serving.tokens, hosts=hosts)
        try:
            server = Server(config_of(app, serving), lambda port: ready(address_of(serving, port), service))
            server.run()
            if not server.started:
                raise InputError(f"cannot listen at {serving.address}: is the port taken? Name another --port")
        except SystemExit as error:  # as uvicorn ends where it cannot listen
            raise InputError(f"cannot listen at {serving.address}: is the port taken? Name another --port") from error
        finally:
            service.close()


@contextmanager
def quiet_readers() -> Iterator[None]:
    """Say nothing of tables in requests: names of classes are no matter for a server's log."""
    log.addFilter(_nothing)  # uvicorn's set-up would undo a level, or a logger that is disabled
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=rf"{BODY}\b")
        try:
            yield
        finally:
            log.removeFilter(_nothing)


def _nothing(record: logging.LogRecord) -> bool:
    return False


def opened(serving: Serving) -> Service:
    """Return the service of the model's file, or of one that begins from nothing."""
    path = serving.model
    if path.is_file() and kind_of(path) != CLASSIFIER:
        model = models.open(path)
        facts = model.facts()
        sha256 = str(facts.get("model_sha256") or facts.get("weights_sha256") or "")
        draw = drawer(model) if hasattr(model, "autoencoder") and len(model.shape) > 1 else None
        return Service(serving.limits, fixed=Fixed(Answering(model.predictor, sha256, 0), facts, draw))
    keeper = Keeper(
        path,
        Beginning(serving.ledger, serving.front),
        limits=serving.limits,
        keep=serving.keep,
        audit=serving.audit,
    )
    return Service(serving.limits, keeper)


def drawer(model: Any) -> Draw:
    """Return what draws pictures of the classes that an autoencoder learned."""
    import cv2

    from indeependence.models.autoencoder.drawing import Drawing

    def draw(label: str, seed: int) -> bytes:
        values = Drawing(label, count=2, seed=seed).by(model).pictures[1 if seed else 0]  # at first the class's mean
        picture = np.rint(255 * np.clip(values, 0, 1)).astype(np.uint8).reshape(model.shape)
        return cv2.imencode(".png", picture[..., ::-1] if picture.ndim == 3 else picture)[1].tobytes()

    return draw


def config_of(app: Any, serving: Serving) -> uvicorn.Config:
    """Return the configuration of uvicorn: no logs of requests, no header that names it, limits on connections."""
    return uvicorn.Config(
        app,
        host=serving.host,
        port=serving.port,
        http=partial(HeadInTime, serving.limits.seconds),  # type: ignore[arg-type]
        ws="none",
        loop="asyncio",
        lifespan="on",
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=serving.limits.connections,
        timeout_keep_alive=ALIVE,
        timeout_graceful_shutdown=10,
        h11_max_incomplete_event_size=HEAD,
        ssl_certfile=serving.certificate,
        ssl_keyfile=serving.key,
    )


class Server(uvicorn.Server):
    """A server that says when it takes connections, and at which port."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[int], None]):
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: Any = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        if self.started:
            port = next((sock.getsockname()[1] for one in self.servers for sock in one.sockets), self.config.port)
            self._ready(int(port))


def address_of(serving: Serving, port: int) -> str:
    """Return the address to open: of all addresses, by the name of this machine."""
    host = socket.gethostname() if serving.host in ("0.0.0.0", "::") else serving.host
    host = f"[{host}]" if ":" in host else host
    return f"http{'s' if serving.certificate else ''}://{host}:{port}"
