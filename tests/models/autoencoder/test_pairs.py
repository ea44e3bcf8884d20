"""Pairs: each side is inferred from the other better than by a straight line, in its own units."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.utils.estimator_checks import parametrize_with_checks

from indeependence import ContinualAutoencoder, load_dataset
from indeependence.errors import InputError
from indeependence.models.autoencoder.labelled import LabelledAutoencoder


@pytest.mark.slow
@parametrize_with_checks([ContinualAutoencoder(n_jobs=1)])
def test_every_check_of_scikit_learn_passes(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


def root(found, right):
    return float(np.sqrt(np.mean((found - right) ** 2)))


def test_each_half_of_a_picture_is_inferred_from_the_other(digits):
    """With local bases of each side."""
    x, held = digits.x_train, digits.x_test
    model = ContinualAutoencoder("local:200:size=3").fit(x[:, :4], targets=x[:, 4:])
    found = model.infer(held[:, :4]).targets, model.infer(targets=held[:, 4:]).inputs
    for side, (given, wanted) in enumerate(((slice(0, 4), slice(4, 8)), (slice(4, 8), slice(0, 4)))):
        flat = [part[:, rows].reshape(len(part), -1) for part in (x, held) for rows in (given, wanted)]
        straight = LinearRegression().fit(flat[0], flat[1]).predict(flat[2])
        assert root(found[side].reshape(len(held), -1), flat[3]) < root(straight, flat[3])


def test_values_come_back_in_their_own_units():
    rng = np.random.default_rng(0)
    hidden = rng.random((400, 3))
    left = pd.DataFrame(1000 * hidden @ rng.random((3, 4)) - 500, columns=list("abcd"))
    right = hidden @ rng.random((3, 2)) / 100
    model = ContinualAutoencoder().fit(left, targets=right)
    assert root(model.infer(left).targets, right) < 0.1 * right.std()
    assert root(model.infer(targets=right).inputs, left.to_numpy()) < left.to_numpy().std() / 2  # 2 numbers for 3
    assert list(model.feature_names_in_) == list("abcd") and model.score(left, targets=right) > 0.98
    back = model.inverse_transform(model.transform(left))
    assert root(back, left.to_numpy()) < 0.1 * left.to_numpy().std() and model.score(left) > 0.98
    drawn = model.generate(300, spread=1, seed=1)
    assert np.abs(drawn.inputs.mean(0) - left.to_numpy().mean(0)).max() < 60
    assert np.corrcoef(np.hstack([drawn.inputs, drawn.targets]).T)[:4, 4:] == pytest.approx(
        np.corrcoef(np.hstack([left, right]).T)[:4, 4:], abs=0.15
    )


def test_a_hidden_half_of_either_side_is_filled_in(digits):
    x, held = digits.x_train, digits.x_test[:50]
    model = ContinualAutoencoder("local:200:size=3").fit(x[:, :4], targets=x[:, 4:])
    known = np.indices((4, 8))[1] < 4
    for name, side in (("A", held[:, :4]), ("B", held[:, 4:])):
        given = {"X": side} if name == "A" else {"targets": side}
        found = model.infer(**given, mask=known).side(name)
        assert root(found[:, known], side[:, known]) < 1e-9
        hidden = root(found[:, ~known], side[:, ~known])
        assert hidden < 0.9 * root(np.broadcast_to(model.mean().side(name), side.shape)[:, ~known], side[:, ~known])


@pytest.mark.parametrize("layers", ["30", "local:30:size=3"])
def test_one_side_alone_is_completed_cleaned_drawn_and_kept_in_a_file(digits, layers, tmp_path):
    held, rng = digits.x_test[:50], np.random.default_rng(0)
    ContinualAutoencoder(layers).fit(digits.x_train).save(tmp_path / "m")
    model = ContinualAutoencoder.load(tmp_path / "m")
    known = np.indices((8, 8))[0] < 4
    found = model.infer(held, mask=known)
    assert found.targets.shape == (50, 0) and model.generate(3).inputs.shape == (3, 8, 8)
    assert root(found.inputs[:, ~known], held[:, ~known]) < 0.9 * root(model.mean().inputs[:, ~known], held[:, ~known])
    noisy = np.clip(np.rint(held + rng.normal(0, 51, held.shape)), 0, 255).astype(np.uint8)
    assert root(model.denoise(noisy, noise=0.2), held) < 0.75 * root(noisy.astype(float), held)
    with pytest.raises(InputError, match="complete with --mask"):
        _ = model.predictor


def test_either_side_is_cleaned_in_its_own_units(digits):
    rng, left, right = np.random.default_rng(0), digits.x_train[:, :4], digits.x_train[:, 4:] / 10
    model = ContinualAutoencoder("30").fit(left, targets=right)
    noisy = np.clip(right + rng.normal(0, 5.1, right.shape), 0, 25.5)
    assert root(model.denoise(targets=noisy, noise=0.2), right) < 0.8 * root(noisy, right)
    for given in ({}, {"X": left, "targets": right}):
        with pytest.raises(InputError, match="expected either inputs or targets to clean, got"):
            model.denoise(**given, noise=0.1)


def test_what_does_not_fit_is_refused():
    model = ContinualAutoencoder("2").fit(np.eye(4), targets=np.eye(4)[:, :2])
    with pytest.raises(InputError, match="expected as many targets as inputs, got 3 and 4"):
        model.partial_fit(np.eye(4), targets=np.eye(4)[:3])
    with pytest.raises(InputError, match="expected inputs of shape 2, as at first, got 3"):
        model.partial_fit(np.eye(4), targets=np.eye(4)[:, :3])
    with pytest.raises(InputError, match="pairs have no classes"):
        ContinualAutoencoder("2", ledger="class").fit(np.eye(4))
    with pytest.raises(InputError, match="expected codes of 4 units"):
        model.inverse_transform(np.eye(3))
    with pytest.raises(InputError, match="--from A or --from B"):
        _ = model.predictor


@pytest.mark.slow
@pytest.mark.parametrize("layers", ["20", "20,15", "local:30:size=3"])
def test_an_export_of_pairs_infers_either_side_as_the_model_does(layers, digits):
    from indeependence.export.keras_model import keras_model

    rng, x, y = np.random.default_rng(0), digits.x_train[:300], digits.x_test[:40]
    model = ContinualAutoencoder(layers).fit(x[:, :4], targets=x[:, 4:] / 10 - 3)
    held = (
        y[:, :4],
        y[:, 4:] / 10 - 3 + rng.uniform(0, 0.01, (40, 4, 8)),
    )  # where steps begin, Keras may round otherwise
    for side, known in (("A", model.infer(held[0]).targets), ("B", model.infer(targets=held[1]).inputs)):
        found, given = model.inference(side), held["AB".index(side)]
        np.testing.assert_array_equal(found.infer(given), known)
        told = keras_model(found).predict_on_batch(given.astype(np.float32) if side == "A" else given)
        np.testing.assert_allclose(told, known, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("layers", ["20", "20,15", "local:30:size=3"])
def test_an_export_answers_as_its_autoencoder_to_the_bit(layers, digits):
    model = LabelledAutoencoder(range(10), layers).bootstrap(digits.x_train[:200], digits.y_train[:200])
    model.learn([(digits.x_train[:400], digits.y_train[:400])])
    own, exported = model.predictor, model.predictor.for_export()
    np.testing.assert_array_equal(exported.encoder(digits.x_test), own.encoder(digits.x_test))
    np.testing.assert_array_equal(exported.probabilities(digits.x_test), own.probabilities(digits.x_test))
