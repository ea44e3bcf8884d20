"""Pruned models against masked ones, to the bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indeependence import ContinualClassifier
from indeependence.encoder.description import describe
from indeependence.encoder.fitting.bootstrap import bootstrap
from indeependence.encoder.storage import restore
from indeependence.errors import InputError
from indeependence.moments.centred import centre
from indeependence.moments.moments import Moments
from indeependence.moments.ridge import ridge
from indeependence.pruning.remove import narrowed, remove_units, unit_bases
from indeependence.pruning.saliency import most_salient, unit_saliency
from tests.pruning.small_sums import KINDS, LABELS, PICTURES


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
    model = ContinualClassifier(KINDS[2], readout="ridge").fit(PICTURES, LABELS)
    kept = most_salient(unit_saliency(model.weights, model.moments_, "moment"), 0.5)
    pruned = remove_units(model, kept)
    masked = Moments.empty("encoder", len(kept)).learn([((model.encoder_(PICTURES) * kept).astype(np.uint8), LABELS)])
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


def test_a_model_pruned_in_place_still_reports_its_size_before(ask, tmp_path):
    ask("train", "--data", "digits", "--layers", "20", "--model", "m.safetensors")
    before = (tmp_path / "m.safetensors").stat().st_size
    pruned = ask("sparse", "prune", "m.safetensors", "--output", "m.safetensors")
    assert pruned["file_bytes"] < pruned["file_bytes_before"] == before
