"""All methods that `compare` knows by name, each with its settings, their defaults and its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from indeependence.models.baselines.settings import Setting

HERE = "indeependence.models.baselines"
OWN = "indeependence"


@dataclass(frozen=True)
class Kind:
    """A method: where the class or function that makes its learner is, imported only when needed."""

    place: str  # module:name
    source: str
    settings: Mapping[str, Setting]
    takes_labels: bool = True

    def made(self, labels: list, **options: Any) -> Any:
        """Return a learner for these labels."""
        module, _, name = self.place.partition(":")
        make = getattr(import_module(module), name)
        return make(labels, **options) if self.takes_labels else make(**options)


READOUT = {"readout": Setting("lda", words=("lda", "ridge")), "penalty": Setting("auto", 0, ("auto",))}
NETWORK = {
    "network": Setting("dense", words=("dense", "conv")),
    "hidden": Setting(400, 1),
    "steps": Setting(500, 1),
    "batch": Setting(128, 1),
    "rate": Setting(1e-3, 0),
}
EXAMPLES = {"examples": Setting(500, 1), **NETWORK}
CLASSIFIER = "indeependence.models.classifier.classifier:ContinualClassifier"

# What papers leave open was chosen by benchmarks/tuning.py, on held-out training rows of MNIST.
KINDS: dict[str, Kind] = {
    OWN: Kind(CLASSIFIER, "this project", {"layers": Setting("auto"), **READOUT}, takes_labels=False),
    "ridge": Kind(CLASSIFIER, "sums of the inputs themselves", READOUT, takes_labels=False),
    "lda": Kind(f"{HERE}.streaming_lda:StreamingLDA", "of pixels", {"shrinkage": Setting(0.1, 0)}, takes_labels=False),
    "naive-bayes": Kind(f"{HERE}.scikit:naive_bayes", "scikit-learn's GaussianNB", {}),
    "gradient-steps": Kind(f"{HERE}.scikit:gradient_steps", "scikit-learn's SGDClassifier", {}),
    "fine-tuning": Kind(f"{HERE}.fine_tuning:FineTuning", "nothing against forgetting", NETWORK),
    "ewc": Kind(f"{HERE}.ewc:ElasticWeights", "Kirkpatrick et al. 2017", {"strength": Setting(5000.0, 0), **NETWORK}),
    "replay": Kind(f"{HERE}.replay:Replay", "Chaudhry et al. 2019", EXAMPLES),
    "joint": Kind(f"{HERE}.joint:JointTraining", "all examples so far at once", NETWORK),
    "lwf": Kind(
        f"{HERE}.lwf:WithoutForgetting",
        "Li & Hoiem 2016",
        {"strength": Setting(0.3, 0), "temperature": Setting(2.0, 0.01), **NETWORK},
    ),
    "si": Kind(
        f"{HERE}.si:SynapticIntelligence",
        "Zenke et al. 2017",
        {"strength": Setting(10.0, 0), "damping": Setting(0.1, 1e-6), **NETWORK},
    ),
    "a-gem": Kind(f"{HERE}.agem:AveragedGradientMemory", "Chaudhry et al. 2019", EXAMPLES),
    "der++": Kind(
        f"{HERE}.derpp:DarkExperience",
        "Buzzega et al. 2020",
        {"alpha": Setting(0.1, 0), "beta": Setting(1.0, 0), **EXAMPLES},
    ),
    "icarl": Kind(f"{HERE}.icarl:ICaRL", "Rebuffi et al. 2017", {**EXAMPLES, "rate": Setting(3e-3, 0)}),
    "deep-slda": Kind(
        f"{HERE}.deep_slda:DeepSLDA",
        "Hayes & Kanan 2020",
        {"features": Setting("network", words=("network", "inputs")), "shrinkage": Setting(1e-4, 1e-12), **NETWORK},
    ),
    "ranpac": Kind(f"{HERE}.ranpac:RanPAC", "McDonnell et al. 2023, its rule", {"directions": Setting(2000, 1)}),
}
ALL = tuple(KINDS)
USUAL = ALL[:9]  # what `compare` measures unless it is told which: quick, and a yardstick of each sort


def described() -> str:
    """Return a line for every method: its name, its settings with their defaults, and its source."""
    lines = []
    for name, kind in KINDS.items():
        defaults = {key: setting.default for key, setting in kind.settings.items()}
        settings = ",".join(
            f"{key}={value:g}" if isinstance(value, float) else f"{key}={value}" for key, value in defaults.items()
        )
        lines.append(f"{name}{':' if settings else ''}{settings}  ({kind.source})")
    return "\n".join(lines)
