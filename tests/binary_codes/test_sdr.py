"""Binary codes against Python's sets, exact counts against sampled ones, and files that are what was written."""

from itertools import combinations
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from safetensors.numpy import load_file
from scipy.stats import hypergeom

from indeependence.binary_codes import matching, sdr
from indeependence.binary_codes.sdr import SDR
from indeependence.binary_codes.storage import KIND, SDRFile, read_sdr, write_sdr
from indeependence.errors import InputError
from indeependence.files.container import write_arrays

SHAPES = st.tuples(st.integers(0, 6), st.integers(1, 20))


@st.composite
def code_pairs(draw):
    """Two lists of as many codes of the same number of units."""
    shape = draw(SHAPES)
    return draw(arrays(bool, shape)), draw(arrays(bool, shape))


def as_sets(codes):
    return [set(np.flatnonzero(row).tolist()) for row in codes.bits]


@given(code_pairs())
def test_the_algebra_is_that_of_sets(pair):
    one, other = map(SDR.of, pair)
    sets = list(zip(as_sets(one), as_sets(other), strict=True))
    assert as_sets(sdr.union(one, other)) == [a | b for a, b in sets]
    assert as_sets(sdr.intersection(one, other)) == [a & b for a, b in sets]
    assert as_sets(sdr.difference(one, other)) == [a - b for a, b in sets]
    assert sdr.overlap(one, other).tolist() == [len(a & b) for a, b in sets]
    assert sdr.overlaps(one, other).tolist() == [[len(a & b) for _, b in sets] for a, _ in sets]
    assert one.active.tolist() == [len(a) for a, _ in sets]
    assert set().union(*(a for a, _ in sets)) == as_sets(sdr.union_of_all(one))[0]


