"""Pruning: saliency against plain loops, and pruned models against masked ones, to the bit."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indeependence import ContinualClassifier
from indeependence.encoder.description import describe
from indeependence.encoder.fitting.bootstrap import bootstrap
from indeependence.encoder.storage import restore
from indeependence.errors import InputError
from indeependence.moments.moments import Moments, accumulate
from indeependence.moments.ridge import Weights, centre, ridge
from indeependence.pruning.encoder_merging import base_importance, merged
from indeependence.pruning.remove import narrowed, remove_units, unit_bases
from indeependence.pruning.saliency import activated_values, mean_codes, most_salient, unit_saliency
from indeependence.pruning.similarity import similarity
from indeependence.pruning.surgery import class_saliency, cut, most_salient_of_class

KINDS = [
    "inputs",
    "12,8",
    "patches:6:size=3:pool=4:stride=4,+sparse:20",
    "patches:6:size=3:pool=4:stride=2:winners=2,15",
    "+patches:4:size=3:pool=4:stride=4,sparse:9,+7:winners=3",
]
PICTURES = np.random.default_rng(3).integers(0, 256, (60, 10, 10)).astype(np.uint8)
LABELS = np.random.default_rng(4).integers(0, 3, 60)
CODES = np.random.default_rng(5).integers(0, 256, (60, 7)).astype(np.uint8)
SUMS = accumulate(Moments.empty("encoder", 7), [(CODES, LABELS)])


def weights_of(moments, penalty=0.1):
    found = ridge(centre(moments), penalty)
    assert found is not None
    return found


# Saliency


def test_activated_values_are_means_over_the_examples_of_a_class():
    weights = weights_of(SUMS)
    for label in (None, 0, 1, 2):
        rows = CODES if label is None else CODES[LABELS == label]
        expected = np.mean([np.abs(weights.coefficients * row[:, None]) for row in rows.astype(float)], axis=0)
        np.testing.assert_allclose(activated_values(weights, SUMS, label), expected)
    with pytest.raises(InputError, match="no class 7 was learned"):
        activated_values(weights, SUMS, 7)


@given(st.integers(1, 5))
def test_the_saliency_for_a_class_does_not_depend_on_the_size_of_any_class(copies):
    more = CODES[LABELS == 1]
    larger = accumulate(SUMS, [(more, np.ones(len(more), int))] * copies)
    weights = weights_of(SUMS)
    for label in (0, 1, 2):
        np.testing.assert_array_equal(mean_codes(SUMS, label), mean_codes(larger, label))
        np.testing.assert_allclose(class_saliency(weights, SUMS, label), class_saliency(weights, larger, label))


def test_units_are_judged_as_by_plain_loops():
    weights = weights_of(SUMS)
    w, h = weights.coefficients, CODES.astype(float)
    maav = [sum(np.mean(np.abs(w[i, c] * h[:, i])) for c in range(3)) for i in range(7)]
    moment = [sum(np.mean((w[i, c] * h[:, i]) ** 2) for c in range(3)) for i in range(7)]
    np.testing.assert_allclose(unit_saliency(weights, SUMS, "maav"), maav)
    np.testing.assert_allclose(unit_saliency(weights, SUMS, "moment"), moment)
    np.testing.assert_allclose(unit_saliency(weights, SUMS, "magnitude"), np.abs(w).sum(1))
    one, again = (unit_saliency(weights, SUMS, "random", seed=1) for _ in range(2))
    assert (one == again).all() and (one != unit_saliency(weights, SUMS, "random", seed=2)).any()
    with pytest.raises(InputError, match="maav, magnitude, moment, random"):
        unit_saliency(weights, SUMS, "luck")


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30), st.floats(0, 0.99))
def test_the_fraction_goes_and_nothing_that_stays_is_less_salient(values, fraction):
    saliency = np.array(values, float)
    kept = most_salient(saliency, fraction)
    assert kept.any() and (~kept).sum() == min(int(fraction * len(values) + 1e-9), len(values) - 1)
    if not kept.all():
        assert saliency[kept].min() >= saliency[~kept].max()


@given(st.lists(st.integers(0, 4), min_size=2, max_size=30), st.floats(0, 0.99))
def test_units_of_a_group_go_together(groups, fraction):
    groups = np.array(groups)
    kept = most_salient(np.random.default_rng(0).random(len(groups)), fraction, groups)
    assert kept.any() and (~kept).sum() <= fraction * len(groups) + 1e-9
    assert all(len(set(kept[groups == group])) == 1 for group in groups)


# Removal


@settings(max_examples=15)
@given(st.sampled_from(KINDS), st.floats(0.1, 0.98), st.integers(0, 99), st.booleans())
def test_a_pruned_encoder_gives_the_kept_units_to_the_bit(text, fraction, seed, whole):
    encoder = bootstrap(PICTURES, text)
    groups = unit_bases(encoder) if whole else None
    kept = most_salient(np.random.default_rng(seed).random(encoder.units), fraction, groups)
    pruned = narrowed(encoder, kept)
    np.testing.assert_array_equal(pruned(PICTURES), encoder(PICTURES)[:, kept])
    again = np.random.default_rng(seed).random(pruned.units) < 0.5
    again[0] = True
    np.testing.assert_array_equal(narrowed(pruned, again)(PICTURES), pruned(PICTURES)[:, again])
    restored = restore(*describe(pruned))
    assert restored.fingerprint == pruned.fingerprint and (pruned.fingerprint == encoder.fingerprint) == kept.all()


@pytest.mark.parametrize("text", KINDS)
def test_bases_that_nobody_needs_are_not_computed(text):
    encoder = bootstrap(PICTURES, text)
    bases = unit_bases(encoder)
    kept = bases != bases.max()  # the last base of the top layer
    pruned = narrowed(encoder, kept)
    if encoder.layers and not encoder.layers[-1].winners:
        assert pruned.layers[-1].bases.shape[1] == encoder.layers[-1].bases.shape[1] - 1
        assert pruned.kept is None
    else:
        np.testing.assert_array_equal(pruned.kept, np.flatnonzero(kept))


def test_a_whole_layer_that_nobody_needs_is_left_out():
    encoder = bootstrap(PICTURES, "patches:6:size=3:pool=4:stride=4,+sparse:20")
    pruned = narrowed(encoder, np.arange(encoder.units) < encoder.units - 40)
    assert len(pruned.layers) == 1 and pruned.kept is None


def test_a_base_below_goes_when_no_base_above_reads_it():
    encoder = bootstrap(PICTURES, "sparse:40:density=0.1,sparse:30:density=0.05")
    reads = (encoder.layers[1].bases[:, 0] != 0).reshape(-1, 2).any(1)
    pruned = narrowed(encoder, np.arange(encoder.units) < 2)
    assert pruned.layers[0].bases.shape[1] == reads.sum() < 40
    assert pruned.layers[1].bases.shape == (2 * reads.sum(), 1)


@pytest.mark.parametrize("ledger", ["none", "class", "task"])
@pytest.mark.parametrize("text", KINDS[:3])
def test_pruned_sums_are_those_that_the_pruned_encoder_learns(text, ledger):
    model = ContinualClassifier(text, ledger=ledger).fit(PICTURES, LABELS)
    kept = most_salient(unit_saliency(model.weights, model.moments_, "maav"), 0.6)
    pruned = remove_units(model, kept)
    anew = ContinualClassifier(ledger=ledger).start(pruned.encoder_).learn([(PICTURES, LABELS)])
    assert pruned.moments_.fingerprint == anew.moments_.fingerprint
    assert [part.fingerprint for part in pruned.ledger_.parts.values()] == [
        part.fingerprint for part in anew.ledger_.parts.values()
    ]
    assert model.moments_.units == model.encoder_.units > pruned.moments_.units == kept.sum()


def test_a_pruned_model_scores_as_the_whole_one_with_those_units_masked():
    model = ContinualClassifier(KINDS[2]).fit(PICTURES, LABELS)
    kept = most_salient(unit_saliency(model.weights, model.moments_, "moment"), 0.5)
    pruned = remove_units(model, kept)
    masked = accumulate(
        Moments.empty("encoder", len(kept)), [((model.encoder_(PICTURES) * kept).astype(np.uint8), LABELS)]
    )
    absolute = pruned.weights.penalty * centre(pruned.moments_).scale
    plain = ridge(centre(masked), absolute / centre(masked).scale)
    expected = plain.scores(model.encoder_(PICTURES) * kept)
    np.testing.assert_allclose(pruned.weights.scores(pruned.encoder_(PICTURES)), expected, atol=1e-5)


def test_a_pruned_model_goes_on_learning_merges_and_forgets(tmp_path):
    parts = [slice(0, 30), slice(30, 60)]
    whole = ContinualClassifier(KINDS[2], ledger="class").fit(PICTURES, LABELS)
    kept = most_salient(unit_saliency(whole.weights, whole.moments_, "maav"), 0.7, unit_bases(whole.encoder_))
    expected = remove_units(whole, kept)
    first, second = (
        ContinualClassifier(ledger="class").start(whole.encoder_).learn([(PICTURES[part], LABELS[part])])
        for part in parts
    )
    one, other = remove_units(first, kept), remove_units(second, kept)
    one.save(tmp_path / "one.safetensors")
    loaded = ContinualClassifier.load(tmp_path / "one.safetensors")
    assert loaded.merge(other).moments_.fingerprint == expected.moments_.fingerprint
    one.learn([(PICTURES[parts[1]], LABELS[parts[1]])])
    assert one.moments_.fingerprint == expected.moments_.fingerprint
    one.forget(PICTURES[parts[1]], LABELS[parts[1]]).forget_class(2)
    assert one.moments_.fingerprint == remove_units(first.forget_class(2), kept).moments_.fingerprint
    with pytest.raises(InputError, match="two encoders"):
        expected.merge(whole)


def test_impossible_masks_and_numbers_of_units_are_refused(encoder):
    with pytest.raises(InputError, match="one to keep at least"):
        narrowed(encoder, np.zeros(encoder.units, bool))
    header, arrays = describe(narrowed(encoder, np.arange(encoder.units) % 3 == 0))
    for kept in (arrays["kept"] + encoder.units, arrays["kept"][::-1], arrays["kept"][1:], arrays["kept"] + 0.5):
        with pytest.raises(InputError, match="ascending numbers of units"):
            restore(header, {**arrays, "kept": kept})


# Surgery, similarity, merging


def test_surgery_cuts_first_what_works_for_the_class_alone():
    codes = np.eye(3, dtype=np.uint8)[[0, 1, 2]] * 200 + 20
    moments = accumulate(Moments.empty("encoder", 3), [(codes, np.array(["a", "b", "c"]))])
    weights = Weights(("a", "b", "c"), np.eye(3), np.zeros(3), 0, 0, 0, 0)
    units = most_salient_of_class(weights, moments, "b", 1 / 3)
    np.testing.assert_array_equal(units, [False, True, False])
    after = cut(weights, units).scores(codes)
    np.testing.assert_array_equal(after[:, 1], 0)
    np.testing.assert_array_equal(after[:, [0, 2]], weights.scores(codes)[:, [0, 2]])
    with pytest.raises(InputError, match="other classes besides 'a'"):
        class_saliency(weights, moments.only(np.array([True, False, False])), "a")


@pytest.mark.parametrize("centred", [False, True])
def test_cosines_from_sums_are_those_of_all_pairs(centred):
    rows = CODES.astype(float) - (CODES.mean(0) if centred else 0)
    products, scale = rows @ rows.T, np.mean(np.sum(rows**2, 1))
    same, other = LABELS[:, None] == LABELS, ~np.eye(60, dtype=bool)
    found = similarity(SUMS, centred=centred)
    assert found.within == pytest.approx(products[same & other].mean() / scale)
    assert found.between == pytest.approx(products[~same].mean() / scale)
    expected = [[products[LABELS == a][:, LABELS == b].mean() / scale for b in range(3)] for a in range(3)]
    np.testing.assert_allclose(found.classes, expected, atol=1e-12)


def test_cosines_refuse_sums_that_cannot_tell():
    with pytest.raises(InputError, match="no class was dropped"):
        similarity(SUMS.without_class(1))
    with pytest.raises(InputError, match="at least two classes"):
        similarity(SUMS.only(np.array([True, False, False])))


@pytest.mark.parametrize("text", KINDS[1:3])
def test_an_encoder_merged_with_itself_in_another_order_gives_its_own_codes(text):
    encoder = bootstrap(PICTURES, text)
    shuffled = reordered(encoder, np.random.default_rng(0))
    assert (shuffled.layers[0].bases != encoder.layers[0].bases).any()
    flat = [np.ones(layer.bases.shape[1]) for layer in encoder.layers]
    codes = merged(encoder, shuffled, (flat, flat))(PICTURES).astype(int)
    assert np.abs(codes - encoder(PICTURES)).max() <= 2 and np.mean(codes != encoder(PICTURES)) < 0.05


def reordered(encoder, rng):
    """The same encoder with the bases of its first layer in another order and with other signs."""
    first, second = encoder.layers
    count = first.bases.shape[1]
    places, signs = rng.permutation(count), rng.choice([-1, 1], count)
    cells = (len(second.bases) if encoder.keeps_input[1] else second.bases.shape[0]) // (2 * count)
    units = np.concatenate(
        [
            cell * 2 * count + 2 * place + (side if sign > 0 else 1 - side)
            for cell in range(cells)
            for place, sign in zip(places, signs, strict=True)
            for side in [np.arange(2)]
        ]
    )
    changed = {"bases": (first.bases[:, places] * signs).astype(np.int16)}
    if hasattr(first, "offset"):
        changed["offset"] = (first.offset[places] * signs).astype(np.int32)
    return replace(encoder, layers=(replace(first, **changed), replace(second, bases=second.bases[units])))


def test_an_average_is_as_near_to_a_base_as_that_is_important():
    one, other = (bootstrap(PICTURES[rows], "8", seed=0) for rows in (slice(0, 30), slice(30, 60)))
    ones, none = [np.ones(8)], [np.zeros(8)]
    for importance, expected in (((ones, none), one), ((none, ones), other)):
        codes = merged(one, other, importance)(PICTURES).astype(float)
        # Units come in the order of the first encoder; each has an equal among the expected ones.
        distances = np.abs(codes.T[:, None] - expected(PICTURES).astype(float).T).max(2)
        assert distances.min(1).max() <= 2
    with pytest.raises(InputError, match="same --layers"):
        merged(one, bootstrap(PICTURES, "9"), (ones, ones))
    two = [bootstrap(PICTURES, f"patches:4:size=3:pool=2{more}") for more in ("", ":pad=1")]
    with pytest.raises(InputError, match="same --layers"):
        merged(*two, ([np.ones(4)], [np.ones(4)]))


def test_a_base_is_as_important_as_its_units_and_those_that_read_it(encoder):
    saliency = np.zeros(encoder.units)
    saliency[[0, 13, 27]] = 1  # a unit of base 0 of the patches in the first cell, of base 0 in the next, of base 1
    patches, sparse = base_importance(encoder, saliency)
    np.testing.assert_allclose(patches, [2, 1, 0, 0, 0, 0])
    assert not sparse.any()
    saliency[:] = 0
    saliency[-1] = 3.0
    patches, sparse = base_importance(encoder, saliency)
    assert sparse[-1] == 3 and patches.sum() == pytest.approx(3)


# Commands


def test_prune_writes_a_smaller_model_that_others_pruned_alike_merge_with(ask, refuse, tmp_path):
    layers = "30,+sparse:60"
    ask("bootstrap", "--data", "digits", "--layers", layers, "--model", "empty.safetensors")
    for name, classes in (("a", "0,1,2,3,4"), ("b", "5,6,7,8,9")):
        (tmp_path / f"{name}.safetensors").write_bytes((tmp_path / "empty.safetensors").read_bytes())
        ask("train", "--data", "digits", "--classes", classes, "--load", "--model", f"{name}.safetensors")
    ask("merge", "a.safetensors", "b.safetensors", "--output", "whole.safetensors")
    options = ("--fraction", "0.6", "--whole", "--like", "whole.safetensors")
    for name in ("a", "b", "whole"):
        ask("sparse", "prune", f"{name}.safetensors", *options, "--output", f"{name}_small.safetensors")
    told = ask("merge", "a_small.safetensors", "b_small.safetensors", "--output", "small.safetensors")
    whole = ask("sparse", "prune", "whole.safetensors", *options, "--data", "digits", "--output", "again.safetensors")
    assert told["model_sha256"] == whole["model_sha256"]
    assert whole["code_units"] <= 0.41 * whole["units_before"]
    assert whole["file_bytes"] < 0.3 * whole["file_bytes_before"]
    assert whole["accuracy"] > whole["accuracy_before"] - 0.05 > 0.8
    model = ContinualClassifier.load(tmp_path / "again.safetensors")
    assert sum(layer.bases.shape[1] for layer in model.encoder_.layers) < 30 + 60
    told = ask("train", "--data", "digits", "--limit", "9", "--load", "--model", "again.safetensors")
    assert told["code_units"] == whole["code_units"]
    more = refuse("sparse", "prune", "small.safetensors", "--like", "whole.safetensors", "--output", "no.safetensors")
    assert "--like whole.safetensors: expected a model of the same encoder" in more
    refuse("sparse", "prune", "whole.safetensors", "--fraction", "1", "--output", "no.safetensors", code=2)


def test_a_model_pruned_in_place_still_reports_its_size_before(ask, tmp_path):
    ask("train", "--data", "digits", "--layers", "20", "--model", "m.safetensors")
    before = (tmp_path / "m.safetensors").stat().st_size
    pruned = ask("sparse", "prune", "m.safetensors", "--output", "m.safetensors")
    assert pruned["file_bytes"] < pruned["file_bytes_before"] == before


def test_saliency_names_units_and_cosines_of_a_model(ask):
    ask("train", "--data", "digits", "--layers", "20", "--model", "m.safetensors")
    told = ask("sparse", "saliency", "m.safetensors", "--top", "3")
    assert [entry["label"] for entry in told["classes"]] == list(range(10))
    assert all(len(set(entry["units"])) == 3 for entry in told["classes"])
    assert told["cosine_within"] > told["cosine_between"] and told["centred_cosine_between"] < 0
