"""Weights in a model's file: they are those that the sums give, or they are not used."""

import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from indeependence import ContinualClassifier, models
from indeependence.files.container import KEY, header_of

X = np.random.default_rng(0).integers(0, 256, (90, 6, 6), np.uint8)
Y = np.arange(90) % 3


@pytest.fixture
def path(tmp_path):
    """The file of a model whose weights were solved before it was saved."""
    model = ContinualClassifier("+sparse:30").fit(X, Y)
    model.predict(X)
    model.save(tmp_path / "m")
    return tmp_path / "m"


@pytest.fixture
def solved(monkeypatch):
    """How often weights were solved since."""
    from indeependence.models.classifier import classifier

    times, solve = [], classifier.solved
    monkeypatch.setattr(classifier, "solved", lambda *given: times.append(given) or solve(*given))
    return times


def rewrite(path, change_header=lambda header: None, change_arrays=lambda arrays: None):
    header, arrays = header_of(path), load_file(path)
    change_header(header)
    change_arrays(arrays)
    save_file(arrays, path, {KEY: json.dumps(header)})


def asked_of(path):
    return models.predictor_of(path).probabilities(X)


def test_kept_weights_answer_to_the_bit_without_being_solved_again(path, solved):
    fresh = ContinualClassifier("+sparse:30").fit(X, Y)
    expected = fresh.predict_proba(X)
    solved.clear()
    np.testing.assert_array_equal(asked_of(path), expected)
    np.testing.assert_array_equal(ContinualClassifier.load(path).predict_proba(X), expected)
    assert not solved
    assert models.predictor_of(path).fingerprint == fresh.predictor.fingerprint
    np.testing.assert_array_equal(
        models.predictor_of(path).answers(X)[1], ContinualClassifier.load(path).predictor.answers(X)[1]
    )


def test_weights_of_a_loaded_model_are_solved_in_full(path):
    fresh = ContinualClassifier("+sparse:30").fit(X, Y)
    np.testing.assert_array_equal(ContinualClassifier.load(path).weights.coefficients, fresh.weights.coefficients)


def test_they_change_no_fingerprint_and_are_written_again(path, tmp_path):
    plain = ContinualClassifier("+sparse:30").fit(X, Y)
    plain.save(tmp_path / "plain")
    assert "weights" not in header_of(tmp_path / "plain")
    assert header_of(tmp_path / "plain")["sha256"] == header_of(path)["sha256"]
    ContinualClassifier.load(path).save(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    "change",
    [
        lambda model: model.partial_fit(X[:9], Y[:9]),
        lambda model: model.forget(X[:9], Y[:9]),
        lambda model: model.forget_class(1),
        lambda model: model.set_params(penalty=3.0),
    ],
)
def test_after_a_change_of_sums_or_penalty_they_do_not_count(path, solved, change):
    model = change(ContinualClassifier.load(path))
    model.predict(X)
    assert len(solved) == 1
    model.save(path)
    np.testing.assert_array_equal(asked_of(path)[:, : len(model.weights.labels)], model.predictor.probabilities(X))
    assert len(solved) == 1


def forged(header):
    header["weights"]["sums"] = "0" * 64


@pytest.mark.parametrize(
    "header",
    [
        forged,
        lambda header: header["weights"].update(rule=99),
        lambda header: header["weights"].update(labels=[0, 1, 5]),
        lambda header: header["weights"].update(asked=2.0),
        lambda header: header["weights"].pop("sha256"),
        lambda header: header.update(weights=7),
        lambda header: header.pop("weights"),
        lambda header: header["options"].update(penalty=0.5),
    ],
)
def test_what_does_not_belong_is_passed_over_and_solved(path, solved, header):
    rewrite(path, header)
    expected = ContinualClassifier("+sparse:30", penalty=header_of(path)["options"]["penalty"]).fit(X, Y)
    np.testing.assert_array_equal(asked_of(path), expected.predict_proba(X))
    assert len(solved) == 2  # once each


@pytest.mark.parametrize("name", ["coefficients", "intercept", "mean", "precision"])
def test_a_changed_array_is_passed_over_and_solved(path, solved, name):
    def change(arrays):
        arrays[f"weights.{name}"] = arrays[f"weights.{name}"] + 1

    rewrite(path, change_arrays=change)
    asked_of(path)
    assert len(solved) == 1


def test_those_of_another_rule_are_passed_over_and_solved(path, solved, monkeypatch):
    monkeypatch.setattr("indeependence.models.classifier.kept.RULE", 0)
    asked_of(path)
    assert len(solved) == 1


def test_a_readout_of_ones_own_is_neither_kept_nor_replaced(path, tmp_path):
    from dataclasses import replace

    class Turned(ContinualClassifier):
        def solve(self):
            weights = super().solve()
            return replace(weights, coefficients=-weights.coefficients, intercept=-weights.intercept)

    turned, usual = Turned.load(path), ContinualClassifier.load(path)
    np.testing.assert_array_equal(turned.decision_function(X), -usual.decision_function(X))
    turned.save(tmp_path / "t")
    assert "weights" not in header_of(tmp_path / "t")
