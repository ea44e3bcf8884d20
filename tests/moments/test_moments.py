"""Sums: their algebra, exact to the bit, and what they refuse."""

import dataclasses
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from indeependence.errors import InputError
from indeependence.moments import gram
from indeependence.moments.gram import add_block, add_class_sums, add_gram, mirrored_upper
from indeependence.moments.moments import Moments, sorted_labels
from indeependence.moments.narrow import narrowest
from indeependence.moments.scatter import within_class_scatter
from indeependence.moments.storage import pack, unpack

UNITS = 4
EMPTY = Moments.empty("encoder", UNITS)


@st.composite
def streams(draw):
    """Codes [N, 4] of 0..255 and labels [N]."""
    count = draw(st.integers(1, 30))
    codes = draw(arrays(np.uint8, (count, UNITS)))
    return codes, np.array(draw(st.lists(st.sampled_from("abc"), min_size=count, max_size=count)))


def learn(*parts):
    return EMPTY.learn(parts)


def plain_sums(codes, labels):
    """The same sums by Python's own integers."""
    rows = codes.tolist()
    products = [[sum(h[i] * h[j] for h in rows) for j in range(UNITS)] for i in range(UNITS)]
    names = sorted(set(labels.tolist()))
    cross = [
        [sum(h[i] for h, y in zip(rows, labels, strict=True) if y == name) for name in names] for i in range(UNITS)
    ]
    return products, cross, [labels.tolist().count(name) for name in names]


@given(streams())
def test_sums_equal_those_of_python_integers(stream):
    products, cross, counts = plain_sums(*stream)
    moments = learn(stream)
    np.testing.assert_array_equal(moments.products, np.triu(products))
    np.testing.assert_array_equal(moments.cross, cross)
    np.testing.assert_array_equal(moments.counts, counts)
    np.testing.assert_array_equal(moments.code_sum, stream[0].sum(0, dtype=int))
    assert moments.count == len(stream[0])


@given(streams())
def test_the_scatter_within_classes_is_that_of_the_rows_about_the_means_of_their_classes(stream):
    codes, labels = stream
    rows = codes.astype(float)
    for name in set(labels.tolist()):
        rows[labels == name] -= rows[labels == name].mean(0)
    sums = learn(stream).grown(("a", "b", "c", "never seen"))
    np.testing.assert_allclose(within_class_scatter(sums), rows.T @ rows, atol=1e-6)
    np.testing.assert_allclose(within_class_scatter(sums, slice(1, 3)), rows[:, 1:3].T @ rows[:, 1:3], atol=1e-6)


@given(streams(), st.data())
def test_any_split_and_order_of_the_rows_gives_the_same_sums(stream, data):
    codes, labels = stream
    order = data.draw(st.permutations(range(len(codes))))
    cut = data.draw(st.integers(0, len(codes)))
    codes, labels = codes[order], labels[order]
    parts = (codes[:cut], labels[:cut]), (codes[cut:], labels[cut:])
    whole = learn(stream).fingerprint
    assert learn(*parts).fingerprint == whole
    assert (learn(parts[0]) + learn(parts[1])).fingerprint == whole
    assert (learn(parts[1]) + learn(parts[0])).fingerprint == whole


@given(streams(), streams())
def test_adding_then_subtracting_gives_the_same_bits(one, other):
    assert (learn(one) + learn(other) - learn(other)).fingerprint == learn(one).fingerprint


@given(streams())
def test_empty_changes_nothing_and_learning_changes_no_older_sums(stream):
    moments = learn(stream)
    assert (moments + EMPTY).fingerprint == moments.fingerprint == (EMPTY + moments).fingerprint
    moments.learn([stream])
    assert moments.fingerprint == learn(stream).fingerprint
    assert not EMPTY.products.any()


@given(streams(), streams())
def test_different_sums_have_different_fingerprints(one, other):
    same = all(np.array_equal(a, b) for a, b in zip(plain_sums(*one), plain_sums(*other), strict=True))
    same = same and sorted(set(one[1])) == sorted(set(other[1]))
    assert (learn(one).fingerprint == learn(other).fingerprint) == same


def test_the_largest_codes_are_added_exactly_in_blocks_of_any_size(monkeypatch):
    codes = np.full((5000, 3), 255, np.uint8)
    codes[:, 1] = np.random.default_rng(0).integers(0, 256, 5000)
    expected = np.triu(codes.T.astype(np.int64) @ codes.astype(np.int64))
    for block in (1, 256, 4096):
        monkeypatch.setattr(gram, "BLOCK", block)
        total = np.zeros((3, 3), np.int64)
        add_gram(total, codes)
        np.testing.assert_array_equal(total, expected)


