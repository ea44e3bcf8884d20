"""A frozen Keras model in front of the layers: its outputs, as rows of numbers, are then quantised."""

from __future__ import annotations

import hashlib
import importlib
import json
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from indeependence.encoder.keras_archive import ENDING, content_of, weights_in
from indeependence.encoder.keras_claims import check_claims, check_config
from indeependence.errors import InputError
from indeependence.files.keras_names import FIRST_NAMES, first_name

WITH_LAYERS = ("indeependence.keras_layers.", "indeependence.planes.")
BATCH = 32  # inputs at a time, always: how a network rounds depends on the shape of its input
PASSING = {"shared_object_id", "compile_config", "build_config"}  # parts of a config that change no output


@dataclass(frozen=True, eq=False)
class FrozenModel:
    """Rows float32 ``[N, D]`` from inputs ``[N, ...]`` by a Keras model, which is kept as the bytes of its file.

    Inputs are handed over `BATCH` at a time, the last ones filled up with zeros, so a row does not depend on how the
    inputs were cut. It may depend on the machine and on the versions of Keras and of its backend.
    """

    archive: bytes  # a .keras file

    def __call__(self, inputs: np.ndarray) -> np.ndarray:
        blocks = []
        for start in range(0, len(inputs), BATCH):
            block = self._shaped(np.asarray(inputs[start : start + BATCH]))
            full = np.zeros((BATCH, *block.shape[1:]), np.float32)
            full[: len(block)] = block
            blocks.append(self._predicted(full)[: len(block)])
        rows = np.concatenate(blocks)
        if not np.isfinite(rows).all():
            raise InputError("expected a Keras model of finite outputs, got NaN or infinity: scale its input")
        return rows

    def _predicted(self, batch: np.ndarray) -> np.ndarray:
        """Return rows ``[BATCH, D]`` of one batch; raise `InputError` where the model cannot be run."""
        model = self.model
        try:
            return np.asarray(model.predict_on_batch(batch), np.float32).reshape(BATCH, -1)
        except Exception as error:  # of any kind, as in loading
            raise InputError(f"the Keras model cannot be run: {_reason(error)}") from error

    def _shaped(self, inputs: np.ndarray) -> np.ndarray:
        """Return inputs as the model expects them: grey pictures get one channel, or three equal ones."""
        asked = self.input_shape
        if inputs.ndim == 3 and len(asked) == 3 and asked[-1] in (1, 3):
            inputs = np.repeat(inputs[..., None], asked[-1], axis=-1)
        shape = inputs.shape[1:]
        if len(shape) != len(asked) or any(size not in (None, got) for size, got in zip(asked, shape, strict=True)):
            raise InputError(
                f"expected inputs of shape {_times(asked)}, as the Keras model asks for, got {_times(shape)}: put a "
                "Resizing or Reshape layer in front of it"
            )
        return inputs

    @property
    def input_shape(self) -> tuple[int | None, ...]:
        """The shape of one input; None where any size is accepted."""
        return tuple(self.model.inputs[0].shape[1:])

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
        _check_usable(model)
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

    def __repr__(self) -> str:
        return f"<frozen Keras model {self.name}, {self.fingerprint[:12]}>"

    def __getstate__(self) -> dict:
        return {"archive": self.archive}  # the model itself is built again when needed


def frozen(source: Any) -> FrozenModel:
    """Return the frozen encoder of a Keras model, of the path of its ``.keras`` file, or of a `FrozenModel`.

    Raise `InputError` for anything else, and for a file that is not such a model.
    """
    if isinstance(source, FrozenModel):
        return source
    if isinstance(source, str | Path):
        return read_frozen(Path(source))
    if not hasattr(source, "predict_on_batch") or not hasattr(source, "save"):
        raise InputError(f"expected a Keras model or the path of a {ENDING} file, got {type(source).__name__}")
    _check_usable(source)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"model{ENDING}"
        source.save(path)
        front = FrozenModel(path.read_bytes())
    _ = front.model, front.fingerprint  # what cannot be loaded again is refused now, not when it is needed
    return front


def read_frozen(path: Path) -> FrozenModel:
    """Return the frozen encoder in the file ``path``; raise `InputError` unless it is a ``.keras`` model."""
    if path.suffix != ENDING:
        raise InputError(f"{path}: expected a {ENDING} file: load the model in Keras and save it as one")
    try:
        if path.exists() and not path.is_file():
            raise InputError(f"expected a {ENDING} file, found a folder, pipe or device: save its content as a file")
        front = FrozenModel(path.read_bytes())
        _ = front.fingerprint
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    return front


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


def _check_usable(model: Any) -> None:
    if not model.built or not model.inputs:
        raise InputError("expected a Keras model that knows its input's shape: give it an Input layer")
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise InputError(
            f"expected a Keras model of one input and one output, got {len(model.inputs)} and {len(model.outputs)}"
        )


def _reason(error: Exception) -> str:
    if "safe_mode" in str(error) or "unsafe" in str(error):
        return "it holds Python code (a Lambda layer, say), which is not run; use layers instead"
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _times(shape: tuple[int | None, ...]) -> str:
    return "x".join("any" if size is None else str(size) for size in shape)
