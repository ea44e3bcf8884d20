"""``serve``: a model behind HTTP, with a page on which it is taught and asked."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from indeependence.commands.shared import message_options, options, work_options
from indeependence.commands.shared.help import command, option, section
from indeependence.commands.shared.notes import note
from indeependence.commands.shared.settings import taken
from indeependence.commands.shared.types import COUNT, FILE, FROM_ZERO, Finite
from indeependence.errors import shown

if TYPE_CHECKING:
    from indeependence.serve.running import Serving
    from indeependence.serve.service import Service

MODEL = Path("artifacts/served.safetensors")


@command()
@section(
    "Model",
    option(
        "--model",
        type=FILE,
        default=MODEL,
        show_default=True,
        metavar="FILE",
        help="The model's file; if there is none, begin from nothing with the first examples.",
    ),
    option(
        "--ledger",
        type=click.Choice(["none", "class"]),
        default="class",
        show_default=True,
        help="Of a new model: class keeps sums for each class, so that forgetting one is exact.",
    ),
    option(
        "--encoder",
        metavar="NAME|FILE",
        help="Of a new model: a frozen network that looks at pictures first: .keras, .onnx, or a name.",
    ),
    option("--keep", type=FROM_ZERO, default=0, show_default=True, help="Keep N older versions, for rollback."),
)
@section(
    "Server",
    option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Any other one needs tokens."),
    option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes a free one."),
    option(
        "--tokens",
        type=FILE,
        metavar="FILE",
        help="Lines NAME:SECRET; the variable INDEEPENDENCE_TOKEN may hold one more. Others are not served.",
    ),
    option("--tls-cert", type=FILE, metavar="FILE", help="Certificate, for https."),
    option("--tls-key", type=FILE, metavar="FILE", help="Its private key."),
)
@section(
    "Limits",
    option("--classes", type=COUNT, default=100, show_default=True, help="Most classes."),
    option("--batch", type=COUNT, default=1000, show_default=True, help="Most examples in one request."),
    option("--body", type=COUNT, default=16 * 2**20, show_default=True, metavar="BYTES", help="Largest request."),
    option("--rate", type=Finite(0), default=200, show_default=True, help="Requests a second from an address; 0: any."),
)
@work_options.threads_option
@options.audit_option()
@message_options.json_option
def serve(**choice: Any) -> None:
    """Teach a model in the browser, and ask it from anywhere.

    Prints one address. The page there needs no network: draw, use the camera, drop pictures or paste a table, give it a
    name and teach. Programs use the same over HTTP: /docs on the server says how. What was learned is on disk before it
    is acknowledged, as codes and soon as sums, and no example is kept. Ctrl-C ends it.

    \b
    Examples:
      python cli.py serve
      python cli.py serve --model artifacts/model.safetensors --keep 5 --audit audit.jsonl
    """
    from indeependence.errors import InputError

    try:
        from indeependence.serve.running import serve as run
    except ImportError as error:
        raise InputError(f"serve needs {error.name}: pip install 'indeependence[serve]'") from error
    from indeependence.machine import limited_threads

    serving = _serving(choice)
    with limited_threads(choice["threads"]):
        try:
            run(serving, ready=lambda address, service: _say(address, service, serving, as_json=choice["as_json"]))
        except KeyboardInterrupt:
            note("ended; all that was learned is in the model's file." if serving.model.is_file() else "ended.")


def _serving(choice: dict[str, Any]) -> Serving:
    """Return the settings of the server; raise `InputError` for an address that needs tokens, and for missing files."""
    from indeependence.errors import InputError
    from indeependence.models.making import Making
    from indeependence.serve.limits import Limits
    from indeependence.serve.running import Serving
    from indeependence.serve.tokens import VARIABLE, check_address, is_here, read_tokens

    certificate, key = choice["tls_cert"], choice["tls_key"]
    if bool(certificate) != bool(key):
        raise click.UsageError("--tls-cert and --tls-key go together: give both, or none")
    tokens = read_tokens(choice["tokens"], os.environ.get(VARIABLE) or None)
    check_address(choice["host"], tokens)
    missing = next((path for path in (certificate, key) if path and not path.is_file()), None)
    if missing is not None:
        raise InputError(f"expected a file {missing}, found none")
    if not certificate and not is_here(choice["host"]):
        note("without --tls-cert, tokens and inputs can be read on the way: use it in networks that you trust.")
    front = None if choice["encoder"] is None else Making(encoder=choice["encoder"]).front
    limits = taken(Limits, choice)
    files = {"certificate": certificate, "key": key}
    return taken(Serving, choice | {"tokens": tokens}, limits=limits, front=front, **files)


def _say(address: str, service: Service, serving: Serving, *, as_json: bool) -> None:
    """Print the address, and what the model knows."""
    from indeependence.serve.facts import facts_of

    facts = facts_of(service)
    if as_json:
        click.echo(json.dumps({"address": address, "model": str(serving.model), **facts}))
        return
    known = len(facts.get("classes") or facts.get("labels") or ())
    about = f"{known} classes" if facts.get("input_shape") else "nothing yet: teach it on the page"
    click.echo(f"{address}\n{shown(str(serving.model))} knows {about}. Ctrl-C ends.")
