"""The laws: what was learned, merged and forgotten decides about a model, to the bit, and nothing else does.

Every law holds for every kind of encoder and every type of data; the fingerprint is over the sums of all examples.
"""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from indeependence import ContinualClassifier, load_dataset
from indeependence.errors import InputError

N = 48
DENSE = ["8", "8:threshold=0.3:winners=3,6", "wide:30", "drawn:30:rank=5", "sparse:30", "+sparse:20:winners=4"]
DENSE += ["8,norm", "inputs"]
PATCHES = [
    "patches:4:size=3:pool=4:stride=4",
    "patches:4:size=3:pool=4:stride=4:flip=1:shift=1",
    "patches:4:size=3:pool=4:stride=2:winners=2,+sparse:20",
]
CASES = [(data, layers) for data in ("grey", "numbers") for layers in DENSE]
CASES += [(data, layers) for data in ("grey", "colour") for layers in PATCHES]
MEMBERS = [
    ("grey", "patches:4:size=3:slopes=2:root=1 | patches:4:size=5:slopes=2"),
    ("numbers", "8 | wide:8 | drawn:8:rank=5"),
]
CASES += [
    *MEMBERS,
    ("colour", "wide:30"),
    ("bytes", "8"),
    ("bytes", "inputs"),
    ("binary", "8"),
    ("float pictures", PATCHES[0]),
]
A, B, C = slice(0, 20), slice(20, 30), slice(30, N)  # three parts of the examples


def examples_of(data):
    """Inputs of one type [48, ...] with three classes: labels are numbers for some types and names for others."""
    rng = np.random.default_rng(5)
    y = rng.integers(0, 3, N)
    shape = {"colour": (10, 10, 3), "bytes": (20,), "numbers": (12,), "binary": (12,)}.get(data, (10, 10))
    x = rng.integers(0, 200, (N, *shape)) + y.reshape(N, *[1] * len(shape)) * 20
    if data in ("numbers", "float pictures"):
        return rng.standard_normal((N, *shape)) + x / 100, y
    if data == "binary":
        return (x > 120).astype(np.uint8), y
    return x.astype(np.uint8), np.array(["ant", "bee", "cat"])[y]


@pytest.fixture(scope="module", params=CASES, ids=lambda case: "-".join(case))
def case(request):
    """Inputs, labels and a model that was bootstrapped on some of them and has learned nothing."""
    data, layers = request.param
    x, y = examples_of(data)
    return x, y, ContinualClassifier(layers, n_jobs=1).bootstrap(x[:25])


def new(model, **changes):
    """A model of the same encoder that has learned nothing."""
    return clone(model).set_params(**changes).start(model.encoder_)


def learned(model, x, y, *parts, **changes):
    """A new model that learned these parts, one after another."""
    fresh = new(model, **changes)
    for part in parts:
        fresh.partial_fit(x[part], y[part])
    return fresh


def fingerprint(model):
    return model.moments_.fingerprint


# Learning


def test_the_order_of_examples_changes_nothing(case):
    x, y, model = case
    order = np.random.default_rng(1).permutation(N)
    assert fingerprint(learned(model, x, y, order)) == fingerprint(learned(model, x, y, A, B, C))


def test_the_order_of_tasks_changes_nothing(case):
    x, y, model = case
    assert fingerprint(learned(model, x, y, A, B, C)) == fingerprint(learned(model, x, y, C, B, A))


def test_the_cut_into_batches_changes_nothing(case):
    x, y, model = case
    whole = fingerprint(learned(model, x, y, slice(None)))
    assert fingerprint(learned(model, x, y, slice(None), batch_size=7)) == whole
    assert fingerprint(learned(model, x, y, *np.arange(N)[:, None])) == whole


def test_the_number_of_threads_changes_nothing(case, monkeypatch):
    monkeypatch.setattr("indeependence.encoder.encoder.WORTH", 1)  # so that threads are started for little work
    x, y, model = case
    x, y = np.concatenate([x] * 4), np.concatenate([y] * 4)  # more than one chunk to a thread
    one, two = (learned(model, x, y, slice(None), n_jobs=jobs) for jobs in (1, 2))
    assert fingerprint(one) == fingerprint(two)


