"""Members: encoders side by side, each with sums and a readout of its own, whose scores are averaged."""

from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from indeependence import ContinualClassifier
from indeependence.commands import cli
from indeependence.encoder.description import describe
from indeependence.encoder.storage import restore
from indeependence.errors import InputError
from indeependence.moments.scatter import within_class_scatter
from indeependence.moments.storage import pack, unpack
from indeependence.pruning.remove import remove_units

LAYERS, PATCH = "6 | wide:6", "patches:2:size=3:pool=2:stride=2"
RNG = np.random.default_rng(3)
Y = RNG.integers(0, 3, 90)
X = RNG.normal(size=(90, 5)) + 2 * Y[:, None]


@pytest.fixture(scope="module", params=["lda", "ridge"])
def model(request):
    return ContinualClassifier(LAYERS, readout=request.param, members=3, n_jobs=1).fit(X, Y)


def alone(model, number):
    """A model of one member, that learned the same."""
    encoder = model.encoder_.each[number]
    return ContinualClassifier(encoder.layers_text, readout=model.readout, n_jobs=1).start(encoder).learn([(X, Y)])


def test_the_first_member_is_the_encoder_that_there_would_be_without_others(model):
    first = ContinualClassifier("6", n_jobs=1).fit(X, Y).encoder_
    assert replace(model.encoder_.each[0], layers_text="6").fingerprint == first.fingerprint


def test_members_of_the_same_layers_have_other_bases(model):
    bases = [one.layers[0].bases for one in model.encoder_.each]
    assert not np.array_equal(bases[0], bases[2])


def test_the_sums_are_those_of_every_member_alone(model):
    for number, sums in enumerate(model.moments_.each):
        own = alone(model, number).moments_
        np.testing.assert_array_equal(sums.products, own.products)
        np.testing.assert_array_equal(sums.cross, own.cross)


def test_probabilities_are_the_geometric_mean_of_the_members(model):
    logs = np.mean([np.log(alone(model, number).predict_proba(X)) for number in range(3)], 0)
    expected = np.exp(logs) / np.exp(logs).sum(1, keepdims=True)
    np.testing.assert_allclose(model.predict_proba(X), expected, atol=1e-5)


def test_a_number_of_members_says_the_same_as_a_list_of_them(model):
    listed = ContinualClassifier("6 | wide:6 | 6", readout=model.readout, n_jobs=1).fit(X, Y)
    assert listed.moments_.fingerprint == model.moments_.fingerprint


def test_the_sums_take_as_many_bytes_as_those_of_all_members(model):
    assert model.moments_.nbytes < sum(alone(model, number).moments_.nbytes for number in range(3)) + 1000


def test_encoder_and_sums_come_back_from_their_files(model):
    assert restore(*describe(model.encoder_)).fingerprint == model.encoder_.fingerprint
    assert unpack(*pack(model.moments_)).fingerprint == model.moments_.fingerprint


@pytest.mark.parametrize("stacks", [[3], [1, 1], [1, 1, 2], [2, 2, -1], [1, 1, "1"], [1, 0, 2]])
def test_an_encoder_whose_layers_are_not_those_of_its_members_is_refused(model, stacks):
    header, arrays = describe(model.encoder_)
    with pytest.raises(InputError, match="damaged model: expected"):
        restore({**header, "stacks": stacks}, arrays)


@pytest.mark.parametrize("members", [2, 0, -3, 36 * 2, "3", 1.5])
def test_sums_of_another_number_of_members_are_refused(model, members):
    header, arrays = pack(model.moments_)
    with pytest.raises(InputError, match="^damaged model: expected"):
        unpack({**header, "members": members}, arrays)


@pytest.mark.parametrize(
    "what",
    [
        lambda model: within_class_scatter(model.moments_),
        lambda model: remove_units(model, np.ones(model.encoder_.units, bool)),
    ],
)
def test_what_needs_the_products_of_all_units_is_refused(model, what):
    with pytest.raises(InputError, match="expected (the sums|an encoder) of one"):
        what(model)


def test_another_number_of_members_later_is_refused(model, tmp_path):
    model.save(tmp_path / "model.safetensors")
    later = ContinualClassifier.load(tmp_path / "model.safetensors")
    assert later.members == 3
    with pytest.raises(InputError, match="^members: the encoder was made with 3, got 2"):
        later.set_params(members=2).partial_fit(X, Y)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--layers", "8 | 9"], "--layers: expected as many units of every member, got 16, 18"),
        (["--layers", "8 | 8 | 8", "--members", "2"], "--members: --layers lists 3 members, got 2"),
        (["--layers", "8 | "], "--layers: expected dense, "),
        (["--layers", f"{PATCH} | {PATCH}:shift=1"], "--layers: expected the same shift in every member"),
        (["--members", "2", "--contexts", "task"], "--members goes with one context"),
        (["--members", "2", "--kind", "conceptor"], "--members goes with --kind classifier"),
        (["--members", "0"], "Invalid value for '--members'"),
    ],
)
def test_what_does_not_go_with_members_is_said(options, told, tmp_path):
    found = CliRunner().invoke(cli, ["evaluate", "--data", "digits", "--output", str(tmp_path / "out"), *options])
    assert found.exit_code and told in f"{found.output}{found.exception}"
