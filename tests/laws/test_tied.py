"""The laws of `test_laws` for autoencoders of frozen bases: with labels, of pairs, of one side alone, to the bit."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indeependence import ContinualAutoencoder, models
from indeependence.errors import InputError
from indeependence.models.autoencoder.labelled import LabelledAutoencoder

N = 48
A, B, C = slice(0, 20), slice(20, 30), slice(30, N)
RNG = np.random.default_rng(3)
Y = RNG.integers(0, 3, N)
GREY = (RNG.integers(0, 200, (N, 7, 7)) + 20 * Y[:, None, None]).astype(np.uint8)
NUMBERS = RNG.standard_normal((N, 5)) + Y[:, None]
NAMES = np.array(["ant", "bee", "cat"])[Y]


def labelled(layers, x, y):
    return lambda **more: LabelledAutoencoder(sorted(set(y.tolist())), layers, n_jobs=1, **more).bootstrap(x[:25]), x, y


def drawing(layers, x, y):
    many = np.concatenate([x, x[::-1] // 2, 255 - x])  # a sketch takes a hundred pictures
    options = {"n_jobs": 1}
    return (
        lambda **more: LabelledAutoencoder([0, 1, 2], layers, **options, **more).bootstrap(x[:25], sketched=many),
        x,
        y,
    )


def paired(layers, x, y):
    return lambda **more: ContinualAutoencoder(layers, n_jobs=1, **more).restart((x[:25], y[:25])), x, y


CASES = {
    "labels": labelled("8,6", GREY, Y),
    "names, local": labelled("local:9:size=3", GREY, NAMES),
    "pictures to draw": drawing("8", GREY, Y),
    "numbers with labels": labelled("4", NUMBERS, Y),
    "pictures with rows": paired("local:9:size=3", GREY, NUMBERS),
    "rows with pictures": paired("8,6", NUMBERS, GREY),
    "one side": paired("4", NUMBERS, np.zeros((N, 0), np.uint8)),
}


@pytest.fixture(scope="module", params=CASES)
def case(request):
    return CASES[request.param]


def learned(make, x, y, *parts, **more):
    model = make(**more)
    for part in parts:
        model.learn([(x[part], y[part])])
    return model


def fingerprint(model):
    return model.moments_.fingerprint, model.ledger_.total.fingerprint


def test_order_and_batches_change_nothing(case):
    make, x, y = case
    whole = fingerprint(learned(make, x, y, slice(None)))
    assert fingerprint(learned(make, x, y, C, A, B, batch_size=7)) == whole
    assert fingerprint(learned(make, x, y, *np.arange(N)[::-1, None])) == whole


def test_pictures_to_draw_are_summed_by_class_and_region():
    regions = learned(*CASES["pictures to draw"], A, C).autoencoder.regions
    assert regions.count == N - 10 and len({region for _, region in regions.sums}) > 1
    assert [sum(part.count for part in regions.parts(label)) for label in range(3)] == np.bincount(
        np.delete(Y, np.r_[B]), minlength=3
    ).tolist()


def test_merging_equals_having_learned_both(case):
    make, x, y = case
    a, b, c = (learned(make, x, y, part) for part in (A, B, C))
    assert fingerprint(make().merge(c, a, b)) == fingerprint(learned(make, x, y, slice(None)))
    assert fingerprint(a.merge(make())) == fingerprint(learned(make, x, y, A))


def test_forgetting_equals_never_having_learned(case):
    make, x, y = case
    model, kept = learned(make, x, y, A, B, C), learned(make, x, y, A)
    assert fingerprint(model.forget_batches([(x[C], y[C]), (x[B], y[B])])) == fingerprint(kept)
    other = learned(make, x, y, B)
    assert fingerprint(learned(make, x, y, A, B).subtract(other.ledger_)) == fingerprint(kept)
    with pytest.raises(InputError, match="^cannot remove "):
        kept.forget_batches([(x, y)])
    assert fingerprint(kept) == fingerprint(learned(make, x, y, A))


@pytest.mark.parametrize("ledger", ["none", "task", "class"])
def test_a_file_brings_back_the_same_model_with_its_ledger(case, ledger, tmp_path):
    make, x, y = case
    if ledger == "class" and y.ndim > 1:
        return
    model = learned(make, x, y, A, B, ledger=ledger)
    assert fingerprint(model) == fingerprint(learned(make, x, y, A, B))
    model.save(tmp_path / "m")
    again = models.open(tmp_path / "m").learn([(x[C], y[C])])
    assert fingerprint(again) == fingerprint(learned(make, x, y, A, B, C)) and again.ledger == ledger
    if ledger == "task":
        assert fingerprint(again.forget_task(2)) == fingerprint(learned(make, x, y, A, C))
    elif ledger == "class":
        rest = np.flatnonzero(y != y[0])
        assert fingerprint(again.forget_class(y[0].item())) == fingerprint(learned(make, x, y, rest))


def test_what_workers_sum_is_what_is_learned_here(case):
    make, x, y = case
    model = make()
    coded = list(model.coder.coded([(x[C], y[C]), (x[A], y[A])], size=6))
    assert fingerprint(model.add(model.ledger_.nothing.learn(coded))) == fingerprint(learned(make, x, y, A, C))


STEPS = st.lists(
    st.tuples(st.sampled_from(["learn", "merge", "forget", "file"]), st.lists(st.integers(0, N - 1), min_size=1)),
    max_size=6,
)


@settings(max_examples=15)
@given(STEPS, st.sampled_from(["names, local", "pictures to draw", "pictures with rows"]))
def test_any_stream_of_learn_merge_forget_and_file_equals_learning_what_is_left(tmp_path_factory, steps, name):
    make, x, y = CASES[name]
    now, seen = make(), Counter()
    for what, rows in steps:
        if what == "learn":
            now.learn([(x[rows], y[rows])])
        elif what == "merge":
            now.merge(learned(make, x, y, rows))
        elif what == "file":
            path = tmp_path_factory.mktemp("stream") / "m"
            now.save(path)
            now = models.open(path)
        elif seen:
            gone = sorted(seen.elements())[::2]
            now.forget_batches([(x[gone], y[gone])])
            seen = seen - Counter(gone)
        if what in ("learn", "merge"):
            seen.update(rows)
    left = sorted(seen.elements())
    assert fingerprint(now) == fingerprint(learned(make, x, y, *([left] if left else [])))


def test_models_of_other_sides_or_bases_are_not_merged():
    make, x, y = CASES["labels"]
    model = learned(make, x, y, A)
    others = [LabelledAutoencoder([0, 1, 2, 3], "8,6").bootstrap(x), learned(*CASES["one side"], A)]
    others += [LabelledAutoencoder([0, 1, 2], "8,6", random_state=1).bootstrap(x[:25])]
    others += [LabelledAutoencoder(["a", "b", "c"], "8,6").bootstrap(x[:25])]  # of the same bases
    for other in others:
        with pytest.raises(InputError, match="expected (models|sums) of "):
            model.merge(other)
    assert fingerprint(model) == fingerprint(learned(make, x, y, A))


def test_refitted_bases_and_moving_averages_promise_nothing():
    for more in ({"frozen": False}, {"coeff": 0.1}):
        model = LabelledAutoencoder([0, 1, 2], "8", **more).bootstrap(GREY).learn([(GREY, Y)])
        with pytest.raises(InputError, match="refits its bases or keeps moving averages"):
            model.merge(model)
        with pytest.raises(InputError, match="refits its bases or keeps moving averages"):
            model.forget(GREY, Y)
