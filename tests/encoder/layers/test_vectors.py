"""Layers for vectors: cosines with whole phases, and soft boxes, each equal to a slow plain version."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from indeependence.encoder.fitting.bootstrap import bootstrap
from indeependence.encoder.fitting.draws import Draws
from indeependence.encoder.fitting.vectors import UNIT, box_layer, fourier_layer
from indeependence.encoder.layers.dense import fits_exactly

CODES = arrays(np.uint8, st.tuples(st.integers(1, 6), st.just(7)))


@given(CODES, st.booleans())
def test_cosines_are_those_of_real_numbers_up_to_a_step_of_the_phase(codes, norm):
    layer = fourier_layer(7, 40, Draws(0), bandwidth=1.5, norm=norm)
    signed = 2.0 * codes - 255
    lengths = np.linalg.norm(signed, axis=1, keepdims=True) / np.sqrt(7) if norm else 1.0
    angle = 2 * np.pi / 256 * (signed @ layer.bases * float(layer.scale) / lengths + layer.phase)
    wanted = 127.5 + 127.5 * np.cos(angle)
    assert np.abs(layer(codes) - wanted).max() <= 127.5 * 2 * np.pi / 256 + 1.1


@given(CODES)
def test_boxes_are_the_smallest_of_their_sides(codes):
    layer = box_layer(codes, 30, Draws(1), sides=3)
    for row, code in zip(codes.astype(int), layer(codes), strict=True):
        for unit in range(30):
            sides = zip(layer.columns[unit], layer.thresholds[unit], layer.gains[unit], strict=True)
            values = [np.clip(128 + int(gain) * (row[column] - int(at)), 0, 255) for column, at, gain in sides if gain]
            assert code[unit] == min(values)


@pytest.mark.parametrize("inputs", [1, 16, 300, 3000])
def test_projections_are_exact_in_float32(inputs):
    layer = fourier_layer(inputs, 50, Draws(0), bandwidth=1, norm=False)
    assert fits_exactly(layer.bases) and np.abs(layer.bases).sum() > 0


def test_products_of_cosines_approximate_a_gaussian_kernel():
    """As Rahimi and Recht promise: the mean product of two codes falls with the distance of their inputs."""
    layer = fourier_layer(4, 20_000, Draws(0), bandwidth=2.0, norm=False)
    codes = np.full((2, 4), 128, np.uint8)
    codes[1, 0] += 100
    one, other = (layer(codes) - 127.5) / 127.5 * np.sqrt(2)
    distance = 2 * 100 / UNIT / (2.0 * np.sqrt(4))
    assert np.mean(one * other) == pytest.approx(np.exp(-(distance**2) / 2), abs=0.03)


def test_with_norm_only_the_direction_counts():
    layer = fourier_layer(3, 500, Draws(0), bandwidth=1.5, norm=True)
    codes = np.array([[255, 0, 128], [191, 64, 128]], np.uint8)
    one, other = layer(codes).astype(int)
    assert np.abs(one - other).max() <= 8


def test_both_stand_side_by_side_on_the_inputs():
    sample = np.random.default_rng(0).normal(size=(40, 4))
    both, alone = bootstrap(sample, "+boxes:9,+fourier:6"), bootstrap(sample, "+fourier:6")
    assert both.layers[1].inputs == alone.layers[0].inputs == 12 and both.units == 12 + 9 + 6
    stacked = bootstrap(sample, "10,fourier:6")
    assert stacked.layers[1].inputs == 20 and stacked.units == 6
