"""Fronts from what a user has: the name of a network, its file, or the network itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from indeependence.encoder.fronts import keras_archive, onnx_network
from indeependence.encoder.fronts.depths import mirrored_network, network_at, parse_depths
from indeependence.encoder.fronts.double_precision import double_network
from indeependence.encoder.fronts.features import feature_cache
from indeependence.encoder.fronts.front import Front, Network
from indeependence.encoder.fronts.keras_network import KerasNetwork, network_of
from indeependence.encoder.fronts.onnx_network import OnnxNetwork
from indeependence.encoder.fronts.preparation import PLAIN, SCALES
from indeependence.errors import InputError

KINDS: dict[str, type[KerasNetwork] | type[OnnxNetwork]] = {
    keras_archive.ENDING: KerasNetwork,
    onnx_network.ENDING: OnnxNetwork,
}


def pretrained(
    source: Any,
    *,
    weights: str | Path | None = None,
    scale: str | None = None,
    depths: str | int | None = None,
    flip: bool = False,
    cache: str | Path | None = None,
    double: bool = False,
) -> Front:
    """Return a network as the front of an encoder, for ``ContinualClassifier(encoder=…)``.

    ``source`` is a ``.keras`` or ``.onnx`` file, the name of a network of `keras.applications`, or a Keras model. For a
    name, Keras downloads ImageNet weights unless ``weights`` is a file of them. ``scale`` says what the network wants
    pictures of 0 to 255 to become: "none", "unit" (0 to 1), "signed" (-1 to 1), "torch" (of mean 0 and deviation 1 over
    ImageNet) or "caffe" (BGR, minus the mean); if absent, what is right for a name, and "none" for a file. ``cache`` is
    a folder in which the network's outputs are kept, so that it looks at an input once.

    Three changes are for Keras networks. ``depths`` takes, instead of the network's own output, those of several of its
    layers, pooled: their names, or a number N for the last layers of the N smallest sizes, each with the number of
    cells along a side if wanted, as in "block_6_out:2,block_13_out" or "3:2" (see `network_at`). With ``flip``, outputs
    are averaged with those of the mirror image (see `mirrored_network`), and with ``double`` the network computes in
    double precision (see `double_network`).

    Raise `InputError` for what is none of these.
    """
    if scale is not None and scale not in SCALES:
        raise InputError(f"scale: expected {', '.join(SCALES)}, got {scale!r}")
    if isinstance(source, Front):
        network, usual = source.network, source.scale
        cache = source.cache.folder if cache is None and source.cache else cache
    else:
        network, usual = _network(source, None if weights is None else Path(weights))
    if depths is not None:
        network = network_at(network, parse_depths(depths))
    network = mirrored_network(network) if flip else network
    network = double_network(network) if double else network
    return Front(network, usual if scale is None else scale, None if cache is None else feature_cache(cache))


def _network(source: Any, weights: Path | None) -> tuple[Network, str]:
    """Return the network of a ``source``, and the scale that is usual for it."""
    if isinstance(source, str | Path):
        path = Path(source)
        if isinstance(source, str) and not path.suffix and path.name == source and not path.is_file():
            from indeependence.encoder.fronts.applications import application

            return application(source, weights)
        if weights is None:
            return read_network(path), PLAIN
    if weights is not None:
        raise InputError("--weights goes with the name of a network of keras.applications: a file has its own")
    if not hasattr(source, "predict_on_batch") or not hasattr(source, "save"):
        raise InputError(
            f"expected a Keras model, a {' or '.join(KINDS)} file or the name of a network, got {type(source).__name__}"
        )
    return network_of(source), PLAIN


def read_network(path: Path) -> Network:
    """Return the network in the file ``path``; raise `InputError` unless it is a ``.keras`` or ``.onnx`` file."""
    if path.suffix not in KINDS:
        raise InputError(f"{path}: expected a .keras or .onnx file: load the network in Keras and save it as .keras")
    try:
        if path.exists() and not path.is_file():
            raise InputError(
                f"expected a {path.suffix} file, found a folder, pipe or device: save its content as a file"
            )
        network = KINDS[path.suffix](path.read_bytes())
        _ = network.fingerprint
        if isinstance(network, OnnxNetwork):
            _ = network.claims
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    return network
