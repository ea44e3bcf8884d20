"""Continual learning from sums of products: learn forever, store nothing.

The path of the data, one folder for each stage: data (arrays, then tasks) → encoder (codes) → moments (sums, then
weights) → models (classifier, contexts, autoencoder, baselines) → experiment → report.

Axes: N examples, D inputs, K bases of a layer, H code units, C classes or targets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from indeependence.data.datasets import Dataset, load_dataset
    from indeependence.data.scenarios import Scenario, permuted_tasks, split_tasks
    from indeependence.encoder.fronts.pretrained import pretrained
    from indeependence.engine.choice import use_engine
    from indeependence.errors import InputError
    from indeependence.experiment.evaluation import evaluate
    from indeependence.keras_layers.mirrored_relu import MirroredReLU
    from indeependence.models.autoencoder.model import Autoencoder
    from indeependence.models.autoencoder.pairs import ContinualAutoencoder
    from indeependence.models.classifier.classifier import ContinualClassifier
    from indeependence.models.conformance import check_learner
    from indeependence.models.contexts.classifier import ContextualClassifier
    from indeependence.models.multilabel.classifier import ContinualMultiLabelClassifier
    from indeependence.models.regressor.regressor import ContinualRegressor

_HOMES = {
    "Autoencoder": "indeependence.models.autoencoder.model",
    "ContextualClassifier": "indeependence.models.contexts.classifier",
    "ContinualAutoencoder": "indeependence.models.autoencoder.pairs",
    "ContinualClassifier": "indeependence.models.classifier.classifier",
    "ContinualMultiLabelClassifier": "indeependence.models.multilabel.classifier",
    "ContinualRegressor": "indeependence.models.regressor.regressor",
    "Dataset": "indeependence.data.datasets",
    "InputError": "indeependence.errors",
    "MirroredReLU": "indeependence.keras_layers.mirrored_relu",
    "Scenario": "indeependence.data.scenarios",
    "check_learner": "indeependence.models.conformance",
    "evaluate": "indeependence.experiment.evaluation",
    "load_dataset": "indeependence.data.datasets",
    "permuted_tasks": "indeependence.data.scenarios",
    "pretrained": "indeependence.encoder.fronts.pretrained",
    "split_tasks": "indeependence.data.scenarios",
    "use_engine": "indeependence.engine.choice",
}
__all__ = [
    "Autoencoder",
    "ContextualClassifier",
    "ContinualAutoencoder",
    "ContinualClassifier",
    "ContinualMultiLabelClassifier",
    "ContinualRegressor",
    "Dataset",
    "InputError",
    "MirroredReLU",
    "Scenario",
    "check_learner",
    "evaluate",
    "load_dataset",
    "permuted_tasks",
    "pretrained",
    "split_tasks",
    "use_engine",
]


def __getattr__(name: str):
    """Return a public name from its module, loaded on first use so that importing the package stays quick."""
    if name not in _HOMES:
        raise AttributeError(f"module 'indeependence' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """Return the names for completion: with the public names, also before their modules are loaded."""
    return sorted({*globals(), *__all__})
