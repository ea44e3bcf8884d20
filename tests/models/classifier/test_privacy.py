"""Noise on the sums: what one example can change, what the noise makes of it, and what is left of the answers."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from safetensors.numpy import load_file
from scipy import stats
from scipy.integrate import quad

from indeependence import ContinualClassifier, load_dataset
from indeependence.encoder.fitting.bootstrap import bootstrap
from indeependence.encoder.layers.norm import NormLayer
from indeependence.errors import InputError
from indeependence.models.classifier.privacy import (
    Noise,
    Privacy,
    gaussian_delta,
    gaussian_scale,
    least_delta,
    noise_for,
    noisy,
    private_weights,
    sensitivity,
)
from indeependence.moments.moments import Moments

CODES = st.integers(1, 12).flatmap(lambda units: arrays(np.uint8, st.tuples(st.integers(1, 6), st.just(units))))


def published(codes, labels, longest):
    """The sums as the noise sees them: each kind in the multiple that its share of the noise is divided by."""
    sums = Moments.empty("encoder", codes.shape[1]).learn([(codes, labels)]).grown((0, 1, 2))
    unit = Noise(*(1 / np.array([1, longest / 2, longest**2 / 4])))  # what a deviation of 1 comes to, by kind
    upper = sums.products[np.triu_indices(sums.units)]
    return np.concatenate([upper / unit.products, sums.cross.ravel() / unit.cross, sums.counts / unit.counts])


# What one example can change


@given(CODES, st.integers(1, 400), st.data())
def test_no_example_moves_the_sums_further_than_the_sensitivity(codes, longest, data):
    codes = NormLayer(longest)(codes)
    labels = np.array(data.draw(st.lists(st.integers(0, 2), min_size=len(codes), max_size=len(codes))))
    without = data.draw(st.integers(0, len(codes) - 1))
    rest = np.arange(len(codes)) != without
    moved = published(codes, labels, longest) - published(codes[rest], labels[rest], longest)
    assert np.linalg.norm(moved) <= sensitivity(longest) * (1 + 1e-12)


def test_some_example_moves_them_as_far():
    codes = np.array([[255, 0, 0], [0, 9, 0]], np.uint8)
    moved = published(codes, np.array([0, 1]), 255) - published(codes[1:], np.array([1]), 255)
    assert np.linalg.norm(moved) == pytest.approx(sensitivity(255))


def test_the_noise_is_divided_by_the_multiples_that_the_sensitivity_counts():
    noise = noise_for(300.0, Privacy(1.0, 1e-5))
    scale = gaussian_scale(Privacy(1.0, 1e-5)) * sensitivity(300.0)
    assert (noise.products, noise.cross * 150, noise.counts * 22500) == pytest.approx((scale, scale, scale))


@given(CODES, st.integers(1, 500))
def test_a_norm_layer_bounds_every_code_and_leaves_short_ones(codes, longest):
    bounded = NormLayer(longest)(codes)
    before, after = ((rows.astype(object) ** 2).sum(1) for rows in (codes, bounded))
    assert (after <= longest**2).all() and (bounded <= codes).all()
    short = before <= longest**2
    np.testing.assert_array_equal(bounded[short], codes[short])


@pytest.mark.parametrize("layers", ["20", "inputs", "sparse:30,norm", "patches:4:size=3:pool=2:stride=2,norm:300"])
def test_no_code_is_longer_than_the_encoder_says(layers):
    encoder = bootstrap(load_dataset("digits").x_train[:200], layers)
    extreme = np.random.default_rng(0).choice(np.array([0, 255], np.uint8), (200, 8, 8))
    assert np.linalg.norm(encoder(extreme).astype(float), axis=1).max() <= encoder.longest


# How much noise that takes


@given(st.floats(0.01, 20), st.floats(0.05, 50))
def test_delta_is_the_integral_that_defines_it(epsilon, scale):
    def beyond(z):  # how much likelier z is with the example than e^ε times without
        return max(0.0, stats.norm.pdf(z, 1, scale) - math.exp(epsilon) * stats.norm.pdf(z, 0, scale))

    crossing = 0.5 + epsilon * scale**2  # the density with the example is the larger one above
    expected, _ = quad(beyond, crossing, max(crossing, 1) + 12 * scale, limit=200)
    assert gaussian_delta(epsilon, scale) == pytest.approx(expected, rel=1e-5, abs=1e-12)


@given(st.floats(0.001, 100), st.floats(-12, -0.5).map(lambda power: 10**power))
def test_the_scale_keeps_the_promise_and_hardly_less_would(epsilon, delta):
    scale = gaussian_scale(Privacy(epsilon, delta))
    assert gaussian_delta(epsilon, scale) <= delta < gaussian_delta(epsilon, scale * 0.999)
    if epsilon <= 1:  # where the well-known formula holds, it asks for more
        assert scale < math.sqrt(2 * math.log(1.25 / delta)) / epsilon


@pytest.mark.parametrize(
    "given", [(0, 1e-5), (-1, 1e-5), (math.nan, 1e-5), (math.inf, 1e-5), (1, 0), (1, 1), (1, math.nan)]
)
def test_what_is_no_promise_is_refused(given):
    with pytest.raises(InputError, match="expected a(n epsilon| delta)"):
        Privacy(*given)


# The noise itself


def test_the_noise_has_the_deviation_it_should_have_on_every_number():
    units = 60
    sums = Moments.empty("encoder", units).learn([(np.full((50, units), 9, np.uint8), np.arange(50) % 10)])
    noise = Noise(products=50.0, cross=200.0, counts=0.0)
    changed = noisy(sums, noise)
    upper = np.triu_indices(units)
    drawn = (changed.products - sums.products)[upper]
    assert not (changed.products - sums.products)[np.tril_indices(units, -1)].any()
    for values, deviation in ((drawn, 50.0), ((changed.cross - sums.cross).ravel(), 200.0)):
        spread = values.std() / math.sqrt(deviation**2 + 1 / 12)  # rounding adds a twelfth
        assert (
            abs(spread - 1) < 5 / math.sqrt(2 * len(values)) and abs(values.mean()) < 5 * deviation / len(values) ** 0.5
        )
        assert stats.kstest(values / deviation, "norm").pvalue > 1e-6
    assert changed.counts.tolist() == sums.counts.tolist() and changed.products.dtype == np.int64
    assert (noisy(sums, noise).products != changed.products).any()  # drawn anew


# What is left


@pytest.fixture(scope="module")
def learned():
    digits = load_dataset("digits")
    return digits, ContinualClassifier("30,norm").bootstrap(digits.x_train).fit(digits.x_train, digits.y_train)


def accuracy(weights, model, digits):
    scores = weights.scores(model.encoder_(digits.x_test))
    return float((np.array(weights.labels)[scores.argmax(1)] == digits.y_test).mean())


def test_answers_get_worse_with_less_epsilon_and_stay_with_much(learned):
    digits, model = learned
    reached = []
    for epsilon in (0.01, 1.0, 1000.0):
        normal = np.random.default_rng(0).standard_normal
        weights, _ = private_weights(model.moments_, model.encoder_, Privacy(epsilon, 1e-5), normal=normal)
        assert np.isfinite(weights.coefficients).all() and weights.penalty > 0
        reached.append(accuracy(weights, model, digits))
    assert (
        reached[0] < 0.4 < 0.6 < reached[1] < reached[2]
        and reached[2] > model.score(digits.x_test, digits.y_test) - 0.03
    )


@pytest.mark.parametrize("epsilon", [0.3, 1.0, 3.0, 10.0])
def test_answers_that_are_mostly_noise_are_not_said_to_be_sure(learned, epsilon):
    digits, model = learned
    normal = np.random.default_rng(0).standard_normal
    weights, _ = private_weights(model.moments_, model.encoder_, Privacy(epsilon, 1e-5), normal=normal)
    sure = weights.probabilities(weights.scores(model.encoder_(digits.x_test))).max(1).mean()
    assert sure < accuracy(weights, model, digits) + 0.05


def test_weights_are_solved_from_nothing_but_the_noisy_sums(learned, monkeypatch):
    _, model = learned
    sums = model.moments_
    noise = noise_for(model.encoder_.longest, Privacy(1.0, 1e-5))
    expected = noisy(sums, noise, normal=np.random.default_rng(7).standard_normal)
    monkeypatch.setattr(
        "indeependence.models.classifier.privacy.noisy", lambda moments, noise, *, normal=None: expected
    )
    weights, _ = private_weights(sums, model.encoder_, Privacy(1.0, 1e-5), labels=range(10))
    halved = Moments.empty(sums.encoder, sums.units).learn([(np.ones((10, sums.units), np.uint8), np.arange(10))])
    again, _ = private_weights(
        halved, model.encoder_, Privacy(1.0, 1e-5), labels=range(10)
    )  # other examples, the same noisy sums
    np.testing.assert_array_equal(weights.coefficients, again.coefficients)
    assert weights.temperature == again.temperature


# The command


def test_export_with_noise_says_what_it_did_and_what_it_keeps(ask, capsys, refuse):
    ask("train", "--layers", "20,norm:300", "--model", "m")
    told = ask("export", "m", "--epsilon", 2, "--delta", "1e-5", "--output", "w.safetensors")
    assert (told["epsilon"], told["delta"]) == (2.0, 1e-5) and "examples" not in told
    other = ask("export", "m", "--epsilon", 2, "--delta", "1e-5", "--output", "v.safetensors")
    assert told["weights_sha256"] != other["weights_sha256"]
    assert ask("inspect", "w.safetensors")["epsilon"] == 2.0
    assert len(ask("infer", "--model", "w.safetensors", "--limit", 5)["answers"]) == 5
    assert "go together" in refuse("export", "m", "--epsilon", 1, "--output", "x.safetensors", code=2)
    assert "expected an epsilon of at least" in refuse(
        *("export", "m", "--epsilon", 0, "--delta", 0.1, "--output", "x.safetensors")
    )
    again = ("export", "w.safetensors", "--epsilon", 1, "--delta", 0.1, "--output", "x.safetensors")
    assert "it has no sums and can only infer" in refuse(*again)


def test_the_price_is_told_on_stderr(ask, capsys):
    from indeependence.commands import cli

    ask("train", "--layers", "20", "--model", "m")
    cli.main(["export", "m", "--epsilon", "1", "--delta", "1e-5", "--output", "w.safetensors"], standalone_mode=False)
    told = capsys.readouterr().err
    assert "codes no longer than 1613" in told and "an encoder whose --layers end in norm needs far less noise" in told


def test_a_delta_is_bounded_from_below_and_warned_of_above_one_over_the_number_of_examples(learned):
    _, model = learned
    sums, encoder = model.moments_, model.encoder_
    least = least_delta(sums)
    assert least == (60 * 61 / 2 + 60 * 10 + 10) / 2**52
    for delta in (least * 0.99, 1e-300):
        with pytest.raises(InputError, match="expected a delta of at least 5.4e-13, what noise of 64 bits can keep"):
            private_weights(sums, encoder, Privacy(1.0, delta))
    private_weights(sums, encoder, Privacy(1.0, 0.99 / sums.count))
    with pytest.warns(UserWarning, match="above one over the number of examples, 0.0007: it would allow giving one"):
        private_weights(sums, encoder, Privacy(1.0, 1.01 / sums.count))


def test_small_classes_are_pointed_out_and_a_public_list_of_labels_hides_which_there_are(learned):
    digits, model = learned
    one = ContinualClassifier("30,norm").start(model.encoder_).learn([(digits.x_train[:60], [0] * 59 + [7])])
    with pytest.warns(UserWarning, match="classes of fewer than 10 examples: 7. The list of labels"):
        private_weights(one.moments_, one.encoder_, Privacy(1.0, 1e-5))
    weights, _ = private_weights(one.moments_, one.encoder_, Privacy(1.0, 1e-5), labels=[7, 3, 0])
    assert weights.labels == (0, 3, 7) and np.abs(weights.coefficients[:, 1]).max() > 0  # noise, as of any other
    with pytest.raises(InputError, match="expected all classes of the model, got none of 7"):
        private_weights(one.moments_, one.encoder_, Privacy(1.0, 1e-5), labels=[0, 1])


def noisy_export(*more):
    return ("export", "m", "--epsilon", 1, "--delta", "1e-6", "--output", "w.safetensors", *more)


def test_no_value_of_a_single_example_is_in_a_private_export_unless_the_sample_is_public(ask, refuse):
    rng = np.random.default_rng(0)
    x, y = rng.random((300, 3)), np.arange(300) % 2
    x[7] = 4.56789, -3.21987, 2.34567
    np.savez("d.npz", x=x, y=y)
    for layers, found in (
        ("9", "edges of its columns: values"),
        ("boxes:9", "edges of its columns and thresholds of boxes"),
    ):
        ask("train", "--data", "d.npz", "--layers", layers, "--model", "m", "--overwrite")
        assert f"would hold {found}" in refuse(*noisy_export())
        assert ask(*noisy_export("--public-sample", "--overwrite"))["epsilon"] == 1
    Path("w.safetensors").unlink()
    ContinualClassifier.load("m", limits=(-1, 1)).save("m")  # limits that the encoder does not have
    assert "would hold edges of its columns" in refuse(*noisy_export())
    ask("train", "--data", "d.npz", "--layers", "boxes:9", "--limits", "-1:1", "--model", "m", "--overwrite")
    assert "would hold thresholds of boxes: values" in refuse(*noisy_export())
    ask("train", "--data", "d.npz", "--layers", "9", "--limits", "-1:1", "--model", "m", "--overwrite")
    told = ask(*noisy_export("--labels", "1,0,2"))
    assert told["labels"] == [0, 1, 2]
    arrays = load_file("w.safetensors")
    assert sorted(name for name in arrays if not name.startswith("encoder.")) == ["coefficients", "intercept"]
    assert not np.isin(x, np.concatenate([one.ravel() for one in arrays.values()])).any()
    assert "whole numbers, as the model's classes" in refuse(*noisy_export("--labels", "a,b"))
    assert "go with --epsilon" in refuse("export", "m", "--public-sample", "--output", "v.safetensors")
    pictures = rng.random((60, 6, 6)) * 7
    np.savez("p.npz", x=pictures, y=np.arange(60) % 2)
    ask("train", "--data", "p.npz", "--layers", "9,norm", "--model", "m", "--overwrite")
    assert "would hold limits of its values" in refuse(*noisy_export())
    ask("train", "--data", "p.npz", "--layers", "9,norm", "--limits", "0:7", "--model", "m", "--overwrite")
    ask(*noisy_export())


def test_limits_of_a_table_stand_in_a_file_and_categories_in_an_export_are_told(ask, refuse):
    rows = "".join(f"{i * 7 % 60},{i % 7 - 3},{'xyz'[i % 3]},{'uv'[i % 2]}\n" for i in range(60))
    Path("t.csv").write_text("age,score,town,kind\n" + rows)
    Path("limits").write_text("score,-10,10\nage,0,120\n")
    train = ("train", "--data", "t.csv", "--layers", "9", "--model", "m", "--limits")
    model_sha256 = ask(*train, "limits")["model_sha256"]
    model = ContinualClassifier.load("m")
    edges = model.encoder_.quantiser.edges
    assert model.limits[0][:2] == [0, -10] and model.limits[1] == [120, 10, *[1] * 8] and edges[0, 0, 127] == 60
    Path("again.csv").write_text("age,score,town,kind\n" + rows.replace("\n59,", "\n58,"))
    ask("train", "--data", "again.csv", *train[3:5], "--model", "other", "--limits", "limits")
    np.testing.assert_array_equal(ContinualClassifier.load("other").encoder_.quantiser.edges, edges)
    assert "would hold categories of town" in refuse(*noisy_export())
    for text, message in {
        "age,0,120": "missing: score; unknown: none",
        "age,0,120\nscore,0,1\nname,0,1": "unknown: name",
        "age,0,1\nage,0,2": "more than one line of age",
        "age,0": "expected NAME,LOW,HIGH on each line",
        "age,0,x\nscore,0,1": "expected numbers, got 'x'",
        "age,9,1\nscore,0,1": "the low ones below the high ones",
        "age,nan,1\nscore,0,1": "the low ones below the high ones",
    }.items():
        Path("bad").write_text(text)
        assert message in refuse(*train, "bad", "--overwrite")
    assert "expected LOW:HIGH" in refuse(*train, "nowhere", "--overwrite")
    assert "goes with a new model" in refuse(*train, "limits", "--load", code=2)
    assert "goes with --kind classifier" in refuse(*train, "0:1", "--kind", "autoencoder", "--overwrite", code=2)
    assert "8-bit ones, which are 0 to 255" in refuse("train", "--model", "n", "--limits", "0:16")
    assert ask("inspect", "m")["model_sha256"] == model_sha256