@given(st.integers(1, 300), st.integers(1, 4), st.integers(1, 4), st.sampled_from([1, 100, 4096]))
def test_a_block_of_products_is_exact_for_the_largest_codes(rows, left, right, size):
    rng = np.random.default_rng(rows)
    codes = [rng.choice(np.array([0, 254, 255], np.uint8), (30 * rows, units)) for units in (left, right)]
    total = np.ones((left, right), np.int64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gram, "BLOCK", size * 4)
        add_block(total, *codes)
    np.testing.assert_array_equal(total, 1 + codes[0].T.astype(np.int64) @ codes[1].astype(np.int64))


def test_sums_over_several_tiles_are_those_of_one_product():
    codes = np.random.default_rng(0).integers(0, 256, (50, 2 * gram.TILE + 100), dtype=np.uint8)
    total = np.zeros((codes.shape[1],) * 2, np.int64)
    add_gram(total, codes)
    expected = codes.T.astype(np.int64) @ codes.astype(np.int64)
    np.testing.assert_array_equal(np.triu(total), np.triu(expected))
    np.testing.assert_array_equal(mirrored_upper(np.triu(total)), expected)


@given(st.integers(1, 40), st.sampled_from([1, 30, 65]), st.sampled_from([1, 2, 200]))
def test_sums_of_classes_are_exact_for_the_largest_codes(rows, units, classes):
    rng = np.random.default_rng(rows)
    codes = rng.choice(np.array([0, 254, 255], np.uint8), (rows * 50, units))
    columns = rng.integers(0, classes, len(codes))
    total = np.ones((units, classes + 1), np.int64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gram, "EXACT", 20 * gram.TOP)
        patch.setattr(gram, "NEAR", 32)
        add_class_sums(total, codes, columns)
    expected = np.eye(classes + 1, dtype=np.int64)[columns]
    np.testing.assert_array_equal(total, 1 + codes.T.astype(np.int64) @ expected)


def test_very_many_classes_cost_no_more_than_their_sums():
    batches = [(np.ones((1000, 4), np.uint8), np.arange(1000) + 1000 * i) for i in range(16)]
    tracemalloc.start()
    try:
        moments = learn(*batches)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(moments.labels) == 16_000 and (moments.cross == 1).all()
    assert peak < 200 << 20  # targets of all 16,000 columns would be 0.3 GB for a few thousand rows


def test_numbers_come_before_names_and_in_order():
    assert sorted_labels([10, 9, "b", "a", 9]) == (9, 10, "a", "b")


def test_a_new_class_adds_a_column_and_nothing_else():
    one = learn((np.array([[1, 2, 3, 4]], np.uint8), np.array(["b"])))
    grown = one.learn([(np.array([[9, 9, 9, 9]], np.uint8), np.array(["a"]))])
    assert grown.labels == ("a", "b")
    np.testing.assert_array_equal(grown.cross[:, 1], one.cross[:, 0])


def test_sums_of_two_encoders_are_not_added():
    other = dataclasses.replace(EMPTY, encoder="another")
    for mixed in (lambda: EMPTY + other, lambda: EMPTY - other):
        with pytest.raises(InputError, match="expected sums of one and the same encoder, got two"):
            mixed()


def test_more_than_was_learned_is_not_removed():
    one = learn((np.array([[1, 2, 3, 4]], np.uint8), np.array(["a"])))
    with pytest.raises(InputError, match="more examples of class 'a' than were learned \\(1 too many\\)"):
        one - (one + one)
    with pytest.raises(InputError, match="cannot remove examples of class 'b': no such class was learned"):
        one - learn((np.array([[0, 0, 0, 0]], np.uint8), np.array(["b"])))


@pytest.mark.parametrize("row", [[1, 2, 3, 5], [200, 0, 0, 0], [0, 0, 0, 0], [1, 2, 3, 3]])
def test_another_example_than_the_one_learned_is_not_removed(row):
    one = learn((np.array([[1, 2, 3, 4]], np.uint8), np.array(["a"])))
    removed = learn((np.array([row], np.uint8), np.array(["a"])))
    with pytest.raises(InputError, match="never learned: the sums would become impossible"):
        one - removed


