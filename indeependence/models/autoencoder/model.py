"""The tied autoencoder: two parts of a row, tied by sums, each of which can be inferred from the other."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from indeependence.encoder.checked import check_input_shape
from indeependence.encoder.layers.mirror import unmirror
from indeependence.errors import InputError
from indeependence.exact import TOP
from indeependence.files.container import damage_told
from indeependence.files.schema import expect
from indeependence.models.alone import alone
from indeependence.models.autoencoder.conditional import complete, denoised, drawn_codes, sampled_codes
from indeependence.models.autoencoder.fitting import first_stack, refitted_stack
from indeependence.models.autoencoder.grammar import layer_specs, layers_text
from indeependence.models.autoencoder.inference import Problem, by_patterns, by_steps, errors
from indeependence.models.autoencoder.layout import Layout, partial_rows, whole_rows
from indeependence.models.autoencoder.row_coder import SummedRows
from indeependence.models.autoencoder.storage import Kept, read_autoencoder, write_autoencoder
from indeependence.models.autoencoder.sums import AutoencoderSums, Sums
from indeependence.models.autoencoder.tied import Tied
from indeependence.models.parameters import number, one_of, truth, usable_parameters, whole
from indeependence.moments.average import Average
from indeependence.moments.moments import Moments
from indeependence.moments.regions import Regions
from indeependence.moments.regression import Joint, joint, regress
from indeependence.moments.sketch import Sketch
from indeependence.moments.weights import Weights

SOLVERS = ("eigh", "adam")
METHODS = ("mean", "closed", "adam")


@dataclass(frozen=True, eq=False)
class Inferred:
    """Rows with the missing entries filled in; 0 is nothing, 1 a full byte; not cut to that range."""

    inputs: np.ndarray  # [N, D] float64
    targets: np.ndarray  # [N, C] float64
    error: np.ndarray  # [N] objective of the tied decoding; NaN for the method "mean"


class Autoencoder:
    """A model of inputs and targets, tied by sums of products: either is inferred from the other, or from a part of it.

    Inputs ``[N, D]`` (or pictures of D values) and targets ``[N, C]`` are bytes or numbers of 0..1. `bootstrap` fits
    bases on a sample; `learn` adds examples to the sums; `refit` fits the bases again from the sums, which moves the
    codes of earlier examples: `drift` measures how far. With ``frozen`` bases nothing ever moves, and exact sums are
    the same for any order and any batches.

    Parameters
    ----------
    input_size : D, the number of values of an input.
    target_size : C, the number of values of a target.
    layers : numbers of bases from the bottom upwards, or a text as in `grammar.layer_specs`.
    shape : of one input, if that is a picture; only local bases need it.
    solver : of the bases, "eigh" or "adam".
    rate : of Adam.
    frozen : keep the bases as bootstrapped, and no sums for refitting them.
    both : also sum the code of each target alone, so that inputs are inferred from it as targets are from theirs.
    target_shape : of one target, if that is a picture; only local bases of ``both`` need it.
    seed : of the rotation of the bases.
    jobs : threads of encoding; all cores by default.

    Attributes
    ----------
    layout : the places of input, target and top code in a row.
    tied : the bases, `Tied`; only after `bootstrap`.
    options : the parameters, as plain JSON values.
    about : further JSON values from the model's file.
    kept : what else was in that file: a ledger, the models that were merged, and how far a run was.
    summed : from rows to what is summed of them.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> targets = np.eye(2)[rng.integers(0, 2, 200)]
    >>> inputs = targets @ np.array([[1, 0, 1, 0, 1], [0, 1, 1, 1, 0]]) * 0.5 + 0.3 * rng.random((200, 5))
    >>> model = Autoencoder(5, 2, (4,)).bootstrap(inputs[:50], targets[:50])
    >>> model.learn(inputs, targets).infer(inputs[:3]).targets.argmax(1) == targets[:3].argmax(1)
    array([ True,  True,  True])
    """

    def __init__(
        self,
        input_size: int,
        target_size: int,
        layers: str | Sequence[int] = (400, 250, 150),
        *,
        shape: tuple[int, ...] | None = None,
        solver: str = "eigh",
        rate: float = 0.01,
        frozen: bool = False,
        both: bool = False,
        target_shape: tuple[int, ...] | None = None,
        seed: int = 0,
        jobs: int | None = None,
    ):
        self.layout = Layout(whole("input_size", input_size), whole("target_size", target_size, least=0))
        self.specs = layer_specs(layers, self.layout.seen)
        self.options: dict[str, Any] = {
            "layers": layers_text(layers),
            "shape": [whole("shape", size) for size in shape or (input_size,)],
            "solver": one_of("solver", solver, SOLVERS),
            "rate": number("rate", rate),
            "frozen": truth("frozen", frozen),
            "seed": whole("seed", seed, least=0),
        }
        if truth("both", both):
            sides = [whole("target_shape", size, least=0) for size in target_shape or (target_size,)]
            self.options |= {"both": True, "target_shape": sides}
        self.jobs = usable_parameters({"n_jobs": jobs})["n_jobs"]

    # Learning

    @alone
    def bootstrap(self, inputs: np.ndarray, targets: np.ndarray) -> Autoencoder:
        """Fit the bases on a sample ``[N, D]``, ``[N, C]``, one layer after another, reset the sums and return self."""
        rows = whole_rows(self.layout, inputs, targets)
        return self.start(first_stack(self.specs, self.options, rows))

    def start(self, stack: Tied, sums: AutoencoderSums | None = None) -> Autoencoder:
        """Take given bases and given sums, empty ones by default, and return self."""
        self._take_bases(stack)
        deep = () if self.options["frozen"] else tuple(layer.units for layer in stack.layers[:-1])
        empty = AutoencoderSums.empty(stack.encoder.fingerprint, self.summed.units, deep, len(stack.layers))
        self.about: dict[str, Any] = {}  # further values from the file
        self.kept = Kept()
        return self.take(empty if sums is None else sums)

    def draw_by(self, sketch: Sketch) -> Autoencoder:
        """Also keep sums of a ``sketch``, from the first example on, that pictures are drawn from; return self."""
        self._sums.draw_by(Regions(sketch, self.layout.target_size))
        return self

    @property
    def regions(self) -> Regions | None:
        """Those sums; None where they are not kept of all examples."""
        sums = self.sums
        return sums.regions if isinstance(sums, Moments) else None

    def take(self, sums: AutoencoderSums) -> Autoencoder:
        """Take given sums in place of the present ones, and return self."""
        self._sums = sums
        self._solved: dict[str, Weights] = {}
        return self

    def _take_bases(self, stack: Tied) -> None:
        self.tied = stack
        sides = Layout(self.layout.input_size, self.layout.target_size)
        self.summed = SummedRows(stack, sides, self.options.get("both", False))
        self.layout = self.summed.layout

    @alone
    def learn(self, inputs: np.ndarray, targets: np.ndarray, coeff: float | None = None) -> Autoencoder:
        """Add examples to the sums, or to their moving average with the coefficient ``coeff``, and return self.

        Inputs are ``[N, D]`` and targets ``[N, C]``. Raise `InputError` for other sizes or numbers, for a coefficient
        outside 0..1, and for none once the sums are a moving average. The model is then left unchanged.
        """
        self._check_started()
        rows = whole_rows(self.layout, inputs, targets)
        deep = [] if self.options["frozen"] else self.tied.codes(rows)[:-1]
        self._sums.add(self.summed(rows, jobs=self.jobs), deep, coeff)
        self._solved = {}
        return self

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Restore the sums if anything inside the block raises."""
        before = self._sums.copy()
        try:
            yield
        except BaseException:
            self._sums, self._solved = before, {}
            raise

    @property
    def sums(self) -> Sums:
        """The sums over rows ``[input ; target ; top code of the input alone]``."""
        self._check_started()
        return self._sums.rows

    @property
    def drift(self) -> list[float]:
        """The share, for each layer, of the sums of its codes that is out of date because bases changed."""
        self._check_started()
        return self._sums.drift

    @property
    def joint(self) -> Joint:
        """Mean and scatter of those rows; `InputError` if nothing was learned."""
        if not self.sums.count:
            raise InputError("the model has learned no examples yet: train it first")
        return joint(self.sums)

    @alone
    def refit(self, steps: int = 1) -> Autoencoder:
        """Fit the bases again from the sums, at once by eigenvectors or in ``steps`` steps of Adam, and return self.

        The codes of all examples so far were made with the old bases. The new bases are rotated as near to the old
        ones as their subspace allows, the sums are carried over, and `drift` is the share of them that is out of
        date. Frozen bases, 0 steps and empty sums change nothing.
        """
        whole("steps", steps, least=0)
        if self.options["frozen"] or not steps or not self.sums.count:
            return self
        stack, drifts = refitted_stack(self.tied, self.specs, self.options, self._sums, steps=steps)
        self._take_bases(stack)
        self._sums.rebase(self.tied.encoder.fingerprint, drifts)
        self._solved = {}
        return self

    # Inferring

    def infer(
        self,
        inputs: np.ndarray | None = None,
        targets: np.ndarray | None = None,
        mask: np.ndarray | None = None,
        steps: int = 100,
        method: str = "mean",
    ) -> Inferred:
        """Return whole rows: infer targets from inputs, inputs from targets, and inputs where ``mask`` is False.

        ``mask`` is bool, of the shape of one input or of all, and True where an input is known; without inputs, it is
        of the targets. ``method`` is "mean" (the conditional mean from the sums), "closed" (alternating mirror pattern
        and least squares) or "adam" (gradient steps). The last two take ``steps`` steps over the top code and use only
        the bases, not the sums, so one layer must have fewer bases than values. Raise `InputError` if nothing is given,
        for other sizes or numbers, and for another method.
        """
        self._check_started()
        whole("steps", steps, least=0)
        rows, known = partial_rows(self.layout, inputs, targets, mask)
        if one_of("method", method, METHODS) == "mean":
            filled = self._by_mean(rows, known)
            error = np.full(len(rows), np.nan)
        else:
            if self.tied.fits_any_row and not known.all():
                raise InputError(
                    f"--inference {method} needs fewer bases than the {known.shape[1]} values of both sides, got "
                    f"{self.tied.layers[0].bases.shape[1]}: take the mean, or train with fewer --layers"
                )
            problem = Problem(self.tied, rows.astype(np.float32), known)
            start = self.tied.values(np.where(known, rows, self.tied.fill))
            options = {"rate": self.options["rate"]} if method == "adam" else {}
            solve = by_steps if method == "adam" else by_patterns
            values = solve(problem, start, steps=steps, **options)
            filled = np.where(known, rows, self.tied.decode(values)[0])
            error = errors(problem, values).squared
        filled = filled / TOP
        return Inferred(filled[:, self.layout.inputs], filled[:, self.layout.targets], error)

    def _by_mean(self, rows: np.ndarray, known: np.ndarray) -> np.ndarray:
        filled = rows.astype(np.float64)
        inputs, targets = self.layout.inputs, self.layout.targets
        halves = known[:, targets].any(1) & ~known[:, targets].all(1) & ~known[:, inputs].any(1)
        if self.summed.both and halves.any():  # the hidden half of a target first, then the input of all of it
            filled[halves] = complete(self.joint, rows[halves], known[halves])
            filled[halves, inputs] = self._readout_of(filled[halves], 1)
        whole_targets = self.summed.both & known[:, targets].all(1) & ~known[:, inputs].any(1)
        if whole_targets.any():
            filled[whole_targets, inputs] = self._readout_of(filled[whole_targets], 1)
        partly = ~known[:, inputs].all(1) & ~whole_targets & ~(halves & self.summed.both)
        if partly.any():
            filled[partly] = complete(self.joint, rows[partly], known[partly])
        wanted = ~known[:, targets].all(1) & known[:, inputs].any(1)
        if wanted.any():
            found = self._readout_of(filled[wanted], 0)
            filled[wanted, targets] = np.where(known[wanted, targets], filled[wanted, targets], found)
        return filled

    def _readout_of(self, filled: np.ndarray, side: int) -> np.ndarray:
        """Return one side, in bytes, from the code of the other ``side`` alone: 0 for inputs, 1 for targets."""
        whole = np.clip(np.round(filled[:, : self.layout.seen]), 0, TOP).astype(np.uint8)
        return (self.readout_of_inputs if side else self.readout).scores(self.summed.code(whole, side, jobs=self.jobs))

    @property
    def readout(self) -> Weights:
        """The weights of the targets' conditional mean given the top code."""
        return self._weights("targets", self.layout.code, self.layout.targets)

    @property
    def readout_of_inputs(self) -> Weights:
        """The weights of the inputs' conditional mean given the code of the targets alone."""
        return self._weights("inputs of targets", self.layout.target_code, self.layout.inputs)

    def _weights(self, name: str, known: slice, unknown: slice) -> Weights:
        if name not in self._solved:
            self._solved[name] = regress(self.joint, known, unknown)
        return self._solved[name]

    def encode(self, inputs: np.ndarray, targets: np.ndarray | None = None) -> np.ndarray:
        """Return top codes uint8 ``[N, H]`` of inputs alone, or of inputs with their targets."""
        self._check_started()
        rows, known = partial_rows(self.layout, inputs, targets)
        return self.tied.top(np.where(known, rows, self.tied.fill).astype(np.uint8), jobs=self.jobs)

    def decode(self, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return inputs ``[N, D]`` and targets ``[N, C]``, 1 for a full byte, decoded from top codes ``[N, H]``."""
        self._check_started()
        values, _ = unmirror(codes.astype(np.float32))
        rows = self.tied.decode(values)[0] / TOP
        return rows[:, self.layout.inputs], rows[:, self.layout.targets]

    def generate(self, targets: np.ndarray, *, spread: float = 0.5, seed: int = 0) -> np.ndarray:
        """Return inputs ``[N, D]`` of 0..1, one drawn for each of ``targets [N, C]``; with ``spread`` 0 their mean.

        A code is drawn from the Gaussian of the top code given the target; the input is its conditional mean.
        """
        rng = np.random.default_rng(whole("seed", seed, least=0))
        rows, _ = partial_rows(self.layout, None, np.atleast_2d(targets))
        rows = rows[:, self.layout.targets]
        if not number("spread", spread, zero=True):
            return np.clip(self.infer(targets=rows).inputs, 0, 1)
        pictures = self._weights("inputs", self.layout.code, self.layout.inputs)
        drawn = np.zeros((len(rows), self.layout.input_size))
        for row in np.unique(rows, axis=0):
            chosen = (rows == row).all(1)
            codes = sampled_codes(self.joint, self.layout, row, rng, count=int(chosen.sum()), spread=spread)
            drawn[chosen] = pictures.scores(codes)
        return np.clip(drawn / TOP, 0, 1)

    def generate_pairs(self, count: int, *, spread: float = 1.0, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
        """Return ``count`` inputs ``[N, D]`` and targets ``[N, C]`` of 0..1, drawn together.

        A code of both sides is drawn from the Gaussian of all codes; both sides are its conditional mean. With
        ``spread`` 0 all are the mean of what was learned.
        """
        rng, codes = np.random.default_rng(whole("seed", seed, least=0)), slice(self.layout.seen, None)
        drawn = drawn_codes(self.joint, codes, rng, count=count, spread=number("spread", spread, zero=True))
        rows = np.clip(self._weights("both", codes, slice(0, self.layout.seen)).scores(drawn) / TOP, 0, 1)
        return rows[:, self.layout.inputs], rows[:, self.layout.targets]

    def denoise(
        self, inputs: np.ndarray | None = None, targets: np.ndarray | None = None, *, noise: float
    ) -> np.ndarray:
        """Return clean inputs ``[N, D]`` of 0..1, or clean targets ``[N, C]``, from noisy ones; give one of them.

        ``noise`` is the standard deviation of the Gaussian noise that was added, 1 for a full byte; what then lay
        outside 0..1 was cut off, as files of pictures do.
        """
        if (inputs is None) == (targets is None):
            raise InputError(f"expected either inputs or targets to clean, got {'none' if inputs is None else 'both'}")
        rows, _ = partial_rows(self.layout, inputs, targets)
        part = self.layout.targets if inputs is None else self.layout.inputs
        noisy, noise = rows[:, part] / TOP, number("noise", noise, zero=True)
        return np.clip(denoised(self.joint, noisy, part, noise), 0, 1) if noise else noisy

    def unit_pattern(self, unit: int) -> np.ndarray:
        """Return how inputs ``[D]`` differ where a ``unit`` of the top layer is higher by its standard deviation.

        It is the covariance of inputs and unit, 1 for a full byte: what the unit stands for in the inputs, as its
        weights do not show (Haufe et al., NeuroImage 87, 2014). A unit is both sides of a mirrored pair.
        """
        units, rows = len(self.joint.mean[self.layout.code]) // 2, self.joint
        if whole("unit", unit, least=0) >= units:
            raise InputError(f"unit: expected one of the {units} units of the top layer, got {unit}")
        sides = self.layout.seen + 2 * unit + np.arange(2)
        variance = np.array([1, -1]) @ rows.covariance(sides) @ np.array([1, -1])
        shared = rows.scatter[self.layout.inputs][:, sides] @ np.array([1, -1]) / max(rows.count, 1)
        return shared / np.sqrt(max(float(variance), 1.0)) / TOP

    @property
    def predictor(self) -> NoReturn:
        """Raise `InputError`: without labels there are none to predict."""
        raise InputError("expected an autoencoder with labels, got one without: use it from Python")

    # Keeping

    def facts(self) -> dict[str, Any]:
        """Return facts about the model, as plain JSON values."""
        averaged = isinstance(self.sums, Average)
        return {
            "kind": "autoencoder",
            "model_sha256": self.sums.fingerprint,
            "encoder_sha256": self.tied.encoder.fingerprint,
            "layers": self.tied.encoder.layers_text,
            "input_shape": self.options["shape"],
            "target_size": self.layout.target_size,
            "code_units": self.tied.encoder.units,
            "examples": None if averaged else self.sums.count,
            "sums": "moving average" if averaged else "exact",
            "drift": self.drift,
            "stored_examples": 0,
            "statistics_bytes": self.sums.nbytes,
        }

    def save(self, path: str | Path, about: dict | None = None, kept: Kept | None = None) -> None:
        """Write bases, sums and the JSON values ``about`` to ``path``, never an example; and what else is ``kept``."""
        self._check_started()
        sizes = {"input_size": self.layout.input_size, "target_size": self.layout.target_size}
        write_autoencoder(path, self.tied, self._sums, {**sizes, **self.options}, about or self.about, kept)

    @classmethod
    def load(cls, path: str | Path, *, jobs: int | None = None) -> Autoencoder:
        """Return the model in the file ``path``; raise `InputError` for a missing, foreign or damaged one."""
        stack, sums, options, about, kept = read_autoencoder(path)
        with damage_told(path):
            shape = tuple(options.pop("shape"))
            check_input_shape(shape)
            model = cls(**options, shape=shape, jobs=jobs)
            fits = math.prod(shape) == model.layout.input_size and stack.encoder.shape == (model.layout.seen,)
            expect(fits and len(model.specs) == len(stack.layers), "bases of its inputs and targets")
            expect(len(sums.deep) == (0 if options["frozen"] else len(stack.layers) - 1), "sums as frozen bases have")
            model.start(stack, sums)
            expect(sums.rows.units == model.summed.units, "sums of rows and their codes")
        model.about, model.kept = about, kept
        return model

    def _check_started(self) -> None:
        if not hasattr(self, "tied"):
            raise InputError("the autoencoder has no bases yet: bootstrap it on some examples first")
