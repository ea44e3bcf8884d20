"""A frozen network in an ``.onnx`` file, run by onnxruntime."""

from __future__ import annotations

import hashlib
import platform
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from indeependence.encoder.fronts.onnx_claims import Claims, checked
from indeependence.errors import InputError

ENDING = ".onnx"
BATCH = 32  # inputs at a time, always, unless the network has a number of its own


@dataclass(frozen=True, eq=False)
class OnnxNetwork:
    """A network kept as the bytes of its ``.onnx`` file; nothing of them is believed before `checked` has seen it."""

    kind: ClassVar[str] = "onnx"
    archive: bytes

    @property
    def name(self) -> str:
        """What it is called in messages: the names inside such files say nothing."""
        return "the ONNX network"

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the file."""
        return hashlib.sha256(self.archive).hexdigest()

    @property
    def runtime(self) -> str:
        """The versions that decide about the last digits."""
        return f"onnxruntime {_load().__version__} {platform.machine()}"

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape of one input, channels last."""
        return self.claims.shape

    @property
    def loaded(self) -> bool:
        """Whether it was needed already."""
        return "claims" in vars(self)

    @property
    def batch(self) -> int:
        """The number of inputs at a time."""
        return self.claims.batch

    @cached_property
    def claims(self) -> Claims:
        """What it claims to be; raise `InputError` where that is more or other than can be run."""
        _load()
        try:
            return checked(self.archive, batch=BATCH)
        except InputError:
            raise
        except Exception as error:  # of any kind: it depends on the file which part of ONNX fails
            raise InputError(f"cannot load the ONNX network: {_reason(error)}") from error

    @cached_property
    def session(self) -> Any:
        """The network, loaded."""
        claims, runtime = self.claims, _load()
        options = runtime.SessionOptions()
        options.log_severity_level = 4
        options.add_session_config_entry("session.load_model_format", "ONNX")  # whatever the bytes look like
        try:
            return runtime.InferenceSession(claims.model, options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise InputError(f"cannot load the ONNX network: {_reason(error)}") from error

    def predicted(self, batch: np.ndarray) -> np.ndarray:
        """Return rows float32 ``[N, D]`` of one batch; raise `InputError` where the network cannot be run."""
        claims = self.claims
        values = np.moveaxis(batch, -1, 1) if claims.channels_first else batch
        if claims.dtype == np.uint8:
            values = np.clip(np.rint(values), 0, 255)
        values = np.ascontiguousarray(values, claims.dtype)
        try:
            return np.asarray(self.session.run(None, {claims.name: values})[0], np.float32).reshape(len(batch), -1)
        except InputError:
            raise
        except Exception as error:
            raise InputError(f"the ONNX network cannot be run: {_reason(error)}") from error

    def __getstate__(self) -> dict[str, Any]:
        return {"archive": self.archive}  # the session is made again when needed


def _load() -> Any:
    """Return onnxruntime; raise `InputError` where it, or ONNX, is not installed."""
    try:
        import onnx  # noqa: F401 (it reads the file first)
        import onnxruntime
    except ImportError as error:
        raise InputError("an .onnx network needs onnxruntime: pip install 'indeependence[onnx]'") from error
    return onnxruntime


def _reason(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
