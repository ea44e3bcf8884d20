"""Willshaw's memory: its law of OR, recall against a plain dense product, partial and noisy cues, and capacity."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indeependence.binary_codes.sdr import SDR, binarised, overlap
from indeependence.binary_codes.willshaw import KIND, WillshawMemory, recalled_bits
from indeependence.errors import InputError
from indeependence.files.container import write_arrays


def codes(seed, count, units=40, active=4):
    return binarised(np.random.default_rng(seed).random((count, units)), active)


@given(st.integers(0, 99), st.integers(0, 8), st.data())
def test_any_order_split_and_repetition_give_the_same_memory(seed, count, data):
    cues, targets = codes(seed, count), codes(seed + 1, count, 21, 3)
    whole = WillshawMemory.empty(40, 21).learn(cues, targets)
    order = np.array(data.draw(st.permutations(range(count))), int)
    cut = data.draw(st.integers(0, count))
    first, second = order[:cut], order[cut:]
    parts = [WillshawMemory.empty(40, 21).learn(cues[rows], targets[rows]) for rows in (first, second)]
    for same in (parts[0] | parts[1], parts[1] | parts[0], whole.learn(cues[first], targets[first]), whole | whole):
        np.testing.assert_array_equal(same.packed, whole.packed)


def test_recall_is_a_threshold_on_a_product_with_the_dense_matrix():
    cues, targets = codes(0, 30), codes(1, 30, 21, 3)
    memory = WillshawMemory.empty(40, 21).learn(cues, targets)
    dense = (cues.bits.T.astype(int) @ targets.bits.astype(int)) > 0
    assert memory.load == dense.mean()
    asked = codes(2, 10)
    sums = asked.bits.astype(int) @ dense
    np.testing.assert_array_equal(memory.sums(asked), sums)
    np.testing.assert_array_equal(memory.recall(asked).bits, sums == 4)
    order = np.argsort(-sums, axis=1, kind="stable")[:, :3]
    assert [set(np.flatnonzero(row)) for row in memory.recall(asked, active=3).bits] == [set(row) for row in order]


def test_every_stored_pair_is_recalled_whole_and_from_part_of_its_cue():
    cues, targets = codes(0, 60, 200, 8), codes(1, 60, 300, 6)
    memory = WillshawMemory.empty(200, 300).learn(cues, targets)
    np.testing.assert_array_equal(overlap(memory.recall(cues), targets), 6)
    half = cues.bits.copy()
    for row in half:
        row[np.flatnonzero(row)[4:]] = False
    recalled = memory.recall(SDR.of(half))
    np.testing.assert_array_equal(overlap(recalled, targets), 6)
    assert recalled.active.mean() < 6.5


def test_noisy_cues_find_their_way_back_in_steps():
    stored = codes(0, 100, 400, 10)
    memory = WillshawMemory.empty(400).learn(stored)
    rng, noisy = np.random.default_rng(1), stored.bits.copy()
    for row in noisy:
        row[rng.choice(np.flatnonzero(row), 4, replace=False)] = False
        row[rng.choice(400, 4, replace=False)] = True
    noisy = SDR.of(noisy)
    right = [overlap(memory.recall(noisy, active=10, steps=steps), stored).mean() for steps in (1, 3)]
    assert overlap(noisy, stored).mean() < 6.5 and right[0] > 9 and right[1] >= right[0] and right[1] > 9.8


def test_capacity_is_a_good_part_of_ln_2_bit_a_synapse_and_falls_when_overloaded():
    units, active = 512, 9
    bits = {}
    for count in (800, 2000, 6000):
        cues, targets = codes(0, count, units, active), codes(1, count, units, active)
        memory = WillshawMemory.empty(units).learn(cues, targets)
        asked = slice(0, 300)
        bits[count] = count * recalled_bits(targets[asked], memory.recall(cues[asked])) / units**2
    assert 0.3 < bits[2000] < np.log(2) and bits[800] < bits[2000] > bits[6000]


def test_information_counts_what_is_left_to_guess():
    stored = codes(0, 5)
    assert recalled_bits(stored, stored) == pytest.approx(np.log2(91390))  # C(40, 4)
    assert recalled_bits(stored, SDR.of(np.ones((5, 40)))) == 0.0
    assert recalled_bits(stored, SDR.of(np.zeros((5, 40)))) == 0.0


def test_what_a_cue_has_told_is_not_counted_again():
    stored = SDR.of(np.array([[1, 1, 1, 1, 0, 0, 0, 0]]))
    cue = SDR.of(np.array([[1, 1, 0, 0, 0, 0, 0, 0]]))
    one_wrong = SDR.of(np.array([[1, 1, 1, 1, 1, 0, 0, 0]]))
    assert recalled_bits(stored, stored, cue) == pytest.approx(np.log2(15))  # C(6, 2)
    assert recalled_bits(stored, one_wrong, cue) == pytest.approx(np.log2(15 / 3))  # C(3, 2) are left
    assert recalled_bits(stored, stored, stored) == 0.0
    with pytest.raises(InputError, match="parts of the stored codes"):
        recalled_bits(stored, stored, one_wrong)
    with pytest.raises(
        InputError, match="equally many codes of one size, got 1 of 8 units, 1 of 8 units, 2 of 8 units"
    ):
        recalled_bits(stored, stored, SDR.of(np.zeros((2, 8))))
    large = SDR.of(np.arange(2048)[None] < 400)
    assert recalled_bits(large, large) > 1000


def test_a_memory_comes_back_from_its_file(tmp_path):
    memory = WillshawMemory.empty(40, 21).learn(codes(0, 9), codes(1, 9, 21, 3))
    memory.save(tmp_path / "memory")
    again = WillshawMemory.load_file(tmp_path / "memory")
    np.testing.assert_array_equal(again.packed, memory.packed)
    assert again.targets == 21
    write_arrays(tmp_path / "memory", KIND, {"targets": 30}, {"packed": memory.packed})
    with pytest.raises(InputError, match="memory: damaged codes: expected 4 bytes a code of 30 units"):
        WillshawMemory.load_file(tmp_path / "memory")


def test_what_does_not_fit_is_refused():
    memory = WillshawMemory.empty(40, 21)
    with pytest.raises(InputError, match="expected codes of 40 and 21 units, got 40 and 40"):
        memory.learn(codes(0, 3))
    with pytest.raises(InputError, match="expected a target for each of 3 cues, got 2"):
        memory.learn(codes(0, 3), codes(0, 2, 21, 3))
    with pytest.raises(InputError, match="expected memories of one size, got 40x21 and 40x40"):
        memory | WillshawMemory.empty(40)
    with pytest.raises(InputError, match="only a memory of codes to themselves"):
        memory.recall(codes(0, 1), steps=2)
