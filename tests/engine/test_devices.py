"""Devices: which ones there are, what they are tried with, and products that are exact for any codes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from indeependence import use_engine
from indeependence.engine import choice, device, sums
from indeependence.engine.choice import active, chosen
from indeependence.engine.device import Device
from indeependence.engine.products import plain_product
from indeependence.engine.solve import DeviceScatter
from indeependence.engine.sums import DeviceProducts
from indeependence.engine.trials import multiplies_exactly, wrongly_rounded
from indeependence.errors import InputError
from indeependence.moments.gram import add_gram


@pytest.fixture(scope="module")
def processor() -> Device:
    return chosen("tensorflow", "cpu")


def sums_of(codes):
    total = np.zeros((codes.shape[1], codes.shape[1]), np.int64)
    add_gram(total, codes)
    return total


@given(codes=arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 9))), copies=st.sampled_from([1, 20]))
@settings(max_examples=15)
def test_sums_are_exact_for_any_codes_in_any_cut(codes, copies):
    codes = np.tile(codes, (copies, 1))  # beyond 2**24 for large codes, so that blocks are halved
    found = DeviceProducts(chosen("tensorflow", "cpu"), codes.shape[1])
    cut = len(codes) // 3
    found.add(codes[:cut])
    found.add(codes[cut:])
    np.testing.assert_array_equal(found.upper(), sums_of(codes))


def test_extreme_codes_are_halved_until_their_sums_are_exact(processor):
    codes = np.full((1031, 5), 255, np.uint8)  # their sums of squares are four times 2**24
    found = DeviceProducts(processor, 5)
    found.add(codes)
    np.testing.assert_array_equal(found.upper(), sums_of(codes))


def test_a_product_that_rounds_is_not_trusted(processor):
    from keras import ops

    def in_half_precision(left, right):
        return ops.cast(plain_product(ops.cast(left, "float16"), ops.cast(right, "float16")), "float32")

    def short_of_bits(left, right):  # as sums are where a card keeps 14 bits of them
        return ops.round(plain_product(left, right) / 512.0) * 512.0

    assert multiplies_exactly(plain_product, processor.put)
    assert not multiplies_exactly(in_half_precision, processor.put)
    assert not multiplies_exactly(short_of_bits, processor.put)
    assert not multiplies_exactly(lambda left, right: left.no_such_product(right), processor.put)


def test_the_fastest_exact_product_of_a_card_is_taken(processor, monkeypatch):
    def rounds(left, right):
        return plain_product(left, right) + 1.0

    def exact(left, right):
        return plain_product(left, right)

    monkeypatch.setattr(device, "fast_products", lambda framework: [rounds, exact])
    monkeypatch.setattr(Device, "is_card", True)
    assert Device("tensorflow", "cpu").product is exact


def test_a_device_that_rounds_roots_in_its_own_way_is_refused(processor, monkeypatch):
    from keras import ops

    assert wrongly_rounded(processor.put) == []
    root = ops.sqrt
    monkeypatch.setattr(ops, "sqrt", lambda values: root(values) * (1 + 2**-52))
    assert wrongly_rounded(processor.put) == ["roots"]
    with pytest.raises(InputError, match="tensorflow rounds roots in ways of its own on this cpu"):
        processor.checked()


def test_a_factor_solves_as_numpy_does(processor):
    rng = np.random.default_rng(3)
    codes = rng.integers(0, 256, (60, 12)).astype(np.uint8)
    mean = codes.mean(0)
    scatter = DeviceScatter.of(processor, sums_of(codes), codes.sum(0, dtype=np.int64), mean)
    right = (codes - mean).T @ (codes - mean)
    np.testing.assert_allclose(np.asarray(scatter), right, rtol=1e-9, atol=1e-6)
    targets = rng.standard_normal((12, 3))
    solved = np.linalg.solve(right + 5 * np.eye(12), targets)
    np.testing.assert_allclose(scatter.factor(5.0).solve(targets), solved, rtol=1e-8)
    assert scatter.factor(-1e9) is None
    sizes, vectors = scatter.eigh()
    np.testing.assert_allclose(vectors * sizes @ vectors.T, right, atol=1e-6)


def test_by_default_numpy_computes_and_auto_finds_no_card_here(monkeypatch):
    monkeypatch.setattr(choice, "CARDS", "/nothing/like/a/card*")
    assert active() is None
    with use_engine("auto"):
        assert active() is None
    with use_engine("tensorflow", "cpu"):
        assert active() == Device("tensorflow", "cpu")
        with use_engine("numpy"):
            assert active() is None
    assert active() is None


def test_auto_takes_the_first_framework_that_sees_a_card(monkeypatch, tmp_path):
    monkeypatch.setattr(choice, "CARDS", str(tmp_path / "card[0-9]"))
    monkeypatch.setattr(choice, "count_cards", lambda framework: {"tensorflow": 2}[framework])
    monkeypatch.setattr(Device, "checked", lambda self: self)
    with use_engine("auto"):
        assert active() is None
    (tmp_path / "card0").touch()
    with use_engine("auto"):
        assert active() == Device("tensorflow", "gpu:0")


@pytest.mark.parametrize(
    ("engine", "name", "message"),
    [
        ("numba", None, "engine: expected auto, numpy, tensorflow, torch, jax, got 'numba'"),
        ("numpy", "gpu:0", "device: expected an engine that computes on 'gpu:0': choose --engine tensorflow, say"),
        ("tensorflow", "gpu:7", "device: tensorflow sees cpu, got 'gpu:7': choose one of these"),
    ],
)
def test_what_is_not_there_is_refused_in_one_line(engine, name, message, monkeypatch):
    monkeypatch.setattr(choice, "count_cards", lambda framework: 0)
    with pytest.raises(InputError) as refused, use_engine(engine, name):
        pass
    assert str(refused.value) == message


def test_another_framework_than_keras_runs_with_is_refused(monkeypatch):
    monkeypatch.setattr(choice, "find_spec", lambda name: name == "torch")
    with pytest.raises(InputError, match="Keras runs with tensorflow in this process, got torch"):
        chosen("torch")
    with pytest.raises(InputError, match="engine: jax is not installed: install it, or choose auto or numpy"):
        chosen("jax")


def test_panels_cover_all_units_for_every_width(processor):
    for units in (1, 2, 5, 6, 7, 13):
        codes = np.arange(3 * units, dtype=np.uint8).reshape(3, units)
        found = DeviceProducts(processor, units)
        assert found.upper().any() == 0
        found.add(codes)
        np.testing.assert_array_equal(found.upper(), sums_of(codes))
    assert sums.PANELS < 13


def test_too_little_memory_is_no_missing_factor(processor, monkeypatch):
    from keras import ops

    def full(matrix):  # as Keras tells it
        try:
            raise MemoryError("the card is full")
        except MemoryError as error:
            raise ValueError(f"Cholesky decomposition failed: {error}") from error

    scatter = DeviceScatter.of(processor, np.eye(3, dtype=np.int64), np.zeros(3, np.int64), np.zeros(3))
    monkeypatch.setattr(ops, "cholesky", full)
    with pytest.raises(ValueError, match="the card is full"):
        scatter.factor(1.0)
