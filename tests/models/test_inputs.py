"""Streams of batches: generators and data sets give what arrays give, and say what is wrong with them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indeependence import ContinualClassifier, load_dataset
from indeependence.errors import InputError

pytestmark = pytest.mark.slow  # seconds, or many of them

LAYERS = "patches:4:size=3:pool=3:stride=3"


@pytest.fixture(scope="module")
def digits():
    data = load_dataset("digits")
    return data.x_train[:300], data.y_train[:300]


@pytest.fixture(scope="module")
def learned(digits):
    """The fingerprint of what the arrays themselves come to."""
    return ContinualClassifier(LAYERS).fit(*digits).moments_.fingerprint


def cut(x, y, sizes):
    """A generator of batches of these sizes, and the rest."""
    start = 0
    for size in (*sizes, len(y)):
        yield x[start : start + size], y[start : start + size]
        start += size


@given(st.lists(st.integers(0, 80), max_size=8))
def test_a_generator_gives_what_the_arrays_give(digits, learned, sizes):
    assert ContinualClassifier(LAYERS).fit(cut(*digits, sizes)).moments_.fingerprint == learned


def test_only_the_first_examples_are_kept_for_the_encoder(digits):
    x, y = digits
    model = ContinualClassifier(LAYERS, bootstrap_limit=100).fit(cut(x, y, [60, 40, 50]))
    same = ContinualClassifier(LAYERS).bootstrap(x[:100]).partial_fit(x, y)
    assert model.moments_.fingerprint == same.moments_.fingerprint


def test_a_later_stream_is_added_to_an_earlier(digits, learned):
    x, y = digits
    model = ContinualClassifier(LAYERS).bootstrap(x)
    model.partial_fit(cut(x[:100], y[:100], [30])).partial_fit(cut(x[100:], y[100:], []))
    assert model.moments_.fingerprint == learned


def data_sets(x, y):
    """The same examples as TensorFlow, Keras and a loop over single examples hand them over."""
    import keras
    import tensorflow as tf

    class Numbered(keras.utils.PyDataset):
        def __len__(self):
            return -(-len(y) // 70)

        def __getitem__(self, index):
            return x[70 * index : 70 * index + 70], y[70 * index : 70 * index + 70]

    whole = tf.data.Dataset.from_tensor_slices((x, y))
    return {"batched": whole.batch(64), "single": whole, "numbered": Numbered(), "loop": zip(x, y, strict=True)}


def test_data_sets_of_tensorflow_and_keras_give_what_the_arrays_give(digits, learned):
    for name, source in data_sets(*digits).items():
        assert ContinualClassifier(LAYERS).fit(source).moments_.fingerprint == learned, name


def test_names_in_a_data_set_come_back_as_names(digits):
    import tensorflow as tf

    x, y = digits
    names = tf.constant([f"digit {label}" for label in y])
    model = ContinualClassifier(LAYERS).fit(tf.data.Dataset.from_tensor_slices((x, names)).batch(50))
    assert model.classes_[3] == "digit 3"


def test_a_data_set_without_end_is_refused_and_without_labels_too(digits):
    import tensorflow as tf

    whole = tf.data.Dataset.from_tensor_slices(digits).batch(50)
    with pytest.raises(InputError, match="expected a data set that ends"):
        ContinualClassifier(LAYERS).fit(whole.repeat())
    with pytest.raises(InputError, match=r"expected pairs \(inputs, labels\), got dict: map each element"):
        ContinualClassifier(LAYERS).fit(whole.map(lambda x, y: {"x": x, "y": y}))


@pytest.mark.parametrize(
    "batches, message",
    [
        ([], "expected at least one example"),
        ([(np.zeros((0, 4)), np.zeros(0, int))], "expected at least one example"),
        ([(np.zeros((3, 4)), np.zeros(2, int))], "as many labels as inputs in a batch, got 2 and 3"),
        ([(np.zeros((3, 4)), np.zeros(3, int), np.ones(3))], "got 3 parts"),
        ([np.zeros((3, 4))], "got ndarray"),
        ([(np.full((3, 4), np.nan), np.zeros(3, int))], "expected finite numbers"),
        ([(np.full((3, 4), "x"), np.zeros(3, int))], "inputs: expected numbers"),
        ([(np.zeros((3, 4)), np.zeros((3, 10)))], "one label for each example, got 10"),
    ],
)
def test_what_is_no_batch_is_told(batches, message):
    with pytest.raises(InputError, match=message):
        ContinualClassifier("inputs").fit(iter(batches))
