"""Several depths of a network, and a picture with its mirror image: what they give, and what is refused."""

import keras
import numpy as np
import pytest

from indeependence import ContinualClassifier, load_dataset
from indeependence.encoder.fronts.depths import Depth, parse_depths
from indeependence.encoder.fronts.front import Front
from indeependence.encoder.fronts.onnx_network import OnnxNetwork
from indeependence.encoder.fronts.pretrained import pretrained
from indeependence.errors import InputError
from indeependence.export.keras_model import keras_model

layers = keras.layers


@pytest.fixture(scope="module")
def network():
    """A network of pictures 9x9, 4x4 and 2x2."""
    keras.utils.set_random_seed(0)
    picture = keras.Input((9, 9, 1))
    fine = layers.Conv2D(3, 3, padding="same", activation="relu", name="fine")(picture)
    middle = layers.Conv2D(4, 3, strides=2, activation="relu", name="middle")(fine)
    small = layers.Conv2D(5, 1, name="small")(layers.MaxPooling2D()(middle))
    flat = layers.Dense(6, name="answer")(layers.GlobalAveragePooling2D()(small))
    return keras.Model(picture, flat, name="of_pictures")


@pytest.fixture(scope="module")
def pictures():
    return np.random.default_rng(0).integers(0, 256, (5, 9, 9, 1)).astype(np.float32)


def seen(network, name, pictures):
    """What a layer of the network gives."""
    return keras.Model(network.inputs, network.get_layer(name).output).predict(pictures, verbose=0)


