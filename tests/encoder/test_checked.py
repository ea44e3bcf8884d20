"""Encoders from files: one whose fields are not sound is refused, whatever its fingerprint says."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indeependence.encoder.checked import check_limits
from indeependence.encoder.description import describe
from indeependence.encoder.fitting.bootstrap import bootstrap
from indeependence.encoder.quantise import Quantiser, fit_quantiser
from indeependence.encoder.storage import restore
from indeependence.errors import InputError
from indeependence.files.container import damage_told

PATCHES = "patches:4:size=3:pool=3:stride=3:pad=1"
TEXTS = {"pictures": f"{PATCHES},+sparse:5,norm:300", "vectors": "+boxes:6,+fourier:5,4:winners=2"}


@pytest.fixture(scope="module")
def described():
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (30, 8, 8), np.uint8)
    vectors = rng.normal(size=(30, 5))
    return {
        "pictures": (describe(bootstrap(pictures, TEXTS["pictures"])), pictures),
        "vectors": (describe(bootstrap(vectors, TEXTS["vectors"])), vectors),
    }


def changed(described, kind, layer, **values):
    header, arrays = described[kind][0]
    layers = [{**entry, **(values if i == layer else {})} for i, entry in enumerate(header["layers"])]
    return {**header, "layers": layers}, arrays


@pytest.mark.parametrize(
    ("kind", "layer", "values"),
    [
        ("pictures", 0, {"contrast": 0.0}),
        ("pictures", 0, {"contrast": float("nan")}),
        ("pictures", 0, {"contrast": 1e-200}),
        ("pictures", 0, {"gain": float("inf")}),
        ("pictures", 0, {"pad": 100_000}),
        ("pictures", 0, {"size": 2}),
        ("pictures", 0, {"stride": 0}),
        ("pictures", 0, {"winners": 5}),
        ("pictures", 0, {"frame": 256}),
        ("pictures", 0, {"root": 1}),
        ("pictures", 1, {"scale": float("nan")}),
        ("pictures", 1, {"beside": "yes"}),
        ("pictures", 2, {"longest": True}),
        ("vectors", 1, {"inputs": 16}),
        ("vectors", 1, {"norm": 2}),
        ("vectors", 1, {"scale": 1e30}),
        ("vectors", 2, {"threshold": -1.0}),
        ("vectors", 2, {"winners": -1}),
    ],
)
def test_a_value_outside_its_range_is_refused(described, kind, layer, values):
    with pytest.raises(InputError, match="damaged model: expected"):
        restore(*changed(described, kind, layer, **values))


@pytest.mark.parametrize(
    ("kind", "name", "change"),
    [
        ("vectors", "edges", lambda edges: np.full_like(edges, np.inf)),
        ("vectors", "edges", lambda edges: edges[:, :4]),
        ("vectors", "edges", lambda edges: edges[:0]),
        ("vectors", "layer0.columns", lambda columns: columns + 15),
        ("vectors", "layer0.gains", lambda gains: gains.astype(np.int64)),
        ("vectors", "layer0.thresholds", lambda thresholds: thresholds[:, :1]),
        ("vectors", "layer1.phase", lambda phase: phase.astype(float)),
        ("vectors", "layer1.bases", lambda bases: np.full_like(bases, 32767)),
        ("vectors", "layer2.offset", lambda offset: offset[1:]),
        ("pictures", "layer0.bases", lambda bases: bases.astype(np.float32)),
    ],
)
def test_an_array_that_does_not_fit_is_refused(described, kind, name, change):
    header, arrays = described[kind][0]
    with pytest.raises(InputError, match="damaged model: expected"):
        restore(header, {**arrays, name: change(arrays[name])})


@pytest.mark.parametrize("shape", [[], [8], [8, 8, 4], [8, -8], [8.0, 8.0], [10**10, 10**10], ["8", "8"]])
def test_a_shape_of_no_input_is_refused(described, shape):
    header, arrays = described["pictures"][0]
    with pytest.raises(InputError, match="damaged model: expected"):
        restore({**header, "shape": shape}, arrays)


NUMBERS = st.one_of(st.integers(-(2**70), 2**70), st.floats(), st.integers(-3, 300), st.none(), st.booleans())


@given(data=st.data(), kind=st.sampled_from(sorted(TEXTS)), value=NUMBERS)
def test_whatever_stands_in_a_layer_is_refused_or_gives_codes_without_a_warning(described, data, kind, value):
    header = described[kind][0][0]
    layer = data.draw(st.integers(0, len(header["layers"]) - 1))
    name = data.draw(st.sampled_from(sorted(set(header["layers"][layer]) - {"kind"})))
    try:
        with warnings.catch_warnings(), damage_told("m"):
            warnings.simplefilter("error")
            encoder = restore(*changed(described, kind, layer, **{name: value}))
    except InputError:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert encoder(described[kind][1]).shape == (30, encoder.units)


def test_a_window_of_one_value_is_refused():
    with pytest.raises(InputError, match="expected windows of at least 2 values"):
        bootstrap(np.zeros((3, 4, 4), np.uint8), "patches:2:size=1:pool=1:stride=1")


def test_values_far_beyond_the_limits_get_the_last_code():
    quantiser = fit_quantiser(np.array([[[-1e299, 1e299]]]))
    assert quantiser(np.array([[[-1.7e308, 1.7e308]]])).tolist() == [[[0, 255]]]


@pytest.mark.parametrize("low", [0.0, -np.inf, np.inf, np.nan])
@pytest.mark.parametrize("high", [0.0, np.inf, np.nan, -1e308])
@pytest.mark.filterwarnings("error")
def test_limits_that_are_no_ascending_numbers_are_refused_without_a_warning(low, high):
    quantiser = Quantiser(np.array([0.0, low]), np.array([1.0, high]))
    with pytest.raises(InputError, match="ascending limits"):
        check_limits(quantiser, (2,))
