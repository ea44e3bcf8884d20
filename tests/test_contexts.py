"""Contexts: sums of the inputs, what opens one, what closing keeps, and laws of order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from indeependence import ContextualClassifier, ContinualClassifier, evaluate, load_dataset, permuted_tasks, split_tasks
from indeependence.errors import InputError
from indeependence.models.contexts.context import Closed, Open
from indeependence.models.contexts.gaussian import FLOOR, InputSums, log_likelihoods
from indeependence.models.contexts.learning import bootstrapped
from indeependence.models.contexts.novelty import LEAST, is_new, place_of

LAYERS = "drawn:20:rank=6"
D = 8
bits = st.integers(0, 2**32 - 1)


def task_of(kind, count=60, seed=0):
    """Inputs [count, 8] that are bright in two columns of their own kind, more so for "b" than for "a"."""
    rng = np.random.default_rng([kind, seed])
    labels = np.array(["a", "b"])[rng.integers(0, 2, count)]
    inputs = rng.integers(0, 60, (count, D))
    inputs[:, [2 * kind, 2 * kind + 1]] += np.where(labels == "b", 190, 120)[:, None]
    return inputs.astype(np.uint8), labels


def new(**changes):
    return ContextualClassifier(LAYERS, n_jobs=1, batch_size=32, **changes)


def learned(*kinds, **changes):
    model = new(**changes)
    for kind in kinds:
        model.partial_fit(*task_of(kind))
    return model


def arrays_of(part):
    return part.inputs.fingerprint, part.weights.coefficients.astype(np.float32).tobytes(), part.weights.labels


# The sums of the inputs


@given(bits, st.integers(1, 39))
def test_input_sums_know_no_order_and_no_batches(seed, cut):
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, 256, (40, D)).astype(np.uint8)
    shuffled = rng.permutation(rows)
    whole, parts = InputSums.empty(D).learn(rows), InputSums.empty(D).learn(shuffled[:cut]).learn(shuffled[cut:])
    assert whole.fingerprint == parts.fingerprint and whole.count == parts.count == 40
    np.testing.assert_array_equal(whole.squares, (rows.astype(object) ** 2).sum(0))


@given(bits)
def test_likelihoods_are_those_of_normal_distributions_with_a_floor(seed):
    rng = np.random.default_rng(seed)
    shown, judged = (rng.integers(0, 256, (n, D)).astype(np.uint8) for n in (20, 5))
    known = [InputSums.empty(D).learn(shown[:10]), InputSums.empty(D).learn(shown[10:])]
    for column, rows in enumerate((shown[:10], shown[10:])):
        deviation = np.sqrt(rows.var(0) + FLOOR * rows.var(0).mean())
        expected = norm.logpdf(judged, rows.mean(0), deviation).sum(1) + D / 2 * np.log(2 * np.pi)
        np.testing.assert_allclose(log_likelihoods(known, judged)[:, column], expected, rtol=1e-9)


def test_inputs_that_never_vary_have_a_likelihood_all_the_same():
    known = [InputSums.empty(D).learn(np.full((5, D), value, np.uint8)) for value in (0, 255)]
    assert log_likelihoods(known, np.full((1, D), 250, np.uint8)).argmax() == 1


# What is new


def test_a_batch_is_new_only_if_each_row_of_it_is():
    known = [InputSums.empty(D).learn(task_of(kind)[0]) for kind in (0, 1)]
    new_rows, old_rows = task_of(2)[0], task_of(1, seed=1)[0]
    assert is_new(new_rows, known) and place_of(new_rows, known) == 2
    assert not is_new(old_rows, known) and place_of(old_rows, known) == 1
    assert not is_new(np.vstack([new_rows, old_rows[:1]]), known)
    assert not is_new(new_rows[: LEAST - 1], known) and is_new(new_rows[:1], [])


def test_auto_opens_a_context_for_each_permutation_and_none_for_new_classes():
    digits = load_dataset("digits")
    permuted = ContextualClassifier(contexts="auto", layers="drawn:40")
    evaluate(permuted_tasks(digits, tasks=4), permuted, measure="own")
    assert len(permuted.moments_.parts) == 4
    split, plain = ContextualClassifier("sparse:60", contexts="auto"), ContinualClassifier("sparse:60")
    scenario = split_tasks(digits, tasks=5)
    evaluate(scenario, split)
    assert len(split.moments_.parts) == 1
    sample = scenario.train[0].arrays()[0]
    plain.start(split.moments_.parts[0].encoder)
    for task in scenario.train:
        plain.partial_fit(*task.arrays())
    assert split.moments_.parts[0].sums.fingerprint == plain.moments_.fingerprint
    np.testing.assert_array_equal(split.predict(sample), plain.predict(sample))
    np.testing.assert_array_equal(split.predict_proba(sample), plain.predict_proba(sample))


def test_auto_returns_to_a_context_it_knows():
    model = learned(0, 1, contexts="auto")
    model.partial_fit(*task_of(0, seed=1))
    assert [part.inputs.count for part in model.moments_.parts] == [120, 60]


# Laws of order


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


# Closing


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


# Inputs and files


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
    with pytest.raises(InputError, match="expected contexts task or auto, got 'all'"):
        new(contexts="all").partial_fit(*task_of(0))
    with pytest.raises(ValueError, match="X has 7 features, but ContextualClassifier is expecting 8"):
        learned(0).predict(task_of(0)[0][:, 1:])
    with pytest.raises(InputError, match="expected inputs of shape 8, as at first, got 2x4"):
        learned(0).predict(task_of(0)[0].reshape(-1, 2, 4))
    with pytest.raises(InputError, match="has learned no examples yet"):
        new().bootstrap(task_of(0)[0]).predict(task_of(0)[0])
    with pytest.raises(InputError, match="labels that are names, as learned before, got numbers"):
        learned(0).partial_fit(task_of(1)[0], np.arange(60))


# Commands


def test_permuted_tasks_have_contexts_unless_told_otherwise(ask):
    common = ("evaluate", "--scenario", "permuted", "--tasks", 3, "--layers", "drawn:60", "--measure", "own")
    told, one = ask(*common), ask(*common, "--contexts", "one")
    assert told["options"]["contexts"] == "task" and one["options"]["contexts"] == "one"
    assert told["average_accuracy"] > 0.93 and told["forgetting"] <= 0.001 and told["stored_examples"] == 0
    assert told["average_accuracy"] > one["average_accuracy"]
    assert np.array(told["accuracy_matrix"], dtype=float)[:2].size == 6
    assert told["accuracy_matrix"][0][1:] == [None, None] and None not in told["accuracy_matrix"][2]


def test_a_file_with_contexts_is_trained_asked_and_inspected(ask):
    plain = ("--layers", "drawn:60:rank=20", "--limit", 400)
    ask("train", *plain, "--contexts", "task", "--model", "m")
    told = ask("train", "--skip", 400, "--limit", 400, "--load", "--model", "m")
    assert [part["open"] for part in told["contexts"]] == [False, True] and told["kind"] == "contexts"
    assert [part["examples"] for part in told["contexts"]] == [400, 400]
    answers = ask("infer", "--model", "m", "--limit", 3, "--top", 2)["answers"]
    assert len(answers) == 3 and answers[0][0]["probability"] >= answers[0][1]["probability"]
    assert ask("inspect", "m")["model_sha256"] == told["model_sha256"]


def test_a_task_over_several_checkpoints_is_one_context(ask):
    common = ("train", "--limit", 600, "--tasks", 2, "--layers", "16", "--contexts", "task")
    pieces = ask(*common, "--checkpoint-every", 100, "--bootstrap-limit", 100, "--model", "pieces")
    whole = ask(*common, "--bootstrap-limit", 100, "--model", "whole")
    assert len(pieces["contexts"]) == 2 and pieces["model_sha256"] == whole["model_sha256"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("evaluate", "--kind", "conceptor", "--contexts", "task"),
            "--contexts task does not go with --kind conceptor",
        ),
        (("evaluate", "--keep-sums"), "--keep-sums goes with --contexts task"),
        (("train", "--contexts", "task", "--ledger", "task"), "--contexts goes without --workers"),
    ],
)
def test_what_does_not_go_together_is_refused(arguments, message, refuse):
    assert message in refuse(*arguments, code=2)


def test_commands_for_one_context_refuse_a_file_with_several(ask, refuse):
    ask("train", "--limit", 300, "--layers", "16", "--contexts", "task", "--model", "m")
    assert "expected a model of kind classifier, got one of kind contexts" in refuse(
        "forget", "--examples", "digits", "--limit", 3, "--model", "m"
    )
    assert "expected contexts task or auto, got 'one'" in refuse("train", "--load", "--contexts", "one", "--model", "m")
