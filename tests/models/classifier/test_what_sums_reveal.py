"""What sums reveal, shown: no example is stored, and yet the sums of few examples are those examples."""

import numpy as np
import pytest

from indeependence import ContinualClassifier, load_dataset
from indeependence.errors import InputError


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


def test_a_model_of_one_example_is_that_example(digits):
    model = ContinualClassifier("inputs").bootstrap(digits.x_train[:100])
    model.learn([(digits.x_train[200:201], digits.y_train[200:201])])
    recovered = model.moments_.cross[:, 0].reshape(8, 8)
    np.testing.assert_array_equal(recovered, digits.x_train[200])


def test_a_layer_with_as_many_bases_as_pixels_hides_next_to_nothing(digits):
    model = ContinualClassifier("64").bootstrap(digits.x_train[:500])
    model.learn([(digits.x_train[700:701], digits.y_train[700:701])])
    (layer,) = model.encoder_.layers
    code = model.moments_.cross[:, 0]
    projected = (code[0::2] - code[1::2]) / float(layer.scale) + layer.offset
    recovered = np.linalg.lstsq(layer.bases.T.astype(float), projected, rcond=None)[0]
    assert np.corrcoef(recovered, digits.x_train[700].ravel())[0, 1] > 0.95


def test_two_files_of_one_model_give_away_what_was_learned_or_forgotten_between_them(digits):
    model = ContinualClassifier("inputs").fit(digits.x_train[:500], digits.y_train[:500])
    before = model.moments_
    model.forget(digits.x_train[42:43], digits.y_train[42:43])
    difference = before.code_sum - model.moments_.code_sum
    np.testing.assert_array_equal(difference.reshape(8, 8), digits.x_train[42])


def test_who_has_a_small_model_can_ask_whether_an_example_was_learned(digits):
    model = ContinualClassifier("inputs").bootstrap(digits.x_train[:100])
    model.learn([(digits.x_train[:20], digits.y_train[:20])])
    learned = 0
    for row in (3, 7, 300, 400):
        try:
            ContinualClassifier().start(model.encoder_, model.ledger_).forget(
                digits.x_train[[row]], digits.y_train[[row]]
            )
            learned += 1 if row < 20 else 100
        except InputError:
            assert row >= 20
    assert learned == 2
