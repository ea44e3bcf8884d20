"""Every kind of model behind one interface, `learner.Learner`, and one function that opens their files: `open`.

classifier (one set of sums) · regressor (numbers instead of classes) ·
multilabel (several labels for each example) · contexts (one for each distribution of inputs) ·
autoencoder (ties inputs and targets) · conceptors and baselines (other methods against forgetting; they have no files).
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from indeependence.errors import InputError

# What reads each kind of file. Nothing else maps a kind to a class.
_READERS = {
    "classifier": ("indeependence.models.classifier.classifier", "ContinualClassifier.load"),
    "regressor": ("indeependence.models.regressor.regressor", "ContinualRegressor.load"),
    "multilabel": ("indeependence.models.multilabel.classifier", "ContinualMultiLabelClassifier.load"),
    "contexts": ("indeependence.models.contexts.classifier", "ContextualClassifier.load"),
    "autoencoder": ("indeependence.models.autoencoder.opening", "opened"),
    "weights": ("indeependence.models.weights_file", "read_predictor"),
    "sdr": ("indeependence.binary_codes.storage", "read_sdr"),
}
_READ_ELSEWHERE = {"willshaw": "a memory is asked by sparse recall", "decoder": "a decoder goes with sparse draw"}


def open(path: str | Path, **changes: Any) -> Any:
    """Return the model in the file ``path``, of any kind, with the parameters ``changes`` set anew.

    Every kind has ``facts()``; all but binary codes have a ``predictor``; those with sums have all of `learner.Model`.
    Raise `InputError` if the file is no model, or if its kind lacks one of the parameters.
    """
    from indeependence.files.container import kind_of

    kind = kind_of(path)
    if kind not in _READERS:
        hint = _READ_ELSEWHERE.get(kind, "update indeependence")
        raise InputError(f"{path}: expected a model of kind {', '.join(_READERS)}, got {kind!r}: {hint}")
    module, name = _READERS[kind]
    read: Callable[..., Any] = import_module(module)  # type: ignore[assignment]
    for part in name.split("."):
        read = getattr(read, part)
    return read(path, **changes)


def predictor_of(path: str | Path) -> Any:
    """Return the prediction-only part of the model in the file ``path``, as `open` and ``predictor`` give it.

    Where the weights stand in the file, its sums are not read: a large model then answers at once. Raise `InputError`
    as `open` does.
    """
    from indeependence.files.container import CLASSIFIER, kind_of

    if kind_of(path) == CLASSIFIER:
        from indeependence.models.classifier.storage import read_kept

        kept = read_kept(path)
        if kept is not None:
            return kept
    return open(path).predictor


def input_shape(path: str | Path) -> tuple[int, ...]:
    """Return the shape of one input of the model in the file ``path``, from its header alone."""
    from indeependence.files.container import damage_told, header_of
    from indeependence.files.schema import expect, is_whole

    header = header_of(path)
    with damage_told(path):
        parts = (header, header.get("about", {}), header.get("encoder", {}))
        shape: Any = next((one["shape"] for one in parts if "shape" in one), [])
        sound = isinstance(shape, list) and shape and all(is_whole(side, 1, 2**31) for side in shape)
        expect(bool(sound), "the shape of an input")
        return tuple(shape)
