"""Keras networks of one's own: importance against a slow plain version, smaller networks against silenced ones."""

import numpy as np
import pytest
import tensorflow as tf
from click.testing import CliRunner

from indeependence import load_dataset
from indeependence.attacks.gradient import cross_entropy_loss
from indeependence.commands import cli
from indeependence.errors import InputError
from indeependence.networks.attack import gradient_through
from indeependence.networks.chain import chain_of, hidden, weighted_layers
from indeependence.networks.own import OwnNetwork, open_network
from indeependence.networks.saliency import activity, unit_saliency, weight_saliency
from indeependence.networks.smaller import silence, without_units
from indeependence.quiet_keras import keras
from indeependence.sparse import KWinners, KWinners2D, SoftKWinners, SparseConv2D, SparseDense

# Keras's own, when it saves a model with NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")
L = keras.layers


def a_network(*, winners=False):
    """Return a network of every kind of layer that is understood, of random weights."""
    from indeependence.keras_layers.mirrored_relu import MirroredReLU

    keras.utils.set_random_seed(0)
    maps = [KWinners2D(12, over="map")] if winners else [L.ReLU()]
    units = [KWinners(3, k_inference=4)] if winners else [L.LeakyReLU()]
    layers = [
        *(
            SparseConv2D(6, 3, 0.5),
            L.BatchNormalization(),
            *maps,
            L.MaxPooling2D(),
            L.Conv2D(5, 2, name="second"),
            MirroredReLU(),
        ),
        *(L.Flatten(), SparseDense(9, 0.6), *units, L.Dropout(0.5), L.Dense(3, activation="softmax")),
    ]
    model = keras.Sequential([keras.Input((8, 8, 1)), *layers])
    rng = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, L.BatchNormalization):
            layer.set_weights([rng.random(one.shape) + 0.1 for one in layer.get_weights()])
    return model


PICTURES = np.random.default_rng(1).integers(0, 256, (20, 8, 8), np.uint8)
LABELS = np.arange(20) % 3


def test_activity_and_saliency_are_those_of_a_slow_plain_version():
    network = OwnNetwork(a_network(), "unit", (0, 1, 2))
    seen = activity(network, PICTURES, LABELS)
    layer = weighted_layers(network.model)[2]
    below = keras.Model(network.model.inputs[0], layer.input)(PICTURES[..., None] / np.float32(255)).numpy()
    for label in (None, 1):
        mean = np.abs(below[LABELS == label] if label is not None else below).mean(0)
        plain = np.abs(layer.kernel.numpy() * layer.mask.numpy()) * mean[:, None]
        np.testing.assert_allclose(weight_saliency(layer, seen, label=label), plain, rtol=1e-5)
    assert seen.active[layer.name] == pytest.approx((below != 0).mean())
    found = unit_saliency(chain_of(network.model), seen)
    # Unit j of the second convolution reaches the inputs 2j and 2j + 1 of each place, by the mirror.
    each = weight_saliency(layer, seen).sum(1).reshape(-1, 5, 2).sum((0, 2))
    np.testing.assert_allclose(found["second"], each, rtol=1e-6)
    assert set(found) == {link.layer.name for link in hidden(chain_of(network.model))}


def test_a_smaller_network_answers_as_the_whole_one_with_silent_units():
    model, rng = a_network(), np.random.default_rng(2)
    kept = {link.layer.name: rng.random(link.layer.kernel.shape[-1]) < 0.6 for link in hidden(chain_of(model))}
    for mask in kept.values():
        mask[0] = True
    small = without_units(model, kept)
    x = PICTURES[..., None] / np.float32(255)
    assert small.count_params() < 0.6 * model.count_params()
    assert np.abs(small(x) - model(x)).max() > 1e-3
    silence(chain_of(model), {name: ~mask for name, mask in kept.items()})
    np.testing.assert_allclose(small(x), model(x), atol=1e-5)


