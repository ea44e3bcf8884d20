"""An autoencoder learns example by example, as in the original program."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from indeependence.data.datasets import Dataset
from indeependence.data.examples import Examples
from indeependence.data.selection import Part
from indeependence.errors import InputError
from indeependence.experiment.answers import Watch
from indeependence.history.trail import Trail
from indeependence.models.autoencoder.grammar import fitting_text
from indeependence.models.autoencoder.labelled import LabelledAutoencoder
from indeependence.models.autoencoder.online import Pace, Step, run
from indeependence.models.autoencoder.sketching import SAMPLE
from indeependence.models.making import check_layers

RATE = 0.01  # of Adam, as in the original program
SAVED = 100  # examples from one writing of the model's file to the next

# Called with the model, the input that it has just learned, and all steps so far.
After = Callable[[LabelledAutoencoder, np.ndarray, list[Step]], None]


@dataclass(frozen=True)
class OnlineRun:
    """Settings of a run: the model's file, the examples, how the model is made, and how it goes on."""

    model: Path
    part: Part = Part()
    load: bool = False  # go on from the file
    layers: str = "auto"
    coeff: float | None = None  # of moving averages; None for sums
    seed: int = 0
    rate: float | None = None  # of Adam; 0.01 by default, or as the file has it
    solver: str | None = None  # of the bases, or "adam"; "eigh" by default, or as the file has it
    order: str = "shuffled"  # by the seed; or "file", as in the data
    boot_skip: int | None = None  # examples before those to bootstrap on; None for those that the part skips
    boot_limit: int = 1
    eval: float = 0.01  # coefficient of the running error
    infer: int = 100  # steps of an inference, and of Adam
    inference: str = "mean"  # or "closed", "adam"
    audit: Path | None = None  # a log to note every writing of the model in

    @property
    def pace(self) -> Pace:
        """How the run goes on from example to example."""
        return Pace(self.eval, self.inference, self.infer, self.infer)

    def examples(self, dataset: Dataset, part: Part | None = None, option: str = "--skip") -> Examples:
        """Return the ``part`` of the data that is learned, by default all that is asked for, in the order asked for.

        Raise `InputError`, which names the ``option`` that asked for it, where no example is left.
        """
        return (part or self.part).of(dataset, shuffled=self.seed if self.order == "shuffled" else None, option=option)

    def new(self, dataset: Dataset) -> LabelledAutoencoder:
        """Return a model bootstrapped on some of the examples; raise `InputError` for layers that do not fit."""
        labels = dataset.classes.tolist()
        layers = fitting_text(dataset.x_train[0].size + len(labels)) if self.layers == "auto" else self.layers
        model = LabelledAutoencoder(
            labels,
            layers,
            coeff=self.coeff,
            random_state=self.seed,
            frozen=False,
            solver=self.solver or "eigh",
            rate=self.rate or RATE,
        )
        skip, option = (self.part.skip, "--skip") if self.boot_skip is None else (self.boot_skip, "--boot-skip")
        sample = self.examples(dataset, replace(self.part, skip=skip, limit=self.boot_limit), option)
        model.reading = dataset.reading
        if self.coeff is not None:  # averages are not drawn from a sketch
            return model.bootstrap(*sample.arrays())
        sketched = self.examples(dataset, replace(self.part, limit=min(self.part.limit or SAMPLE, SAMPLE)))
        return model.bootstrap(*sample.arrays(), sketched=sketched.arrays()[0])

    def open(self) -> LabelledAutoencoder:
        """Return the model in the file, to go on with sums or moving averages, and with the solver that is asked for.

        Raise `InputError` for frozen bases, and for other layers than those in the file.
        """
        model = LabelledAutoencoder.load(self.model)
        check_layers(self.model, model, self.layers)
        if model.autoencoder.options["frozen"]:
            raise InputError(f"{self.model} has frozen bases, which are not refitted: give --frozen, too")
        if model.coeff is None and self.coeff is not None and model.moments_.count:
            told = f"{self.model}: its exact sums become a moving average, coefficient {self.coeff:g}, for good"
            warnings.warn(told, UserWarning, stacklevel=2)
        model.coeff = self.coeff
        asked = {"solver": self.solver, "rate": self.rate}
        model.autoencoder.options |= {name: value for name, value in asked.items() if value is not None}
        return model


@dataclass(frozen=True, eq=False)
class OnlineResult:
    """A step for each example of a run, and the processor's seconds that all took."""

    steps: list[Step]
    cpu_seconds: float

    @property
    def errors(self) -> list[float]:
        """The running error after each example."""
        return [step.error for step in self.steps]


def train(
    settings: OnlineRun,
    model: LabelledAutoencoder,
    examples: Examples,
    *,
    watch: Watch = lambda what, done, total: None,
    after: Sequence[After] = (),
    saved: Callable[[Step], None] = lambda step: None,
) -> OnlineResult:
    """Infer, score and learn one example after another; write the model every hundred of them and at the end.

    Whoever calls holds the lock of the file. ``after`` are called after each example, ``saved`` every hundred.
    """
    steps: list[Step] = []
    trail = Trail(settings.model, settings.audit)
    anew = not settings.load

    def save() -> None:
        nonlocal anew
        trail.replace("learn", model.facts, lambda: model.save(settings.model), anew=anew)
        anew = False

    began = time.process_time()
    pairs = ((inputs[0], labels[0].item()) for inputs, labels in examples.batches(1))
    for step in run(model, pairs, settings.pace):
        steps.append(step)
        watch("learning", step.number, len(examples))
        for call in after:
            call(model, examples.part(step.number - 1, step.number).arrays()[0][0], steps)
        if step.number % SAVED == 0:
            save()
            saved(step)
    result = OnlineResult(steps, time.process_time() - began)
    save()
    return result
