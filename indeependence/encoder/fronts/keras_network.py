"""A frozen Keras network, kept as the bytes of its ``.keras`` file."""

from __future__ import annotations

import hashlib
import importlib
import json
import platform
import tempfile
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from indeependence.encoder.fronts.keras_archive import ENDING, content_of, weights_in
from indeependence.encoder.fronts.keras_claims import check_claims, check_config
from indeependence.encoder.fronts.preparation import Shape
from indeependence.errors import InputError
from indeependence.files.keras_names import FIRST_NAMES, first_name

WITH_LAYERS = ("indeependence.keras_layers.", "indeependence.planes.")
BATCH = 32  # inputs at a time, always: how a network rounds depends on the shape of its input
PASSING = {"shared_object_id", "compile_config", "build_config"}  # parts of a config that change no output
LIBRARIES = ("keras", "tensorflow", "tensorflow-cpu")  # that compute, as far as they are installed


@dataclass(frozen=True, eq=False)
class KerasNetwork:
    """A Keras model of one input and one output, kept as the bytes of its file."""

    kind: ClassVar[str] = "keras"
    archive: bytes  # a .keras file

    def predicted(self, batch: np.ndarray) -> np.ndarray:
        """Return rows float32 ``[N, D]`` of one batch; raise `InputError` where the model cannot be run."""
        model = self.model
        try:
            return np.asarray(model.predict_on_batch(batch), np.float32).reshape(len(batch), -1)
        except Exception as error:  # of any kind, as in loading
            raise InputError(f"the Keras model cannot be run: {_reason(error)}") from error

    @property
    def runtime(self) -> str:
        """The versions that decide about the last digits."""
        return " ".join([*filter(None, map(_version, LIBRARIES)), platform.machine()])

    @property
    def input_shape(self) -> Shape:
        """The shape of one input; None where any size is accepted."""
        return tuple(self.model.inputs[0].shape[1:])

    @property
    def loaded(self) -> bool:
        """Whether it was needed already."""
        return "model" in vars(self)

    @property
    def batch(self) -> int:
        """The number of inputs at a time."""
        return self.model.inputs[0].shape[0] or BATCH

    @property
    def name(self) -> str:
        """The model's name in Keras."""
        return str(self._config["config"]["name"])

    @cached_property
    def model(self) -> Any:
        """The Keras model. Python code inside the file is refused, since a file may come from anywhere."""
        from indeependence.quiet_keras import keras

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"model{ENDING}"
            path.write_bytes(self.archive)
            try:
                for module in _own_modules(self._config):
                    importlib.import_module(module)  # registers its layers with Keras
                check_claims(self._config, content_of(self.archive)[1], batch=BATCH)
                model = keras.saving.load_model(path, compile=False, safe_mode=True)
            except Exception as error:  # of any kind: it depends on the file which part of Keras fails
                raise InputError(f"cannot load the Keras model: {_reason(error)}") from error
        check_usable(model)
        return model

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the model's architecture and weights, whenever and wherever it was written to a file."""
        digest = hashlib.sha256(json.dumps(_lasting(self._config), sort_keys=True).encode())
        for name, weights in sorted(weights_in(content_of(self.archive)[1])):
            digest.update(f"{name} {weights.dtype.str} {weights.shape}".encode() + weights.tobytes())
        return digest.hexdigest()

    @cached_property
    def _config(self) -> dict:
        try:
            config = json.loads(content_of(self.archive)[0])
            check_config(config)
            if isinstance(config["config"]["name"], str):
                return config
        except InputError:
            raise
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise InputError(f"expected a {ENDING} model, got a damaged one ({error!r})") from error
        raise InputError(f"expected a {ENDING} model, got one without a name")

    def __getstate__(self) -> dict:
        return {"archive": self.archive}  # the model itself is built again when needed


def network_of(model: Any) -> KerasNetwork:
    """Return the network of a Keras model as it is now; raise `InputError` for what cannot be loaded again."""
    check_usable(model)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"model{ENDING}"
        model.save(path)
        network = KerasNetwork(path.read_bytes())
    _ = network.model, network.fingerprint  # refused now, not when it is needed
    return network


def _lasting(config: Any) -> Any:
    """Return a config without what changes from one save, or one version, to the next."""
    if isinstance(config, dict):
        module = config.get("module")
        named = {"module": first_name(module)} if isinstance(module, str) else {}
        return {key: _lasting(value) for key, value in {**config, **named}.items() if key not in PASSING}
    return [_lasting(value) for value in config] if isinstance(config, list) else config


def _own_modules(config: Any) -> set[str]:
    """Return the modules with layers of this package that a config names, by their present names."""
    if isinstance(config, dict):
        named, below = config.get("module"), config.values()
        now = FIRST_NAMES.get(named, named) if isinstance(named, str) else ""
        own = {now} if now.startswith(WITH_LAYERS) else set()
        return own.union(*(_own_modules(value) for value in below))
    return set().union(*(_own_modules(value) for value in config)) if isinstance(config, list) else set()


def check_usable(model: Any) -> None:
    """Raise `InputError` unless a Keras model has one input, of numbers and a known shape, and one output."""
    if not model.built or not model.inputs:
        raise InputError("expected a Keras model that knows its input's shape: give it an Input layer")
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise InputError(
            f"expected a Keras model of one input and one output, got {len(model.inputs)} and {len(model.outputs)}"
        )
    if model.inputs[0].dtype == "string":
        raise InputError("expected a Keras model of pictures or vectors, got one of text")
    for weights in model.weights:  # a ReLU may make numbers of NaN
        if "float" in str(weights.dtype) and np.isnan(np.asarray(weights, np.float32)).any():
            raise InputError(f"expected a network of numbers, got NaN in {weights.path}: train it anew")


def _reason(error: Exception) -> str:
    if "safe_mode" in str(error) or "unsafe" in str(error):
        return "it holds Python code (a Lambda layer, say), which is not run; use layers instead"
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _version(library: str) -> str:
    """Return name and version of a library; an empty text if it is not installed."""
    try:
        return f"{library} {version(library)}"
    except PackageNotFoundError:
        return ""