def test_one_example_more_or_another_label_changes_the_fingerprint(case):
    x, y, model = case
    whole = fingerprint(learned(model, x, y, A))
    assert fingerprint(learned(model, x, y, A, [25])) != whole
    other = y.copy()
    other[0] = y[y != y[0]][0]
    assert fingerprint(learned(model, x, other, A)) != whole


# Merging


def test_merging_equals_having_learned_both(case):
    x, y, model = case
    whole = fingerprint(learned(model, x, y, A, B, C))
    a, b, c = (learned(model, x, y, part) for part in (A, B, C))
    assert fingerprint(new(model).merge(a, b, c)) == whole
    assert fingerprint(new(model).merge(c).merge(a).merge(b)) == whole
    assert fingerprint(a.merge(b.merge(c))) == whole


def test_merging_nothing_changes_nothing(case):
    x, y, model = case
    assert fingerprint(learned(model, x, y, A).merge(new(model))) == fingerprint(learned(model, x, y, A))
    assert fingerprint(new(model).merge(learned(model, x, y, A))) == fingerprint(learned(model, x, y, A))


# Forgetting


def test_forgetting_equals_never_having_learned(case):
    x, y, model = case
    expected = learned(model, x, y, A, B)
    forgot = learned(model, x, y, A, C, B).forget(x[C], y[C])
    assert fingerprint(forgot) == fingerprint(expected)
    np.testing.assert_array_equal(forgot.classes_, expected.classes_)
    np.testing.assert_array_equal(forgot.predict_proba(x), expected.predict_proba(x))


def test_forgetting_in_any_order_and_batches_leaves_the_same(case):
    x, y, model = case
    expected = fingerprint(learned(model, x, y, A))
    forgot = learned(model, x, y, A, B, C, batch_size=5).forget(x[C], y[C])
    for row in reversed(range(20, 30)):
        forgot.forget(x[[row]], y[[row]])
    assert fingerprint(forgot) == expected


def test_forgetting_everything_leaves_nothing(case):
    x, y, model = case
    assert fingerprint(learned(model, x, y, A, B).forget(x[:30], y[:30])) == fingerprint(model)


def test_subtracting_a_model_undoes_merging_it(case):
    x, y, model = case
    other = learned(model, x, y, B)
    assert fingerprint(learned(model, x, y, A).merge(other).subtract(other.ledger_)) == fingerprint(
        learned(model, x, y, A)
    )


def test_what_was_never_learned_is_refused_and_nothing_changes(case):
    x, y, model = case
    small = learned(model, x, y, [0, 1])
    before = fingerprint(small)
    with pytest.raises(InputError, match="^cannot remove "):
        small.forget(x[C], y[C])
    assert fingerprint(small) == before


# Ledgers


@pytest.mark.parametrize("ledger", ["task", "class"])
def test_a_ledger_changes_no_sum_of_the_whole(case, ledger):
    x, y, model = case
    assert fingerprint(learned(model, x, y, A, B, C, ledger=ledger)) == fingerprint(learned(model, x, y, A, B, C))


def test_forgetting_a_class_by_its_ledger_is_exact(case):
    x, y, model = case
    forgot = learned(model, x, y, A, B, C, ledger="class").forget_class(y[0].item())
    assert fingerprint(forgot) == fingerprint(learned(model, x, y, y != y[0]))
    assert y[0] not in forgot.classes_


def test_forgetting_a_task_by_its_ledger_is_exact(case):
    x, y, model = case
    forgot = learned(model, x, y, A, B, C, ledger="task").forget_task(2)
    assert fingerprint(forgot) == fingerprint(learned(model, x, y, A, C))


# Keeping


