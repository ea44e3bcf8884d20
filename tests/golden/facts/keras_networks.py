"""What is pinned of a network in Keras."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ..given import ASKED, Given


def network(path: Path, given: Given, folder: Path) -> Any:
    """Return what a loaded network answers, its loss, its layers' settings, its weights after a training step."""
    import keras

    import indeependence.sparse as sparse
    from indeependence import MirroredReLU  # noqa: F401 (registers the layer)

    for name in sparse.__all__:
        getattr(sparse, name)
    model, (inputs, labels) = keras.saving.load_model(path), given.examples(12, ASKED)
    scaled = (inputs / 16).astype(np.float32)
    answers = [np.asarray(model(scaled, training=training)).tolist() for training in (False, True)]
    each = keras.Model(model.inputs[0], [one.output for one in model.layers])(scaled[:3])
    inside = [np.asarray(values).ravel().tolist() for values in each]
    losses = [float(model.evaluate(scaled, labels, verbose=0)), float(model.train_on_batch(scaled, labels))]
    settings = [[type(one).__name__, _plain(one.get_config())] for one in model.layers]
    weights = [[one.path, np.asarray(one.value).ravel().tolist()] for one in model.weights]
    loss = [type(model.loss).__name__, model.loss.get_config()]
    return {
        "answers": answers,
        "inside": inside,
        "losses": losses,
        "layers": settings,
        "loss": loss,
        "weights": weights,
    }


def _plain(config: Any) -> Any:
    """Return a layer's settings without Keras's own: those that the project adds, and what its penalties say."""
    if isinstance(config, dict):
        own = {"k", "k_inference", "boost", "hardness", "period", "over", "density", "seed", "units", "filters"}
        own |= {"initial_learning_rate", "decay_steps", "decay_rate", "end_learning_rate", "amount", "target", "of"}
        mine = {"kernel_constraint", "kernel_regularizer", "activity_regularizer", "class_name", "config", "strength"}
        return {name: _plain(value) for name, value in config.items() if name in own | mine}
    return config
