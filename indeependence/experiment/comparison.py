"""This project's model and other methods on the same tasks, in the same process and by the same loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from indeependence.data.scenarios import Scenario
from indeependence.errors import InputError
from indeependence.experiment.evaluation import evaluate
from indeependence.experiment.unfinished import Unfinished
from indeependence.experiment.watching import Watch, unwatched
from indeependence.models.baselines.given import learner_named
from indeependence.models.baselines.memory import Kept
from indeependence.models.classifier.classifier import ContinualClassifier
from indeependence.models.contexts import usual_contexts
from indeependence.models.contexts.classifier import ContextualClassifier
from indeependence.models.learner import Learner
from indeependence.moments.moments import Label, sorted_labels
from indeependence.report.comparison import Bytes, Entry, with_intransigence

OWN = "indeependence"


@dataclass(frozen=True)
class Settings:
    """The settings besides the scenario; a baseline's own settings are fixed and shown with its figures."""

    layers: str = "auto"
    replay: tuple[int, ...] = (500,)
    steps: int = 500  # of a network, for each task
    seed: int = 0
    threads: int | None = None
    given: tuple[str, ...] = ()  # learners of the user's own, as module:factory
    contexts: str = "one"  # of our own model; `compare` sets what is usual for each scenario


@dataclass(frozen=True)
class Method:
    """A method by name: its learner for given labels, and its settings in words."""

    name: str
    learner: Callable[[], Any]
    about: Callable[[Any], str] = lambda learner: learner.about


NAMES = (OWN, "ridge", "lda", "naive-bayes", "gradient-steps", "fine-tuning", "ewc", "replay", "joint")


def methods_of(names: Sequence[str], labels: Sequence[Label], settings: Settings) -> list[Method]:
    """Return the methods of these names, ``replay`` once for each size of its buffer.

    Raises `InputError` for an unknown name.

    >>> [method.name for method in methods_of(["ridge", "replay"], [0, 1], Settings(replay=(200, 500)))]
    ['ridge', 'replay-200', 'replay-500']
    """
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        raise InputError(f"expected methods among {', '.join(NAMES)}, got '{unknown[0]}'")
    ours = [method for name in dict.fromkeys(names) for method in _named(name, list(labels), settings)]
    seeded = {"random_state": settings.seed, "n_jobs": settings.threads}
    theirs = [
        Method(text, partial(learner_named, text, labels, **seeded), lambda learner: getattr(learner, "about", "given"))
        for text in dict.fromkeys(settings.given)
    ]
    return [*ours, *theirs]


def _named(name: str, labels: list[Label], settings: Settings) -> list[Method]:
    seeded: dict[str, Any] = {"random_state": settings.seed, "n_jobs": settings.threads}
    if name == OWN and settings.contexts == "task":
        return [Method(name, lambda: ContextualClassifier(settings.layers, **seeded), _layers_of)]
    if name in (OWN, "ridge"):
        layers = settings.layers if name == OWN else "inputs"
        return [Method(name, lambda: ContinualClassifier(layers, **seeded), _layers_of)]
    if name in ("lda", "naive-bayes", "gradient-steps"):
        return [Method(name, partial(_pixel_learner, name, labels, seeded))]
    trained = {**seeded, "steps": settings.steps}
    if name == "replay":
        sized = {f"replay-{size}": {**trained, "size": size} for size in settings.replay}
        return [Method(each, partial(_network_learner, name, labels, options)) for each, options in sized.items()]
    return [Method(name, partial(_network_learner, name, labels, trained))]


def _layers_of(model: ContinualClassifier | ContextualClassifier) -> str:
    return f"{model.encoder_.layers_text}, penalty {model.weights.penalty:.3g} from the sums"


def _pixel_learner(name: str, labels: list[Label], options: dict[str, Any]) -> Learner:
    from indeependence.models.baselines import scikit
    from indeependence.models.baselines.streaming_lda import StreamingLDA

    if name == "lda":
        return StreamingLDA(**options)
    return (scikit.naive_bayes if name == "naive-bayes" else scikit.gradient_steps)(labels, **options)


def _network_learner(name: str, labels: list[Label], options: dict[str, Any]) -> Learner:
    """Return a learner with a network; only here is TensorFlow loaded."""
    from indeependence.models.baselines.ewc import ElasticWeights
    from indeependence.models.baselines.fine_tuning import FineTuning
    from indeependence.models.baselines.joint import JointTraining
    from indeependence.models.baselines.replay import Replay

    kinds = {"fine-tuning": FineTuning, "ewc": ElasticWeights, "replay": Replay, "joint": JointTraining}
    return kinds[name](labels, **options)


def compare(
    scenarios: Sequence[Scenario],
    names: Sequence[str] = NAMES,
    settings: Settings | None = None,
    *,
    kept: Unfinished | None = None,
    watch: Watch = unwatched,
    **about: Any,
) -> list[Entry]:
    """Evaluate each method on all ``scenarios``, with seeds from the settings' seed upwards, and return the results.

    What is done of them is ``kept`` and not done again. ``about`` goes to `evaluate`: the name of the data, options and
    command. Time counts from after the libraries of a method are loaded.

    >>> from indeependence import load_dataset, split_tasks
    >>> [entry] = compare([split_tasks(load_dataset("digits"), tasks=5)], ["lda"])
    >>> entry.name, entry.stored_examples, bool(entry.average_accuracy > 0.9)
    ('lda', 0, True)
    """
    settings = Settings() if settings is None else settings
    runs: dict[str, list[Entry]] = {}
    for number, scenario in enumerate(scenarios):
        labels = sorted_labels(label for part in scenario.train for label in part.classes.tolist())
        contexts = usual_contexts(scenario.name, settings.layers)
        seeded = replace(settings, seed=settings.seed + number, contexts=contexts)
        for method in methods_of(names, labels, seeded):
            run = f"{method.name}, seed {seeded.seed}"
            told = None if kept is None else kept.result(run)
            entry = _entry(method, scenario, run, kept, watch, about) if told is None else Entry.of_json(told)
            if kept is not None and told is None:
                kept.keep(run, entry.to_json())
            runs.setdefault(method.name, []).append(entry)
    joined = [replace(entries[-1], results=tuple(one.results[0] for one in entries)) for entries in runs.values()]
    return with_intransigence(joined)


def _entry(
    method: Method, scenario: Scenario, run: str, kept: Unfinished | None, watch: Watch, about: dict[str, Any]
) -> Entry:
    """Return what one method does on one scenario."""
    learner = method.learner()

    def named(what: str, done: int, total: int) -> None:
        watch(f"{method.name}: {what}", done, total)

    checkpoints = None if kept is None else kept.checkpoints(run)
    result = evaluate(scenario, learner, watch=named, checkpoints=checkpoints, **about)
    return Entry(method.name, (result,), method.about(learner), held_by(learner))


def held_by(learner: Learner) -> Bytes:
    """Return the bytes of all that a learner needs to go on: parameters, statistics and stored examples."""
    kept = learner.moments_
    if isinstance(kept, Kept):
        return Bytes(
            *(sum(array.nbytes for array in part) for part in (kept.parameters, kept.statistics, kept.examples))
        )
    return Bytes(learner.encoder_.nbytes, kept.nbytes, 0)