def test_winners_keep_their_number_and_all_win_where_fewer_are_left():
    model = a_network(winners=True)
    links = chain_of(model)
    few = {link.layer.name: np.arange(link.layer.kernel.shape[-1]) < 2 for link in hidden(links)}
    small = without_units(model, few)
    winners = [layer for layer in small.layers if hasattr(layer, "winners")]
    assert [(one.winners, one.winners_inference) for one in winners] == [(12, 12), (2, 2)]
    np.testing.assert_array_equal(winners[1].duty.shape, (2,))
    soft = keras.Sequential([keras.Input((4,)), L.Dense(6), SoftKWinners(3), L.Dense(2)])
    with pytest.raises(InputError, match="3 of 2 units would win"):
        without_units(soft, {soft.layers[0].name: np.arange(6) < 2})


def test_the_slope_through_a_network_is_that_of_finite_differences():
    network = OwnNetwork(a_network(), "signed", (0, 1, 2))
    gradient = gradient_through(network, (8, 8), cross_entropy_loss)
    x, right = PICTURES[:2].astype(np.float32), LABELS[:2]
    slope = gradient(x, right)

    def loss(pictures):
        scores = tf.math.log(network.model((pictures[..., None] / np.float32(127.5)) - 1))
        return float(tf.reduce_sum(cross_entropy_loss(scores, tf.constant(right))))

    for place in ((0, 3, 3), (1, 5, 2)):
        step = np.zeros_like(x)
        step[place] = 0.5
        assert slope[place] == pytest.approx(loss(x + step) - loss(x - step), rel=0.05, abs=1e-4)


def test_outputs_stand_for_the_classes_of_the_data_or_for_names(tmp_path):
    model = keras.Sequential([keras.Input((4,)), L.Dense(3)])
    model.save(tmp_path / "m.keras")
    assert open_network(tmp_path / "m.keras", [0, 2]).labels == (0, 1, 2)
    assert open_network(tmp_path / "m.keras", ["a", "b", "c"]).labels == ("a", "b", "c")
    assert open_network(tmp_path / "m.keras", [1, 2, 3], outputs=["3", "1", "2"]).labels == (3, 1, 2)
    with pytest.raises(InputError, match="expected 3 classes, one for each output, got a, b: name them by --outputs"):
        open_network(tmp_path / "m.keras", ["a", "b"])
    with pytest.raises(InputError, match="--outputs: expected 3 different names"):
        open_network(tmp_path / "m.keras", ["a", "b"], outputs=["a", "a", "b"])
    with pytest.raises(InputError, match="--scale torch: expected a network of colour pictures, got one of 4"):
        open_network(tmp_path / "m.keras", [0, 1], scale="torch")


