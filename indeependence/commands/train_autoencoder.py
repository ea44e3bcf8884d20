"""``train`` of an autoencoder, example by example: its running error, its error curve, and what it shows on the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from indeependence.commands.shared.facts import say
from indeependence.commands.shared.notes import note
from indeependence.commands.shared.progress import progress
from indeependence.commands.shared.settings import asked, taken
from indeependence.machine import limited_threads

if TYPE_CHECKING:
    from indeependence.data.selection import Source
    from indeependence.experiment.online_training import After, OnlineRun
    from indeependence.models.autoencoder.online import Step
    from indeependence.report.frames.view import View
    from indeependence.report.live.feed import Feed
    from indeependence.report.result import Asked
    from indeependence.report.tensorboard import Board

LIMIT = 1000  # examples, if --limit is not given


@dataclass(frozen=True)
class Settings:
    """All that is asked for: the data, the run, and what is written and shown of it."""

    source: Source
    run: OnlineRun
    asked: Asked
    output: Path
    tensorboard: Path | None = None
    threads: int | None = None
    show: bool = False  # in a window or in the browser
    record: Path | None = None  # a film, or pictures
    quiet: bool = False
    as_json: bool = False

    @classmethod
    def of(cls, choice: dict[str, Any]) -> Settings:
        """Return the settings that the options make."""
        from indeependence.data.selection import Part, Source
        from indeependence.experiment.online_training import OnlineRun

        choice = {**choice, "limit": choice["limit"] or LIMIT}
        run = taken(OnlineRun, choice, part=taken(Part, choice))
        return taken(cls, choice, source=taken(Source, choice), run=run, asked=asked(choice))


def train_autoencoder(settings: Settings) -> None:
    """Learn example by example, write the model, its error curve and a report, and print the running error."""
    from indeependence.data.reading import Reading
    from indeependence.experiment.costs import Clock
    from indeependence.experiment.online_report import online_report
    from indeependence.experiment.online_training import train
    from indeependence.files.lock import sole_writer_of
    from indeependence.report.tensorboard import board

    clock, run, saved = Clock.start(), settings.run, _nothing if settings.as_json else _print_error
    dataset = settings.source.load(Reading.in_file(run.model) if run.load else None)
    fresh = None if run.load else run.new(dataset)  # before any folder is made: it may be refused
    with _screen(settings) as screen:
        with board(settings.tensorboard) as events:
            with limited_threads(settings.threads or 1), _observers(settings, screen, events) as after:
                with sole_writer_of(run.model, existing=run.load), progress(quiet=settings.quiet) as watch:
                    model = fresh or run.open()
                    course = train(run, model, run.examples(dataset), watch=watch, after=after, saved=saved)
            asked, output = settings.asked, settings.output
            facts = online_report(run, model, dataset, course, clock, asked, output, board=events)
        if not settings.as_json:
            facts.pop("running_errors")  # printed on the way
        say(facts, as_json=settings.as_json)


def _screen(settings: Settings) -> AbstractContextManager[Feed[View] | None]:
    """Return where the model is shown while it learns; what is shown last stays for a while after the results."""
    from indeependence.report.live.show import shown

    return shown(note) if settings.show else nullcontext()


@contextmanager
def _observers(settings: Settings, screen: Feed[View] | None, events: Board | None) -> Iterator[list[After]]:
    """Give what looks at the model after each example: a screen, a film, TensorBoard; closed at the end."""
    from indeependence.experiment.events import after_step
    from indeependence.experiment.views import seen_by
    from indeependence.report.frames.film import recording
    from indeependence.report.live.show import now_and_then

    with ExitStack() as stack:
        found: list[After] = [after_step(events)] if events else []
        if screen is not None:
            found.append(stack.enter_context(now_and_then(seen_by(screen.put))))
        if settings.record:
            found.append(seen_by(stack.enter_context(recording(settings.record))))
        yield found


def _print_error(step: Step) -> None:
    click.echo(f"{step.number:8} examples  running error {step.error:.4f}")


def _nothing(step: Step) -> None:
    pass
