"""``sparse network cut``: surgery of a class in a Keras network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from indeependence.commands.shared import message_options, options, outputs, work_options
from indeependence.commands.shared.facts import say
from indeependence.commands.shared.help import command, option, section
from indeependence.commands.shared.settings import taken
from indeependence.commands.shared.types import FILE, SHARE
from indeependence.commands.sparse.network import shared
from indeependence.machine import limited_threads


@command()
@shared.network_argument
@shared.data_of_network
@shared.reading_options
@shared.examples_option
@section(
    "Surgery",
    option("--class", "forgotten", required=True, metavar="LABEL", help="Class that the network is to forget."),
    option(
        "--fraction",
        type=SHARE,
        default=0.1,
        show_default=True,
        help="Share of the units of each hidden layer to silence.",
    ),
    option("--layer", "layers", multiple=True, metavar="NAME", help="Only in this hidden layer; may be repeated."),
)
@options.seed_option
@work_options.threads_option
@section("Output", option("--output", type=FILE, required=True, help="The network after surgery, a .keras file."))
@options.overwrite_option
@message_options.json_option
def cut(file: Path, **choice: Any) -> None:
    """Silence the units of a Keras network that work most for one class.

    Those are silenced whose MAAV for the class exceeds the mean of the other classes most: the weights that read
    them become 0. This hides a class, it does not remove it; models of sums forget exactly (forget --class).

    \b
    Example:
      python cli.py sparse network cut mine.keras --data mnist --class 3 --output no3.keras
    """
    from indeependence.experiment.own_network import Surgery, operate

    outputs.check_outputs({**choice, "file": file}, output=shared.keras_file)
    choice.pop("overwrite")
    surgery = taken(Surgery, choice)
    with limited_threads(choice["threads"]):
        done = operate(shared.case_of(file, choice), surgery, choice["output"])
    if not choice["as_json"]:
        done["units"] = ", ".join(f"{count:,} of {name}" for name, count in done["units"].items())
    say(done, as_json=choice["as_json"])