@pytest.mark.parametrize(
    ("learned", "labels", "removed"),
    [
        ([10, 100], "ab", 50),  # more of class a than its sum
        ([10, 10], "aa", 14),  # squares below the values themselves
        ([255, 1, 1], "aaa", 100),  # squares above 255 times the values
        ([255, 255], "aa", 1),  # more than 255 left to one example
    ],
)
def test_each_impossible_rest_is_noticed(learned, labels, removed):
    empty = Moments.empty("encoder", 1)
    whole = empty.learn([(np.array([learned], np.uint8).T, np.array(list(labels)))])
    part = empty.learn([(np.array([[removed]], np.uint8), np.array(["a"]))])
    with pytest.raises(InputError, match="never learned: the sums would become impossible"):
        whole - part


def test_sums_that_differ_only_in_their_products_have_different_fingerprints():
    labels = np.array(["a", "a"])
    one, other = ([[1, 3, 0, 0], [3, 1, 0, 0]], [[2, 2, 0, 0], [2, 2, 0, 0]])
    assert (
        learn((np.array(one, np.uint8), labels)).fingerprint != learn((np.array(other, np.uint8), labels)).fingerprint
    )


def test_sums_that_keep_all_limits_but_are_not_positive_semidefinite_are_refused():
    several = learn((np.array([[100, 100, 0, 0]] * 2, np.uint8), np.array(["a", "a"])))
    gone = learn((np.array([[100, 50, 0, 0]], np.uint8), np.array(["a"])))
    rest = several.products - gone.products, several.cross - gone.cross
    assert (rest[0] >= 0).all() and (rest[1] >= 0).all()  # nothing simpler tells it
    with pytest.raises(InputError, match="never learned: the sums would become impossible"):
        several - gone


@pytest.mark.parametrize("classes", [1, 2, 300])
def test_many_rows_in_many_units_are_removed_again_without_false_alarm(classes):
    rng = np.random.default_rng(classes)
    codes = (rng.integers(0, 256, (900, 200)) * (rng.random((900, 200)) < 0.3)).astype(np.uint8)
    labels = rng.integers(0, classes, 900)
    empty = Moments.empty("encoder", 200)
    several, one = (empty.learn([(codes[part], labels[part])]) for part in (slice(100, None), slice(100)))
    assert (several + one - one).fingerprint == several.fingerprint
    assert (several + one - several).fingerprint == one.fingerprint


def test_a_class_taken_out_by_its_column_is_counted_and_leaves_its_share_of_products():
    both = learn((np.array([[1, 2, 3, 4], [9, 0, 0, 0]], np.uint8), np.array(["a", "b"])))
    rest = both.without_class("b")
    assert (rest.labels, rest.count, rest.dropped) == (("a",), 1, 1)
    np.testing.assert_array_equal(rest.products, both.products)
    again = learn((np.array([[5, 5, 5, 5]], np.uint8), np.array(["a"])))
    assert (rest + again - again).fingerprint == rest.fingerprint != both.fingerprint
    assert learn((np.array([[1, 2, 3, 4]], np.uint8), np.array(["a"]))).without_class("a").fingerprint == (
        EMPTY.fingerprint
    )


@given(streams())
def test_packed_sums_come_back_and_are_as_small_as_said(stream):
    moments = learn(stream)
    header, packed = pack(moments)
    assert unpack(header, packed).fingerprint == moments.fingerprint
    assert sum(array.nbytes for array in packed.values()) == moments.nbytes


@given(arrays(np.int64, (3,), elements=st.integers(0, 2**53)))
def test_the_narrowest_type_loses_nothing(values):
    np.testing.assert_array_equal(narrowest(values), values)


def test_arrays_that_do_not_fit_the_header_are_refused():
    header, packed = pack(EMPTY)
    with pytest.raises(InputError, match=r"expected whole-number sums 'products' of shape \(10,\)"):
        unpack(header, {**packed, "products": packed["products"][:5]})
    with pytest.raises(InputError, match="expected whole-number sums 'counts'"):
        unpack(header, {**packed, "counts": packed["counts"].astype(float)})


def test_too_many_examples_for_exact_sums_are_refused():
    one = learn((np.array([[1, 2, 3, 4]], np.uint8), np.array(["a"])))
    full = dataclasses.replace(one, counts=np.array([2**53 // 255**2]))
    with pytest.raises(InputError, match="expected at most 138,519,019,680 examples in one model"):
        full + one
