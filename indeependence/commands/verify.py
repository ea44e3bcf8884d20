"""``verify``: whether an audit log or a receipt is intact, and whether a model is what it says."""

from __future__ import annotations

from pathlib import Path

import click

from indeependence.commands.shared import message_options
from indeependence.commands.shared.facts import say
from indeependence.commands.shared.help import command, option, section
from indeependence.commands.shared.types import FILE


@command()
@click.argument("log", type=click.Path(path_type=Path), metavar="LOG")
@click.argument("model", type=click.Path(path_type=Path), metavar="[MODEL]", required=False)
@section(
    "Also",
    option("--receipt", type=FILE, metavar="FILE", help="This receipt of forget must stand in LOG."),
    option("--ids", type=FILE, metavar="FILE", help="The receipt must be for exactly these ids, one a line."),
    option("--last", metavar="HASH", help="A hash that was noted of LOG must still stand in it: nothing is cut off."),
)
@message_options.json_option
def verify(
    log: Path, model: Path | None, receipt: Path | None, ids: Path | None, last: str | None, as_json: bool
) -> None:
    """Check an audit LOG: every line, the chain of hashes, the steps of each model, and the counts.

    With a MODEL, its fingerprint is computed from its arrays and must be the log's last one; of an export to Keras,
    TensorFlow or ONNX, which has none, the bytes of all files are compared. LOG may also be a receipt of forget.
    Exits with 0 if all is intact; otherwise with 1 and one line that says where it is not.

    A log is no signature: who can write it can also make another one. Note its last hash elsewhere.

    \b
    Examples:
      python cli.py verify audit.jsonl artifacts/model.safetensors
      python cli.py verify audit.jsonl --receipt receipt.json --ids asked.txt
      python cli.py verify receipt.json artifacts/model.safetensors
    """
    from indeependence.history.checking import Claims, check

    facts = check(Claims(log, model, receipt, ids, last))
    if not as_json and "models" in facts:
        facts["models"] = ", ".join(facts["models"]) or "none yet"
    say(facts, as_json=as_json)
