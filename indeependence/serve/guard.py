"""What stands before every request: who asks, from where, how often, and how much; and the headers of every answer."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from indeependence.errors import InputError
from indeependence.serve.limits import Limits, Rate
from indeependence.serve.metrics import Metrics
from indeependence.serve.tokens import HERE, Tokens

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

OPEN = ("/", "/docs", "/openapi.json", "/health")  # and the page's own files: nothing of the model is in them
DROPPED = 2**28  # bytes of a body that is too large
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(self), microphone=(), geolocation=()"),
)


class Refused(Exception):
    """A request that is not served: status, message, and how many seconds to wait."""

    def __init__(self, status: int, message: str, wait: float = 0.0):
        super().__init__(message)
        self.status, self.message, self.wait = status, message, wait


class TooLarge(InputError):
    """A body of more bytes than are allowed."""


class TooSlow(InputError):
    """A body that takes longer than is allowed."""


class Guard:
    """ASGI middleware around the application. ``hosts`` are the names by which a server without tokens is called."""

    def __init__(self, app: Any, *, limits: Limits, tokens: Tokens, hosts: frozenset[str], metrics: Metrics):
        self.app, self.limits, self.tokens, self.hosts, self.metrics = app, limits, tokens, hosts, metrics
        self._rate = Rate(limits.rate)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start, status = time.monotonic(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), *HEADERS]
            await send(message)

        most = max(self.limits.body, self.limits.model) if scope["path"] == "/merge" else self.limits.body
        try:
            scope.setdefault("state", {})["by"] = self._who(scope, most)
            await self.app(scope, self._bounded(receive, most), noted)
        except Refused as refused:
            if refused.status == 413 and (b"expect", b"100-continue") not in scope["headers"]:
                await self._dropped(receive)
            await _answer(noted, refused)
        finally:
            self.metrics.note(_route(scope), status, time.monotonic() - start)

    def _who(self, scope: Scope, most: int) -> str:
        """Return the name of who asks; raise `Refused` for requests that are not to be served."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        self._check_origin(headers)  # first: what other sites ask for is not counted as this address's
        wait = self._rate.wait((scope.get("client") or ("",))[0])
        if wait:
            raise Refused(
                429, f"too many requests: wait {wait:.2f} seconds; at most {self.limits.rate:g} a second", wait
            )
        path = scope["path"]
        if not self.tokens or path in OPEN or path.startswith("/static/"):
            self._check_length(headers.get("content-length", "0"), most)
            return HERE
        kind, _, secret = headers.get("authorization", "").partition(" ")
        name = self.tokens.name_of(secret.strip()) if kind.lower() == "bearer" else None
        if name is None:
            raise Refused(401, "expected a token that this server knows: Authorization: Bearer SECRET")
        self._check_length(headers.get("content-length", "0"), most)
        return name

    def _check_origin(self, headers: dict[str, str]) -> None:
        """Refuse what pages of other sites ask for, and names of hosts that lead here by deceit."""
        host = headers.get("host", "")
        if not self.tokens and _name_of(host) not in self.hosts:
            raise Refused(403, f"expected a request to {' or '.join(sorted(self.hosts))}: open the address as printed")
        origin = headers.get("origin")
        if origin is not None and origin.partition("://")[2] != host:
            raise Refused(403, "expected a request from this server's own page: other sites may not use it")
        if headers.get("sec-fetch-site") == "cross-site" and headers.get("sec-fetch-mode") != "navigate":
            raise Refused(403, "expected a request from this server's own page: other sites may not use it")

    def _check_length(self, length: str, most: int) -> None:
        if not length.isdigit():
            raise Refused(400, "expected a Content-Length that is a number")
        if int(length) > most:
            raise Refused(413, _too_large(most))

    async def _dropped(self, receive: Receive) -> None:
        """Read the rest of a body and keep nothing of it: most clients listen only once they have sent all."""
        found, end = 0, time.monotonic() + self.limits.seconds
        with contextlib.suppress(asyncio.TimeoutError, TimeoutError):
            while found < DROPPED:
                message = await asyncio.wait_for(receive(), max(end - time.monotonic(), 0))
                found += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return

    def _bounded(self, receive: Receive, most: int) -> Receive:
        """Return ``receive`` for a body that is neither too large nor too slow."""
        found, end = 0, time.monotonic() + self.limits.seconds
        whole = False

        async def bounded() -> Message:
            nonlocal found, whole
            if whole:  # only the end of the connection is still to come
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), max(end - time.monotonic(), 0))
            except (asyncio.TimeoutError, TimeoutError):
                raise TooSlow(f"expected the whole body within {self.limits.seconds:g} seconds") from None
            found += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            if found > most:
                if not whole:
                    await self._dropped(receive)
                raise TooLarge(_too_large(most))
            return message

        return bounded


def _too_large(most: int) -> str:
    return f"expected at most {most:,} bytes in one request, got more: send several"


def _name_of(host: str) -> str:
    """Return the name in a Host header, without the port.

    >>> _name_of("localhost:8000"), _name_of("[::1]:8000")
    ('localhost', '[::1]')
    """
    return host[: host.index("]") + 1] if host.startswith("[") and "]" in host else host.partition(":")[0]


def _route(scope: Scope) -> str:
    """Return the path of the route that served a request; never what a client made up."""
    route = getattr(scope.get("route"), "path", None)
    return route if isinstance(route, str) else "other"


async def _answer(send: Send, refused: Refused) -> None:
    body = json.dumps({"error": refused.message}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if refused.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if refused.wait:
        headers.append((b"retry-after", str(math.ceil(refused.wait)).encode()))
    await send(
        {"type": "http.response.start", "status": refused.status, "headers": [*headers, (b"connection", b"close")]}
    )
    await send({"type": "http.response.body", "body": body})