def test_what_is_no_chain_is_refused_in_a_line():
    a = keras.Input((4,))
    x = L.Dense(3, name="left")(a)
    branch = keras.Model(a, L.Dense(2)(L.Add(name="both")([x, L.Dense(3, name="right")(a)])))
    with pytest.raises(InputError, match="got a branch at layer"):
        chain_of(branch)
    odd = keras.Sequential([keras.Input((4,)), L.Dense(3), L.LayerNormalization(name="odd"), L.Dense(2)])
    with pytest.raises(InputError, match="layer odd: expected a layer that treats each unit for itself"):
        chain_of(odd)
    with pytest.raises(InputError, match="got a model inside it"):
        weighted_layers(keras.Sequential([keras.Input((4,)), keras.Sequential([L.Dense(3)]), L.Dense(2)]))
    functional = keras.Model(a, L.Dense(2)(L.ReLU()(x)))
    assert [link.weighted for link in chain_of(functional)] == [False, True, False, True]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A small network that knows the digits."""
    digits = load_dataset("digits")
    keras.utils.set_random_seed(0)
    maps, hidden_units = L.Conv2D(12, 3, activation="relu", name="maps"), L.Dense(40, activation="relu", name="hidden")
    layers = [maps, L.MaxPooling2D(), L.Flatten(), hidden_units, L.Dense(10, activation="softmax", name="answers")]
    model = keras.Sequential([keras.Input((8, 8, 1)), *layers], name="mine")
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    model.fit(digits.x_train[..., None] / np.float32(255), digits.y_train, epochs=6, batch_size=64, verbose=0)
    path = tmp_path_factory.mktemp("networks") / "mine.keras"
    model.save(path)
    return path


def test_a_network_of_ones_own_is_looked_into_pruned_cut_attacked_and_made_noisy(trained, ask):
    own = (trained, "--scale", "unit")
    told = ask("sparse", "network", "look", *own)
    assert told["accuracy"] > 0.9 and [row["units"] for row in told["layers"]] == [12, 40, 10]
    assert len(ask("sparse", "network", "look", *own, "--layer", "hidden", "--top", 3)["units"]) == 3
    options = ("--fraction", 0.25, "--layer", "hidden=0.5", "--output", "small.keras")
    small = ask("sparse", "network", "prune", *own, *options)
    assert [row["units"] for row in small["layers"]] == [9, 20] and small["parameters"] < 0.5 * small[
        "parameters_before"
    ]
    assert small["accuracy"] > 0.6 and small["file_bytes"] < small["file_bytes_before"]
    by_chance = ask("sparse", "network", "prune", *own, *options, "--by", "random", "--overwrite")
    assert by_chance["accuracy"] < small["accuracy"]
    zeros = ask("sparse", "network", "prune", *own, "--weights", "--output", "zeros.keras")
    assert zeros["accuracy"] > 0.8 and ask("sparse", "network", "look", "zeros.keras", "--scale", "unit")["layers"][1][
        "zero"
    ] == pytest.approx(0.5)
    cut = ask("sparse", "network", "cut", *own, "--class", "3", "--fraction", 0.2, "--output", "cut.keras")
    assert cut["accuracy_of_class"] < 0.7 * cut["accuracy_of_others"] and cut["class"] == 3
    attacked = ask("sparse", "network", "attack", *own, "--reach", 24, "--limit", 60, "--steps", 3)
    assert attacked["pgd"]["24"] <= attacked["fgsm"]["24"] + 0.05 < attacked["clean"]
    noise = ask("sparse", "noise", *own, "--limit", 100)["noise"]["pixels"]["accuracies"]
    assert noise["0.0"] > 0.9 > noise["0.5"]
    result = CliRunner().invoke(cli, ["sparse", "network", "look", str(trained), "--scale", "unit"])
    assert [line.split()[0] for line in result.stdout.splitlines()[:4]] == ["layer", "maps", "hidden", "answers"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ("look", "NET", "--layer", "hiden"),
            "--layer: expected one of maps, hidden, answers, got hiden; did you mean hidden?",
        ),
        (
            ("prune", "NET", "--layer", "answers=0.5", "--output", "x.keras"),
            "--layer: expected one of maps, hidden, got",
        ),
        (("cut", "NET", "--class", "11", "--output", "x.keras"), "--class: no class '11' in the data"),
        (("look", "README.md"), "expected a .keras"),
        (("attack", "NET", "--data", "VECTORS"), "expected pictures of 8x8x1, as the network takes them, got 5"),
    ],
)
def test_bad_input_is_one_line(trained, refuse, tmp_path, words, message):
    np.savez(tmp_path / "v.npz", x=np.zeros((20, 5), np.uint8), y=np.arange(20) % 2)
    (tmp_path / "README.md").write_text("no network")
    places = {"NET": trained, "VECTORS": tmp_path / "v.npz"}
    assert message in refuse("sparse", "network", *(places.get(word, word) for word in words))


def test_options_of_a_network_are_refused_for_a_model_and_the_other_way_round(trained, ask, refuse):
    assert "--bits goes with a model" in refuse("sparse", "noise", trained, "--scale", "unit", "--bits")
    ask("train", "--data", "digits", "--layers", "20", "--model", "m.safetensors")
    assert "--scale goes with a .keras file" in refuse("sparse", "noise", "m.safetensors", "--scale", "unit")
    refuse("sparse", "network", "look", trained, "--top", "3", code=2)
    twice = ("--layer", "hidden=0.2", "--layer", "hidden=0.5", "--output", "x.keras")
    assert "expected one share for hidden, got 2" in refuse("sparse", "network", "prune", trained, *twice, code=2)
    more = refuse("sparse", "network", "prune", trained, "--layer", "hidden=2", "--output", "x.keras", code=2)
    assert "--layer hidden=2: 2.0 is not in the range" in more