@given(arrays(bool, SHAPES))
def test_packing_keeps_every_bit_in_an_eighth_of_the_bytes(bits):
    codes = SDR.of(bits)
    np.testing.assert_array_equal(codes.bits, bits)
    assert codes.packed.nbytes == len(bits) * -(-bits.shape[1] // 8)
    assert sdr.density(codes) == pytest.approx(bits.mean() if bits.size else 0)


def test_one_code_meets_many_and_other_sizes_are_refused():
    one, many = SDR.of(np.array([[1, 0, 1]])), SDR.of(np.eye(3))
    assert sdr.overlap(one, many).tolist() == [1, 0, 1]
    with pytest.raises(InputError, match="expected as many codes on both sides, or one, got 3 and 2"):
        sdr.union(many, many[:2])
    with pytest.raises(InputError, match="expected codes of the same number of units, got 3 and 4"):
        sdr.overlaps(many, SDR.of(np.eye(4)))


@given(arrays(np.int64, st.tuples(st.integers(1, 5), st.integers(1, 9)), elements=st.integers(0, 4)), st.data())
def test_binarised_codes_set_the_first_k_of_a_stable_sort(strengths, data):
    k = data.draw(st.integers(1, strengths.shape[1]))
    order = np.argsort(-strengths, axis=1, kind="stable")[:, :k]
    assert as_sets(sdr.binarised(strengths, k)) == [set(row.tolist()) for row in order]


# Matching


@pytest.mark.parametrize(("units", "stored", "active"), [(6, 2, 3), (7, 3, 3), (5, 5, 1)])
def test_counts_of_overlapping_codes_are_those_of_a_list_of_all_codes(units, stored, active):
    mine = set(range(stored))
    shared = [len(mine & set(code)) for code in combinations(range(units), active)]
    for b in range(active + 1):
        assert matching.overlapping_codes(units, stored, active, b) == shared.count(b)
    assert matching.capacity(units, active) == pytest.approx(np.log2(len(shared)))
    for threshold in range(active + 2):
        expected = np.mean(np.array(shared) >= threshold)
        assert matching.false_match(units, active, threshold, stored=stored) == pytest.approx(expected)


@given(st.integers(1, 600), st.data())
def test_false_matches_are_hypergeometric(units, data):
    active, stored = data.draw(st.integers(1, units)), data.draw(st.integers(1, units))
    threshold = data.draw(st.integers(0, active))
    expected = hypergeom.sf(threshold - 1, units, stored, active)
    assert matching.false_match(units, active, threshold, stored=stored) == pytest.approx(
        expected, rel=1e-6, abs=1e-290
    )


def test_false_matches_are_as_rare_as_counted_and_as_the_papers_leading_term():
    units, active, threshold = 64, 8, 3
    rng = np.random.default_rng(0)
    codes = sdr.binarised(rng.random((20_000, units)), active)
    counted = np.mean(sdr.overlap(codes[:1], codes[1:]) >= threshold)
    exact = matching.false_match(units, active, threshold)
    assert counted == pytest.approx(exact, rel=0.1)
    leading = matching.overlapping_codes(units, active, active, threshold) / comb(units, active)
    assert leading < exact < 1.2 * leading  # Ahmad & Hawkins: the first term is nearly all


def test_a_union_is_matched_as_often_as_counted():
    units, active, count = 40, 4, 12
    rng = np.random.default_rng(1)
    matched = []
    for _ in range(3000):
        codes = sdr.binarised(rng.random((count + 1, units)), active)
        matched.append(sdr.overlap(codes[:1], sdr.union_of_all(codes[1:]))[0] == active)
    exact = matching.union_false_match(units, active, count)
    assert np.mean(matched) == pytest.approx(exact, abs=4 * np.sqrt(exact / 3000))
    assert (1 - (1 - active / units) ** count) ** active == pytest.approx(exact, rel=0.1)


def test_impossible_numbers_of_active_units_are_refused():
    for wrong in (0, 9):
        with pytest.raises(InputError, match=f"expected 1 to 8 active units, got {wrong}"):
            matching.capacity(8, wrong)
        with pytest.raises(InputError, match=f"expected 1 to 8 active units, got {wrong}"):
            sdr.binarised(np.zeros((1, 8)), wrong)


# Files


@pytest.mark.parametrize("labels", [None, [7, -2, 7], ["sea", "land", "sea"]])
def test_a_file_gives_back_codes_labels_and_their_story(tmp_path, labels):
    codes = SDR.of(np.random.default_rng(0).random((3, 21)) < 0.3)
    write_sdr(
        tmp_path / "codes.sdr", SDRFile(codes, None if labels is None else np.array(labels), {"data": "somewhere"})
    )
    again = read_sdr(tmp_path / "codes.sdr")
    np.testing.assert_array_equal(again.codes.bits, codes.bits)
    assert again.about == {"data": "somewhere"}
    assert (again.labels is None) if labels is None else again.labels.tolist() == labels
    assert load_file(tmp_path / "codes.sdr")["packed"].nbytes == 9  # 3 codes of 21 bits


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"packed": np.zeros((2, 3), np.uint8)}, "expected 2 bytes a code of 12 units"),
        ({"packed": np.full((2, 2), 255, np.uint8)}, "bits beyond unit 12 are set"),
        ({"packed": np.zeros((2, 2), np.int64)}, "expected rows of packed bits"),
        ({"labels": np.array([0, 5], np.uint8)}, "expected one label a code"),
        ({"labels": np.array([0], np.uint8)}, "expected one label a code"),
        ({"packed": None}, "its header does not fit its arrays"),
    ],
)
def test_a_damaged_file_is_told_in_one_line(tmp_path, change, message):
    arrays_now = {"packed": np.zeros((2, 2), np.uint8), "labels": np.zeros(2, np.uint8)} | change
    arrays_now = {name: array for name, array in arrays_now.items() if array is not None}
    write_arrays(tmp_path / "codes.sdr", KIND, {"units": 12, "classes": ["a"], "about": {}}, arrays_now)
    with pytest.raises(InputError, match=f"codes.sdr: .*{message}"):
        read_sdr(tmp_path / "codes.sdr")


def test_another_kind_of_file_is_refused(tmp_path):
    write_arrays(tmp_path / "m", "classifier", {}, {"packed": np.zeros((1, 1), np.uint8)})
    with pytest.raises(InputError, match="expected a model of kind sdr, got one of kind classifier"):
        read_sdr(tmp_path / "m")
