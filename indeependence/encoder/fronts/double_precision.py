"""A front that computes in double precision and gives its outputs in single: machines then agree on them.

How a network rounds depends on the machine: sums are taken in another order. In single precision the last digits of
nearly all outputs differ, and where one of them is close to a step, so do codes. In double precision outputs differ
by a 10⁸th of that, and rounding them to single precision takes nearly every such difference away: see
``benchmarks/front_precision.py``.
"""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from indeependence.encoder.fronts.front import Network
from indeependence.encoder.fronts.keras_archive import CONTENT, content_of
from indeependence.encoder.fronts.keras_network import KerasNetwork
from indeependence.errors import InputError

AS_IT_IS = ("compile_config", "build_config")  # parts of a config that say nothing about how a layer computes
EVERY_TIME = (1980, 1, 1, 0, 0, 0)  # equal models, equal files


def double_network(network: Network) -> KerasNetwork:
    """Return a Keras network that computes in double precision, with the weights of this one.

    The outputs are not quite those of the network as it is, and it takes two to three times as long on a processor.
    Raise `InputError` for an ONNX network, and for a layer that does not compute so.
    """
    if not isinstance(network, KerasNetwork):
        raise InputError("--double goes with a Keras network, got an ONNX file: leave one out")
    config, weights = content_of(network.archive)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as members:
        for name, content in zip(CONTENT, (json.dumps(_doubled(json.loads(config))).encode(), weights), strict=True):
            members.writestr(zipfile.ZipInfo(name, EVERY_TIME), content)
    doubled = KerasNetwork(made.getvalue())
    _check_doubled(doubled.model)
    return doubled


def is_double(network: Network) -> bool:
    """Return whether a network computes in double precision, by its config."""
    if not isinstance(network, KerasNetwork):
        return False
    config = json.loads(content_of(network.archive)[0])
    try:
        return bool(_doubled(config) == config)
    except InputError:  # quantised layers
        return False


def _doubled(config: Any) -> Any:
    """Return a config in which every number type with a fraction is float64.

    >>> _doubled({"units": 3, "dtype": {"class_name": "DTypePolicy", "config": {"name": "mixed_float16"}}})
    {'units': 3, 'dtype': {'class_name': 'DTypePolicy', 'config': {'name': 'float64'}}}
    """
    if isinstance(config, dict):
        return {name: _as_asked(name, value) for name, value in config.items()}
    return [_doubled(value) for value in config] if isinstance(config, list) else config


def _as_asked(name: str, value: Any) -> Any:
    if name in AS_IT_IS:
        return value
    return _double_type(value) if name == "dtype" else _doubled(value)


def _double_type(dtype: Any) -> Any:
    """Return a type, or the policy of a layer, in double precision; raise `InputError` for quantised layers."""
    if isinstance(dtype, str):
        return "float64" if "float" in dtype else dtype
    if not isinstance(dtype, dict):
        return dtype
    if dtype.get("class_name") != "DTypePolicy" or not isinstance(dtype.get("config"), dict):
        raise InputError(
            "expected a Keras model of layers in single precision, got quantised ones: save it before that"
        )
    return {**dtype, "config": {"name": _double_type(dtype["config"].get("name"))}}


def _check_doubled(model: Any) -> None:
    """Raise `InputError` if a layer of the model computes in another precision."""
    import keras

    passing = (keras.Model, keras.layers.InputLayer)  # they have a type of their own and compute nothing by it
    for layer in model._flatten_layers(include_self=False):
        if not isinstance(layer, passing) and "float" in layer.compute_dtype and layer.compute_dtype != "float64":
            raise InputError(
                f"the layer {layer.name} computes in {layer.compute_dtype} alone: expected float64, leave --double out"
            )
