"""Options for runs that go on or are made again: --resume, --checkpoint-every and --from."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from indeependence.commands.shared.given import given
from indeependence.commands.shared.help import Function, option, section
from indeependence.commands.shared.notes import note
from indeependence.commands.shared.types import COUNT, FILE

if TYPE_CHECKING:
    from indeependence.experiment.unfinished import Unfinished
    from indeependence.report.result import Asked

# How a run is made: none of these changes its results.
HOW = (
    *("output", "quiet", "as_json", "threads", "tensorboard", "batch_size", "cache"),
    *("resume", "checkpoint_every", "again", "engine", "device"),
)
REPEATED = "indeependence.repeated"
AGAIN = Path("artifacts/repeated")  # so that what is repeated stays


def repeating_options(*kinds: str) -> Callable[[Function], Function]:
    """Return the options; ``kinds`` of results can be repeated."""

    def take_options(ctx: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
        if path is not None:
            ctx.meta[REPEATED] = told = _results(path, kinds)
            several = {one.name for one in ctx.command.params if one.multiple}
            options = {
                name: [value] if name in several and isinstance(value, str) else value
                for name, value in told["options"].items()
                if name not in HOW
            }
            ctx.default_map = {**options, "output": str(AGAIN)}
        return path

    return section(
        "Work",
        option("--resume", is_flag=True, help="Go on with a run that was interrupted, to the same results."),
        option(
            "--checkpoint-every",
            type=COUNT,
            default=20_000,
            show_default=True,
            metavar="N",
            rare=True,
            help="Keep a model every N examples, in addition to after each task, for --resume.",
        ),
        option(
            "--from",
            "again",
            type=FILE,
            metavar="FILE",
            is_eager=True,  # it sets the defaults of the others
            callback=take_options,
            rare=True,
            help=f"Repeat the run of this results.json with its options, in {AGAIN}, and compare fingerprints.",
        ),
    )


def _results(path: Path, kinds: tuple[str, ...]) -> dict[str, Any]:
    """Return what a file of results tells; raise `click.UsageError` if it is none of these ``kinds``."""
    expected = f"--from {path}: expected a results.json of evaluate or compare"
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise click.UsageError(f"{expected}, got what cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise click.UsageError(f"{expected}, got no JSON ({error})") from error
    if not isinstance(told, dict) or not isinstance(told.get("options"), dict) or "data" not in told["options"]:
        raise click.UsageError(f"{expected}, got other JSON")
    kind = told.get("kind")
    if kind is None:
        raise click.UsageError(f"{expected} of classes task after task, got others: give their options again")
    if kind not in kinds:
        commands = {"evaluation": "evaluate", "evaluations": "evaluate", "comparison": "compare"}
        raise click.UsageError(f"--from {path}: these are results of {commands.get(kind, 'another command')}")
    return told


def check_repeats(ctx: click.Context, choice: dict[str, Any]) -> None:
    """Raise `click.UsageError` for an option beside --from that could change the results, or lose them."""
    path = choice["again"]
    if path is None:
        return
    for parameter in ctx.command.params:
        name = parameter.name or ""
        if given(ctx, name) and name not in HOW and parameter.expose_value:
            raise click.UsageError(f"--from repeats a run with its own options: leave {parameter.opts[0]} out")
    if choice["output"].resolve() in path.resolve().parents:
        raise click.UsageError(f"--output and --from are both in {choice['output']}: name another --output")


@contextmanager
def kept_runs(choice: dict[str, Any], asked: Asked, *, anew: bool) -> Iterator[Unfinished]:
    """Yield where to keep what is done of the runs, and say how to go on if the block is interrupted."""
    from indeependence import __version__
    from indeependence.experiment.unfinished import unfinished

    options = {name: value for name, value in asked.options.items() if name not in HOW}
    if not choice.get("load"):
        options.pop("model", None)
    plan = {**options, "version": __version__, "data_sha256": asked.data_sha256, "files_sha256": _files(choice)}
    how = {"resume": choice["resume"], "anew": anew, "every": choice["checkpoint_every"]}
    with unfinished(choice["output"], plan, **how) as kept:
        if choice["resume"] and not kept.resumed:
            note(f"there is no unfinished run in {choice['output']}: this one begins anew")
        try:
            yield kept
        except KeyboardInterrupt:
            if kept.has_begun:
                note(f"{choice['output']} keeps what is done: go on with --resume.", before="")
            raise


def _files(choice: Mapping[str, Any]) -> str:
    """Return a digest of the files, beside the data, that the results depend on; empty without any."""
    from indeependence.data.identity import identity_of

    named = [choice["model"] if choice.get("load") else None, choice.get("encoder"), choice.get("weights")]
    paths = [Path(name) for name in named if name and Path(name).is_file()]
    return " ".join(identity_of(path).sha256 for path in paths)


def say_repeated(ctx: click.Context, data_sha256: str) -> None:
    """Say if the data or the version are not those of the run that is repeated."""
    from indeependence import __version__

    told = ctx.meta.get(REPEATED)
    if told is None:
        return
    if told.get("data_sha256") != data_sha256:
        note(f"the data are not those of the run that is repeated: {told['options']['data']} has changed since")
    if told.get("version") != __version__:
        note(f"the run that is repeated was made by version {told.get('version')}, this is {__version__}")


def say_same(ctx: click.Context, now: Mapping[str, Any]) -> None:
    """Say whether what was repeated came out with the same fingerprints."""
    told = ctx.meta.get(REPEATED)
    if told is None:
        return
    before, after = fingerprints(told), fingerprints(now)
    other = [name for name, value in before.items() if after.get(name) != value]
    path = ctx.params["again"]
    if other:
        note(f"{len(other)} of {len(before)} fingerprints differ from those in {path}, the first: {other[0]}")
    else:
        note(
            f"the same {'fingerprint' if len(before) == 1 else f'{len(before)} fingerprints'} as in {path}.", before=""
        )


def fingerprints(told: Mapping[str, Any]) -> dict[str, str]:
    """Return the fingerprint of each model in results, by the name and seed of its run.

    >>> fingerprints({"kind": "evaluation", "seed": 3, "model_sha256": "ab"})
    {'seed 3': 'ab'}
    """
    groups = told.get("series") or told.get("methods") or [{"runs": [told]}]
    return {
        ", ".join([*([group["name"]] if "name" in group else []), f"seed {run['seed']}"]): run["model_sha256"]
        for group in groups
        for run in group["runs"]
    }
