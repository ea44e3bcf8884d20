"""A model in service: predictions a second, how long one takes, what a kill loses, and whether memory grows.

    python benchmarks/serve.py

Everything is on this machine, by loopback: the clients are one process, the server another, so on two cores each has
one. Beside it, in the same run, stands what people write themselves: FastAPI with an `SGDClassifier` of scikit-learn,
which keeps what it learned in memory alone.
"""

import asyncio
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

import click
import frame
import numpy as np
from few_shot import drawings
from findings import Row

from indeependence.data.reading import Reading
from indeependence.serve import Client
from indeependence.serve.beginning import Beginning

LOAD = (
    "| server | clients | another learns | predictions a second | median, ms | 99 % within, ms | learned a second |\n"
    "| {server} | {clients} | {learns} | {rate:,.0f} | {median:.1f} | {slowest:.1f} | {learned:.0f} |"
)
FAULTS = "| what | figure |\n| {what} | {figure} |"
ENVIRONMENT = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
NPY = "application/x-npy"


@click.command()
@frame.option("--seconds", default=4.0, help="Of each load.")
@frame.option("--clients", default="1,8,64")
@frame.option("--kills", default=20)
@frame.option("--requests", default=20_000, help="While memory is watched.")
@frame.option("--plain", default=0, hidden=True, help="Be the plain server, at this port.")
@frame.output_option("serve")
def main(seconds: float, clients: str, kills: int, requests: int, plain: int, output: Path) -> None:
    """Print a table of loads and one of faults."""
    if plain:
        be_the_plain_server(plain)
        return
    facts = frame.header()
    counts = [int(count) for count in clients.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        loads = [*loaded("serve", ours(Path(folder) / "a.safetensors"), counts, seconds)]
        loads += loaded("FastAPI, SGDClassifier", plain_server(), counts, seconds)
        faults = [killed(Path(folder) / "b.safetensors", kills)]
        faults += [watched(Path(folder) / "c.safetensors", requests)] if requests else []
    frame.publish(output, facts, load=(LOAD, loads), faults=(FAULTS, [row for rows in faults for row in rows]))


@contextmanager
def server(command: list[str]) -> Iterator[tuple[Client, subprocess.Popen]]:
    """Yield a client and the process of a server, which prints its address first."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)
    try:
        yield Client(process.stdout.readline().strip()), process  # type: ignore[union-attr]
    finally:
        process.kill()
        process.communicate()


def ours(path: Path):
    """Return the server under test, for the model in the file ``path``."""
    cli = Path(__file__).resolve().parent.parent / "cli.py"
    return server([sys.executable, str(cli), "serve", "--model", str(path), "--port", "0", "--rate", "0"])


def plain_server():
    """Return the plain server, at a port that is free."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return server([sys.executable, str(Path(__file__).resolve()), "--plain", str(port)])


def be_the_plain_server(port: int) -> None:
    """Serve an `SGDClassifier` by FastAPI, as a first draft would: pixels, a lock, nothing on disk."""
    import threading

    import uvicorn
    from fastapi import FastAPI, Request
    from sklearn.linear_model import SGDClassifier

    model, lock, app = SGDClassifier(loss="log_loss", random_state=0), threading.Lock(), FastAPI()
    names = sorted(set(drawings(1, np.random.default_rng(0))[1].tolist()))

    def pixels(body: bytes) -> np.ndarray:
        rows = np.load(io.BytesIO(body))
        return rows.reshape(len(rows), -1) / 255

    @app.post("/predict")
    async def predict(request: Request):
        found = await asyncio.to_thread(model.predict_proba, pixels(await request.body()))
        return {"answers": [dict(zip(names, row, strict=True)) for row in found.tolist()]}

    @app.post("/learn")
    async def learn(request: Request, label: str):
        rows = pixels(await request.body())

        def fit() -> None:
            with lock:
                model.partial_fit(rows, [label] * len(rows), classes=names)

        await asyncio.to_thread(fit)
        return {"learned": len(rows)}

    print(f"http://127.0.0.1:{port}", flush=True)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error")


def loaded(name: str, running, counts: list[int], seconds: float) -> Iterator[Row]:
    """Give a row for each number of clients, alone and while another client learns."""
    with running as (client, _):
        place = address_of(client)
        wait_for(place)
        x, y = drawings(5, np.random.default_rng(0))
        for drawing, label in zip(x, y.tolist(), strict=True):
            asyncio.run(once(place, request("/learn", drawing[None], label=label)))
        for count in counts:
            for learns in (False, True):
                times, learned = asyncio.run(load(place, x, count, seconds, learns))
                yield {
                    "server": name,
                    "clients": str(count),
                    "learns": "yes" if learns else "no",
                    "rate": len(times) / seconds,
                    "median": 1000 * float(np.median(times)),
                    "slowest": 1000 * float(np.percentile(times, 99)),
                    "learned": learned / seconds,
                }
                click.echo(f"{name}, {count} clients, {learns}: {len(times) / seconds:.0f} a second", err=True)


async def load(place: tuple[str, int], x: np.ndarray, clients: int, seconds: float, learns: bool):
    """Return the seconds of all predictions of so many clients at once, and how many drawings were learned."""
    asks = [request("/predict", drawing[None]) for drawing in x]
    lessons = [request("/learn", drawing[None], label="plus", wait=0) for drawing in x]
    end = time.perf_counter() + seconds
    times: list[float] = []
    learned: list[float] = []
    each = [again_and_again(place, asks, end, times) for _ in range(clients)]
    await asyncio.gather(*each, *([again_and_again(place, lessons, end, learned)] if learns else []))
    return times, len(learned)


async def again_and_again(place: tuple[str, int], requests: list[bytes], end: float, times: list[float]) -> None:
    """Ask until the end by one connection, each time once the last answer is there."""
    reader, writer = await asyncio.open_connection(*place)
    number = 0
    while time.perf_counter() < end:
        began = time.perf_counter()
        writer.write(requests[number % len(requests)])
        status, _ = await answer(reader)
        if status != 200:
            raise click.ClickException(f"expected an answer, got status {status}")
        times.append(time.perf_counter() - began)
        number += 1
    writer.close()


async def once(place: tuple[str, int], asked: bytes) -> dict:
    """Return the answer to one request by a connection of its own."""
    reader, writer = await asyncio.open_connection(*place)
    writer.write(asked)
    status, body = await answer(reader)
    writer.close()
    if status != 200:
        raise click.ClickException(f"expected an answer, got {status}: {body.decode()}")
    return json.loads(body)


async def answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Return status and body of one answer."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0])
    return int(head.split(b" ", 2)[1]), await reader.readexactly(length)


def request(path: str, rows: np.ndarray, **query: object) -> bytes:
    """Return the bytes of one request with an .npy as its body."""
    np.save(held := io.BytesIO(), rows)
    words = "&".join(f"{name}={quote(str(value))}" for name, value in query.items())
    body = held.getvalue()
    head = (
        f"POST {path}?{words} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {NPY}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def address_of(client: Client) -> tuple[str, int]:
    """Return host and port of a client's server."""
    host, _, port = client.address.partition("://")[2].partition(":")
    return host, int(port)


def wait_for(place: tuple[str, int]) -> None:
    """Wait until a server takes connections."""

    async def connect() -> None:
        _, writer = await asyncio.open_connection(*place)
        writer.close()

    for _ in range(300):
        try:
            return asyncio.run(connect())
        except OSError:
            time.sleep(0.1)


def killed(path: Path, kills: int) -> list[Row]:
    """Kill a server so many times while one client teaches and four ask; compare with a plain run."""
    random = np.random.default_rng(1)
    x, y = drawings(200, random)
    order = random.permutation(len(x))
    plain = Beginning().model(x[:1], Reading())
    done = unacknowledged = 0
    for number in range(kills + 1):
        with ours(path) as (client, process):
            if number == 0:  # an encoder takes a second: kills come later
                client.learn(x[order[:1]], [str(y[order[0]])])
                teach(plain, x, y, order[0])
                done = 1
            else:
                found = client.model()["model_sha256"]
                if (
                    found != plain.moments_.fingerprint
                ):  # the request under way was on disk, too, and only its answer was lost
                    teach(plain, x, y, order[done])
                    done, unacknowledged = done + 1, unacknowledged + 1
                if found != plain.moments_.fingerprint:
                    raise click.ClickException(f"kill {number}: what was acknowledged is lost")
            if number == kills:
                break
            acknowledged = asyncio.run(
                taught_until_killed(client, process, x, y, order[done:], random.uniform(0.4, 1.6))
            )
            for _ in range(acknowledged):
                teach(plain, x, y, order[done])
                done += 1
    return [
        {"what": "killed under load", "figure": f"{kills} times"},
        {"what": "requests acknowledged", "figure": f"{done - unacknowledged:,}"},
        {"what": "of them lost", "figure": "0"},
        {"what": "fingerprint at the end", "figure": "that of a plain run, to the bit"},
    ]


def teach(model, x: np.ndarray, y: np.ndarray, row: int) -> None:
    """Teach a plain model one drawing."""
    model.partial_fit(x[row][None], [str(y[row])])


async def taught_until_killed(client, process, x: np.ndarray, y: np.ndarray, order: np.ndarray, after: float) -> int:
    """Teach drawings, while others ask, until the server is killed ``after`` so many seconds; return how many."""
    place, acknowledged = address_of(client), 0

    async def learn() -> None:
        nonlocal acknowledged
        reader, writer = await asyncio.open_connection(*place)
        with closing(writer):
            for row in order:
                writer.write(request("/learn", x[row][None], label=y[row], wait=0))
                await answer(reader)
                acknowledged += 1

    async def ask() -> None:
        reader, writer = await asyncio.open_connection(*place)
        with closing(writer):
            while True:
                writer.write(request("/predict", x[:1]))
                await answer(reader)

    async def kill() -> None:
        await asyncio.sleep(after)
        process.send_signal(signal.SIGKILL)

    await asyncio.gather(learn(), kill(), *(ask() for _ in range(4)), return_exceptions=True)
    process.wait()
    return acknowledged


def watched(path: Path, requests: int) -> list[Row]:
    """Return the memory of a server after a tenth of many requests, and after all of them."""
    x, y = drawings(5, np.random.default_rng(2))
    with ours(path) as (client, _):
        for drawing, label in zip(x, y.tolist(), strict=True):
            client.learn(drawing[None], [label])
        place, held = address_of(client), []
        parts = [requests // 10, requests - requests // 10]
        for part in parts:
            asyncio.run(mixed(place, x, part))
            held.append(resident(client))
    return [
        {"what": f"memory after {parts[0]:,} requests", "figure": f"{held[0] / 1e6:,.0f} MB"},
        {"what": f"memory after {requests:,} requests", "figure": f"{held[1] / 1e6:,.0f} MB"},
    ]


async def mixed(place: tuple[str, int], x: np.ndarray, count: int) -> None:
    """Send so many requests by eight connections; every fiftieth of the first teaches something or takes it back."""
    ask, lesson = request("/predict", x[:1]), request("/learn", x[:1], label="plus", wait=0)
    taken_back = request("/forget", x[:1], label="plus", wait=0)

    async def some(number: int) -> None:
        reader, writer = await asyncio.open_connection(*place)
        for at in range(count // 8):
            changes = number == 0 and at % 50 == 0
            writer.write((lesson if at % 100 else taken_back) if changes and at else ask)
            await answer(reader)
        writer.close()

    await asyncio.gather(*map(some, range(8)))


def resident(client: Client) -> int:
    """Return the bytes of memory that a server says it has."""
    with urlopen(f"{client.address}/metrics", timeout=30) as reply:
        numbers = dict(line.rsplit(" ", 1) for line in reply.read().decode().splitlines() if not line.startswith("#"))
    return int(numbers["indeependence_resident_bytes"])


if __name__ == "__main__":
    main()