def test_each_depth_is_averaged_over_the_picture_or_in_cells(network, pictures):
    rows = pretrained(network, depths="fine:2,middle,answer")(pictures)
    fine, middle = seen(network, "fine", pictures), seen(network, "middle", pictures)
    cells = [fine[:, a, b].mean((1, 2)) for a in (slice(5), slice(4, 9)) for b in (slice(5), slice(4, 9))]
    expected = np.hstack([*cells, middle.mean((1, 2)), seen(network, "answer", pictures)])
    np.testing.assert_allclose(rows, expected, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("side, cells", [(7, 2), (5, 3), (8, 3), (4, 4)])
def test_there_are_as_many_cells_as_asked_for(side, cells):
    network = keras.Sequential([keras.Input((side, side, 2)), layers.Conv2D(3, 1, name="same"), layers.Flatten()])
    assert pretrained(network, depths=f"same:{cells}")(np.zeros((1, side, side, 2))).shape == (1, 3 * cells**2)


def test_a_number_takes_the_last_layers_of_the_smallest_sizes(network, pictures):
    for count, names in ((1, "small"), (2, "middle,small"), (3, "fine,middle,small")):
        np.testing.assert_array_equal(
            pretrained(network, depths=count)(pictures), pretrained(network, depths=names)(pictures)
        )
    assert parse_depths("2:3") == (Depth("2", 3),)


def test_a_picture_and_its_mirror_image_have_the_same_features_to_the_bit(network, pictures):
    front = pretrained(network, flip=True)
    np.testing.assert_array_equal(front(pictures), front(pictures[:, :, ::-1]))
    both = [pretrained(network)(one) for one in (pictures, pictures[:, :, ::-1])]
    np.testing.assert_allclose(front(pictures), (both[0] + both[1]) / 2, rtol=1e-5, atol=1e-4)


def test_equal_wishes_give_equal_networks_and_others_do_not(network):
    wishes = [{"depths": 2}, {"depths": 3}, {"flip": True}, {"depths": 2, "flip": True}, {}]
    first, again = ([pretrained(network, **wish).fingerprint for wish in wishes] for _ in range(2))
    assert first == again and len(set(first)) == len(wishes)


@pytest.mark.slow
def test_what_is_learned_merged_and_removed_is_exact_and_the_file_needs_no_other(network, tmp_path):
    digits = load_dataset("digits")
    x, y = digits.x_train[:60], digits.y_train[:60]
    front = pretrained(network, depths="fine:2,small", flip=True)
    new = ContinualClassifier("inputs", encoder=front).bootstrap(x[:20])
    whole, part, rest, turned = (
        ContinualClassifier("inputs", encoder=front).start(new.encoder_).learn([(a, b)])
        for a, b in ((x, y), (x[:25], y[:25]), (x[25:], y[25:]), (x[:, :, ::-1][::-1], y[::-1]))
    )
    assert turned.moments_.fingerprint == whole.moments_.fingerprint
    first = part.moments_.fingerprint
    assert part.merge(rest).moments_.fingerprint == whole.moments_.fingerprint
    assert part.forget(x[25:], y[25:]).moments_.fingerprint == first
    whole.save(tmp_path / "model")
    again = ContinualClassifier.load(tmp_path / "model")
    np.testing.assert_array_equal(again.predict_proba(x), whole.predict_proba(x))
    exported = keras_model(whole.predictor).predict(x.astype(np.float32), verbose=0)
    assert (
        exported.argmax(1) == whole.predict_proba(x).argmax(1)
    ).mean() > 0.95  # code units next to a step may differ


@pytest.mark.slow
def test_the_command_line_takes_them_keeps_them_and_wants_a_network(network, ask, refuse):
    network.save("front.keras")
    asked = ("train", "--data", "digits", "--layers", "inputs", "--limit", 60)
    wishes = ("--encoder", "front.keras", "--encoder-depths", "2:2", "--encoder-flip")
    assert ask(*asked, *wishes, "--model", "m")["code_units"] == 3 * 4 * (4 + 5)  # at three resolutions
    assert ask(*asked, *wishes, "--load", "--model", "m")["examples"] == 120
    assert "--encoder is not the network" in refuse(*asked, *wishes[:-1], "--load", "--model", "m")
    for option in (("--encoder-depths", "2"), ("--encoder-flip",)):
        assert f"{option[0]} goes with --encoder" in refuse(*asked, *option, "--model", "n")


@pytest.mark.parametrize(
    "depths, message",
    [
        ("fin", "a layer of of_pictures, got 'fin'; did you mean fine"),
        ("xyz", "it has max_pooling2d"),
        ("4", "3 sizes of pictures in it: name its layers"),
        ("answer:2", "answer gives 6 numbers, which have no cells"),
        ("small,small:2", "expected each layer once"),
        ("small:5", "small has 2x2 places, expected at least 5"),
        *((text, "expected names of layers or how many sizes") for text in ("", "a:", "a:0", "0", "2,a", 1.5, True)),
    ],
)
def test_depths_that_are_not_there_are_refused_in_one_line(network, depths, message):
    with pytest.raises(InputError, match=message) as refused:
        pretrained(network, depths=depths)
    assert "\n" not in str(refused.value)


def test_networks_that_have_no_pictures_are_refused():
    vectors = keras.Sequential([keras.Input((4,)), layers.Dense(3, name="first"), layers.Dense(2)], name="vectors")
    with pytest.raises(InputError, match="no picture of a known size in it: name its layers"):
        pretrained(vectors, depths=1)
    with pytest.raises(InputError, match="--encoder-flip: expected a network of pictures"):
        pretrained(vectors, flip=True)
    assert pretrained(vectors, depths="first")(np.zeros((1, 4))).shape == (1, 3)
    nested = keras.Sequential([keras.Input((4,)), vectors, layers.Dense(2)])
    with pytest.raises(InputError, match="expected a layer of"):
        pretrained(nested, depths="first")


def test_an_onnx_network_is_refused():
    network = OnnxNetwork(b"")  # nothing in it is looked at
    for wish in ({"depths": 2}, {"flip": True}):
        with pytest.raises(InputError, match="goes with a Keras network, got an ONNX file: leave one out"):
            pretrained(Front(network), **wish)