@pytest.mark.parametrize("ledger", ["none", "task", "class"])
def test_a_saved_model_goes_on_as_if_never_stopped(case, ledger, tmp_path):
    x, y, model = case
    learned(model, x, y, A, B, ledger=ledger).save(tmp_path / "today")
    tomorrow = ContinualClassifier.load(tmp_path / "today")
    assert tomorrow.get_params() == {**model.get_params(), "ledger": ledger}
    tomorrow.partial_fit(x[C], y[C]).forget(x[B], y[B], task=2 if ledger == "task" else None)
    assert fingerprint(tomorrow) == fingerprint(learned(model, x, y, A, C))


# Any program of all of these


@pytest.fixture(scope="module")
def small():
    x, y = examples_of("grey")
    model = ContinualClassifier(PATCHES[-1], n_jobs=1).bootstrap(x[:25])
    return x, y, model, model.encoder_(x).astype(object)


def plain_sums(codes, labels, seen):
    """Counts, Σ h and Σ h hᵀ of the rows in the multiset ``seen``, added one by one in Python's own integers."""
    rows = [row for row, times in seen.items() for _ in range(times)]
    units = codes.shape[1]
    products, cross, counts = np.zeros((units, units), object), {}, Counter()
    for row in rows:
        label = labels[row].item()
        products = products + np.outer(codes[row], codes[row])
        cross[label] = cross.get(label, 0) + codes[row]
        counts[label] += 1
    return products, cross, counts


ROWS = st.lists(st.integers(0, N - 1), min_size=1, max_size=6)
STEPS = st.lists(
    st.tuples(st.sampled_from(["learn", "merge", "forget", "forget one", "save and load"]), ROWS), max_size=8
)


@settings(max_examples=25)
@given(STEPS, st.sampled_from(["none", "class"]))
def test_any_stream_of_learn_merge_forget_save_and_load_equals_one_plain_sum(small, tmp_path_factory, steps, ledger):
    x, y, model, codes = small
    now, seen = new(model, ledger=ledger), Counter()
    for what, rows in steps:
        if what == "learn":
            now.partial_fit(x[rows], y[rows])
            seen.update(rows)
        elif what == "merge":
            now.merge(new(model, ledger=ledger).partial_fit(x[rows], y[rows]))
            seen.update(rows)
        elif what == "save and load":
            path = tmp_path_factory.mktemp("stream") / "model"
            now.save(path)
            now = ContinualClassifier.load(path)
        elif seen:
            gone = sorted(seen.elements())[:: 2 if what == "forget" else 10**6]
            now.forget(x[gone], y[gone])
            seen.subtract(gone)
            seen = +seen
    products, cross, counts = plain_sums(codes, y, seen)
    sums = now.moments_
    assert dict(zip(sums.labels, sums.counts.tolist(), strict=True)) == counts
    assert sums.products.tolist() == np.triu(products).tolist()
    assert {label: sums.cross[:, i].tolist() for i, label in enumerate(sums.labels)} == {
        label: column.tolist() for label, column in cross.items()
    }


# Real pictures


@pytest.mark.slow
def test_the_laws_hold_on_real_pictures_and_a_forgotten_class_is_gone(real_data):
    mnist = load_dataset(real_data / "mnist")
    x, y = mnist.x_train[:2500], mnist.y_train[:2500]
    model = ContinualClassifier("patches:16,+sparse:100").bootstrap(x[y < 2])
    kept = y != 9
    never = learned(model, x, y, kept)
    forgot = learned(model, x, y, np.argsort(-y, kind="stable"), batch_size=177).forget(x[~kept], y[~kept])
    merged = learned(model, x, y, kept & (y % 2 == 0)).merge(learned(model, x, y, kept & (y % 2 == 1)))
    by_class = learned(model, x, y, slice(None), ledger="class").forget_class(9)
    assert len(set(map(fingerprint, (never, forgot, merged, by_class)))) == 1
    test_x, test_y = mnist.x_test[:1000], mnist.y_test[:1000]
    assert forgot.score(test_x[test_y == 9], test_y[test_y == 9]) == 0
    assert forgot.score(test_x[test_y != 9], test_y[test_y != 9]) > 0.9
