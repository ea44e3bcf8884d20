"""The convolutional network of k-winners and its dense twin: winners, masks, first weights, and that they learn."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from indeependence import load_dataset
from indeependence.errors import InputError
from indeependence.sparse import KWinners, SparseDense, convolutional_network

pytestmark = pytest.mark.slow  # seconds, or many of them


def test_the_network_has_the_published_winners_weights_and_sizes():
    model = convolutional_network((28, 28, 1), 10)
    first, second, hidden = (layer for layer in model.layers if isinstance(layer, KWinners))
    assert (first.winners, second.winners, hidden.winners) == (400, 300, 100)
    assert (first.winners_inference, second.winners_inference, hidden.winners_inference) == (600, 450, 150)
    sparse = next(layer for layer in model.layers if isinstance(layer, SparseDense))
    assert sparse.kernel.shape == (1024, 700)
    assert np.all(tf.convert_to_tensor(sparse.mask).numpy().sum(0) == round(0.3 * 1024))


@pytest.mark.parametrize("sparse", [True, False])
def test_the_weights_of_the_network_begin_with_a_third_of_their_fan_in(sparse):
    model = convolutional_network((28, 28, 1), 10, sparse=sparse)
    layers = [layer for layer in model.layers if hasattr(layer, "kernel")]
    assert len(layers) == 4
    for layer in layers:
        kernel = tf.convert_to_tensor(layer.kernel).numpy()
        share = 0.3 if isinstance(layer, SparseDense) else 1  # of the weights that are not masked
        assert np.mean(kernel**2) * np.prod(kernel.shape[:-1]) == pytest.approx(share / 3, rel=0.1)


@pytest.mark.parametrize("sparse", [True, False])
def test_the_network_learns_digits(sparse):
    digits = load_dataset("digits")
    x, y = digits.x_train[..., None] / np.float32(255), digits.y_train
    model = convolutional_network((8, 8, 1), 10, sparse=sparse)
    model.compile(keras.optimizers.Adam(0.002), "sparse_categorical_crossentropy")
    model.fit(x, y, batch_size=16, epochs=3, verbose=0)
    found = model.predict(digits.x_test[..., None] / np.float32(255), verbose=0).argmax(1)
    assert np.mean(found == digits.y_test) > 0.7


@pytest.mark.parametrize(
    ("shape", "classes"), [((6, 6, 1), 10), ((None, None, 1), 10), ((28, 28), 10), ((28, 28, 1), 1)]
)
def test_pictures_and_classes_that_no_network_can_be_made_for_are_told(shape, classes):
    with pytest.raises(InputError, match="at least 8 pixels and 2 classes, got "):
        convolutional_network(shape, classes)
