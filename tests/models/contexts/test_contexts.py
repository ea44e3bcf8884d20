"""Contexts: laws of order, what closing keeps, and files."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indeependence import ContextualClassifier
from indeependence.errors import InputError
from indeependence.models.contexts.context import Closed, Open
from indeependence.models.contexts.learning import bootstrapped
from tests.models.contexts.tasks_made_up import D, bits, learned, new, task_of

pytestmark = pytest.mark.slow  # seconds, or many of them


def arrays_of(part):
    return part.inputs.fingerprint, part.weights.coefficients.astype(np.float32).tobytes(), part.weights.labels


@given(bits)
def test_the_order_of_examples_in_a_task_changes_nothing(seed):
    inputs, labels = task_of(0)
    order = np.random.default_rng(seed).permutation(len(labels))
    one, other = new().partial_fit(inputs, labels), new().partial_fit(inputs[order], labels[order])
    assert one.moments_.fingerprint == other.moments_.fingerprint
    assert arrays_of(one.moments_.parts[0]) == arrays_of(other.moments_.parts[0])


def test_an_encoder_knows_no_order_of_its_sample(pictures):
    shuffled = np.random.default_rng(0).permutation(pictures)
    one, other = (bootstrapped(sample, "patches:4:size=3:pool=4:stride=4", 0) for sample in (pictures, shuffled))
    assert one.fingerprint == other.fingerprint


@given(st.permutations([0, 1, 2]), st.booleans())
def test_the_order_of_tasks_changes_nothing_but_the_contexts_order(order, keep):
    one, other = learned(0, 1, 2, keep_sums=keep), learned(*order, keep_sums=keep)
    assert one.moments_.fingerprint == other.moments_.fingerprint
    assert set(map(arrays_of, one.close().moments_.parts)) == set(map(arrays_of, other.close().moments_.parts))
    inputs = np.vstack([task_of(kind, seed=1)[0] for kind in range(3)])
    np.testing.assert_array_equal(one.predict_proba(inputs), other.predict_proba(inputs))


@given(bits)
def test_the_other_inputs_of_a_batch_change_no_answer(seed):
    model = learned(0, 1, 2)
    inputs = np.vstack([task_of(kind, seed=1)[0] for kind in range(3)])
    rows = np.random.default_rng(seed).choice(len(inputs), 7, replace=False)
    np.testing.assert_array_equal(model.predict(inputs)[rows], model.predict(inputs[rows]))
    np.testing.assert_array_equal(model.context_of(inputs), np.repeat([1, 2, 3], 60))


def test_closing_keeps_every_answer_and_the_fingerprint():
    model, inputs = learned(0, 1, keep_sums=True), task_of(1, seed=2)[0]
    before = model.predict_proba(inputs), model.moments_.fingerprint
    assert all(isinstance(part, Open) for part in model.moments_.parts)
    assert all(isinstance(part, Closed) for part in model.close().moments_.parts)
    np.testing.assert_array_equal(model.predict_proba(inputs), before[0])
    assert model.moments_.fingerprint == before[1]


def test_only_the_last_task_is_open_and_a_closed_one_cannot_learn_on():
    model = learned(0, 1)
    assert [isinstance(part, Open) for part in model.moments_.parts] == [False, True]
    before = model.moments_
    with pytest.raises(InputError, match="cannot learn into context 1: it is closed"):
        model.learn([task_of(0)], task=1)
    with pytest.raises(InputError, match="expected a task from 1 to 3, the next one, got 4"):
        model.learn([task_of(0)], task=4)
    assert model.moments_ is before


@given(st.integers(20, 59))
def test_a_task_in_pieces_equals_a_task_in_one(cut):
    inputs, labels = task_of(0)
    whole = new(bootstrap_limit=20).partial_fit(inputs, labels)
    pieces = new(bootstrap_limit=20).bootstrap(inputs)
    for rows in (slice(cut), slice(cut, None)):
        pieces.learn([(inputs[rows], labels[rows])], task=1)
    assert pieces.moments_.fingerprint == whole.moments_.fingerprint


def test_contexts_with_other_classes_give_them_no_probability():
    model = new().partial_fit(*task_of(0))
    inputs, labels = task_of(1)
    model.partial_fit(inputs, np.where(labels == "a", "c", "d"))
    probabilities = model.predict_proba(inputs)
    assert model.classes_.tolist() == ["a", "b", "c", "d"]
    assert not probabilities[:, :2].any() and np.allclose(probabilities.sum(1), 1)
    assert set(model.predict(inputs, among=["a", "d"])) <= {"a", "d"}


def test_numbers_get_limits_from_the_first_task():
    rng = np.random.default_rng(0)
    labels = np.arange(60) % 2
    first, second = rng.standard_normal((2, 60, D)) + labels[:, None] + np.array([0, 40])[:, None, None]
    model = new().partial_fit(first, labels).partial_fit(second, labels)
    assert model.encoder_(second).dtype == np.uint8 and model.context_of(first).max() == 1


@pytest.mark.parametrize("keep", [False, True])
def test_a_model_comes_back_whole_and_learns_on(keep, tmp_path):
    model, inputs = learned(0, 1, keep_sums=keep), task_of(0, seed=2)[0]
    model.save(tmp_path / "m")
    again = ContextualClassifier.load(tmp_path / "m")
    np.testing.assert_array_equal(again.predict_proba(inputs), model.predict_proba(inputs))
    assert again.moments_.fingerprint == model.moments_.fingerprint and again.keep_sums == keep
    again.partial_fit(*task_of(2))
    assert again.moments_.fingerprint == model.partial_fit(*task_of(2)).moments_.fingerprint
    content = (tmp_path / "m").read_bytes()
    assert not any(row.tobytes() in content for kind in (0, 1) for row in task_of(kind)[0])


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("context0.weights.coefficients", lambda array: array + 1),
        ("context0.inputs.total", lambda array: array + 1),
        ("context0.inputs.squares", lambda array: array[1:]),
        ("context1.sums.counts", lambda array: array + 1),
        ("context1.sums.products", lambda array: array[1:]),
        ("context0.encoder.layer0.bases", lambda array: array[:, 1:]),
    ],
)
def test_a_damaged_file_is_told(name, change, tmp_path):
    import json

    from safetensors import safe_open
    from safetensors.numpy import load_file, save_file

    from indeependence.files.container import KEY

    path = tmp_path / "m"
    learned(0, 1).save(path)
    with safe_open(path, "numpy") as file:
        header = json.loads(file.metadata()[KEY])
    arrays = load_file(path)
    arrays[name] = np.ascontiguousarray(change(arrays[name]))
    save_file(arrays, path, {KEY: json.dumps(header)})
    with pytest.raises(InputError, match="damaged model"):
        ContextualClassifier.load(path).predict(task_of(0)[0])


def test_unknown_ways_and_shapes_are_told():
    with pytest.raises(InputError, match="contexts: expected task or auto, got 'all'"):
        new(contexts="all").partial_fit(*task_of(0))
    with pytest.raises(ValueError, match="X has 7 features, but ContextualClassifier is expecting 8"):
        learned(0).predict(task_of(0)[0][:, 1:])
    with pytest.raises(InputError, match="expected inputs of shape 8, as at first, got 2x4"):
        learned(0).predict(task_of(0)[0].reshape(-1, 2, 4))
    with pytest.raises(InputError, match="has learned no examples yet"):
        new().bootstrap(task_of(0)[0]).predict(task_of(0)[0])
    with pytest.raises(InputError, match="labels that are names, as learned before, got numbers"):
        learned(0).partial_fit(task_of(1)[0], np.arange(60))


@pytest.mark.parametrize(("name", "value"), [("readout", "ridge"), ("penalty", 2.0)])
def test_what_is_set_counts_for_open_contexts_and_for_the_file(tmp_path, name, value):
    inputs, labels = task_of(0)
    expected = new(keep_sums=True, **{name: value}).partial_fit(inputs, labels).predict_proba(inputs)
    model = new(keep_sums=True).partial_fit(inputs, labels)
    assert (model.predict_proba(inputs) != expected).any()
    model.set_params(**{name: value}).save(tmp_path / "m")
    for one in (model, ContextualClassifier.load(tmp_path / "m")):
        np.testing.assert_array_equal(one.predict_proba(inputs), expected)
    with pytest.raises(InputError, match=f"{name}: expected"):
        model.set_params(**{name: "other"})
