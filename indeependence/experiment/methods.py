"""Methods by text, as `compare` takes them: those of this package, and what a user's own module makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from indeependence.encoder.fitting.grammar import members_of, parse_layers
from indeependence.errors import InputError, did_you_mean
from indeependence.models.baselines.catalogue import ALL, KINDS, OWN, USUAL
from indeependence.models.baselines.given import learner_named
from indeependence.models.baselines.settings import checked, listed, name_and_settings, name_of
from indeependence.models.contexts import usual_contexts
from indeependence.models.contexts.classifier import ContextualClassifier
from indeependence.moments.moments import Label


@dataclass(frozen=True)
class Settings:
    """The settings besides the scenario; what a method's own text says comes before ``layers`` and ``steps``."""

    layers: str = "auto"
    steps: int = 500  # of a network, for each task
    seed: int = 0
    threads: int | None = None
    scenario: str = "split"  # by its name our own model gets the contexts that are usual; `compare` sets it


@dataclass(frozen=True)
class Method:
    """A method by its text: what makes its learner, and all its settings by name."""

    name: str
    make: Callable[[], Any]
    settings: Mapping[str, Any] = field(default_factory=dict)
    given: frozenset[str] = frozenset()  # the settings that were given; the others have their defaults

    def learner(self, shape: tuple[int, ...]) -> Any:
        """Return its learner; raise `InputError` where inputs of this ``shape`` are nothing for it."""
        learner = self.make()
        if self.settings.get("network") == "conv" and name_of(self.name) in KINDS:
            from indeependence.models.baselines.network import check_picture

            check_picture(shape)
        return learner

    def about(self, learner: Any) -> str:
        """Return the settings in words, of a learner that has learned."""
        if name_of(self.name) in (OWN, "ridge"):
            return f"{learner.encoder_.layers_text}, penalty {learner.weights.penalty:.3g} from the sums"
        return getattr(learner, "about", "given")


def names_of(text: str) -> list[str]:
    """Return the methods that a text lists; ``usual`` are those of `compare`, ``all`` are all that have a name.

    >>> names_of("ridge,replay:examples=1000,steps=500")
    ['ridge', 'replay:examples=1000,steps=500']
    """
    if text in ("usual", "all"):
        return list(USUAL if text == "usual" else ALL)
    return listed(text, ALL)


def methods_of(names: Sequence[str], labels: Sequence[Label], settings: Settings) -> list[Method]:
    """Return the methods of these texts, each once.

    Raise `InputError` for unknown names, settings and values, also of a user's own module, which is imported.

    >>> [method.settings["examples"] for method in methods_of(["replay:examples=9"], [0, 1], Settings())]
    [9]
    """
    return [_method(text, list(labels), settings) for text in dict.fromkeys(names)]


def _method(text: str, labels: list[Label], settings: Settings) -> Method:
    name, given = name_and_settings(text)
    options: dict[str, Any] = {"random_state": settings.seed, "n_jobs": settings.threads}
    if name_of(name) not in KINDS:
        if ":" not in name:
            hint = did_you_mean(name, ALL)
            raise InputError(f"expected methods among {', '.join(ALL)}, or MODULE:NAME, got {name!r}{hint}")
        return Method(text, partial(learner_named, name, labels, given, **options), given, frozenset(given))
    if name not in KINDS:
        raise InputError(f"{text}: {name_of(name)} is a method, expected {name_of(name)}:SETTING=VALUE after its name")
    kind = KINDS[name]
    usual: dict[str, Any] = {"layers": settings.layers, "steps": settings.steps}
    values = {key: usual.get(key, setting.default) for key, setting in kind.settings.items()}
    values |= checked(name, dict(kind.settings), given)
    if "layers" in values:
        check_layers(values["layers"])
    chosen = frozenset(key for key, value in values.items() if key in given or value != kind.settings[key].default)
    if name == OWN and usual_contexts(settings.scenario, values["layers"]) == "task":
        return Method(text, partial(ContextualClassifier, **values, **options), values, chosen)
    fixed = {"layers": "inputs"} if name == "ridge" else {}
    return Method(text, partial(kind.made, labels, **fixed, **values, **options), values, chosen)


def check_layers(text: str) -> None:
    """Raise `InputError` unless ``--layers`` could have this text."""
    for member in members_of(text) if text not in ("auto", "best") else ():
        parse_layers(member)
