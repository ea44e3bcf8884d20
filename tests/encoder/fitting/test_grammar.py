"""The --layers text."""

from itertools import product

import pytest

from indeependence.encoder.fitting.grammar import OPTIONS, default_layers, members_of, parse_layers
from indeependence.errors import InputError


def test_bare_numbers_are_dense_layers():
    assert [(layer.kind, layer.bases) for layer in parse_layers("400,250,150")] == [
        ("dense", 400),
        ("dense", 250),
        ("dense", 150),
    ]


def test_options_stand_behind_colons_and_others_keep_their_defaults():
    (layer,) = parse_layers("patches:64:size=5:threshold=0.5")
    assert layer.options == {**OPTIONS["patches"], "size": 5, "threshold": 0.5}


def test_inputs_means_no_layer():
    assert parse_layers("inputs") == ()


@pytest.mark.parametrize("shape", [(28, 28), (32, 32, 3), (8, 8), (5, 5), (3,), (784,), (100, 20)])
def test_defaults_can_be_parsed(shape):
    for best, shaded in product((False, True), repeat=2):
        assert all(map(parse_layers, members_of(default_layers(shape, best=best, shaded=shaded))))


def test_the_best_layers_for_pictures_are_wider():
    for shape, shaded in [((28, 28), False), ((28, 28), True), ((32, 32, 3), True)]:
        usual, best = (members_of(default_layers(shape, best=best, shaded=shaded)) for best in (False, True))
        bases = [sum(layer.bases for text in texts for layer in parse_layers(text)) for texts in (usual, best)]
        assert bases[1] > bases[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("patches:4:slopes=2:pool=3", "slopes are as many cells along each side: leave pool and stride out"),
        ("patches:4:slopes=-1", "expected a whole number of at least 0 for slopes, got '-1'"),
        ("abc", "expected dense, wide, drawn, sparse, patches, local, fourier, boxes, norm or a number, got 'abc'"),
        ("sprase:10", "did you mean 'sparse'"),
        ("0", "expected 1 to 100000 bases, got '0'"),
        ("-5", "or a number, got '-5'"),
        ("", "or a number, got ''"),
        ("400,,150", "or a number, got ''"),
        ("sparse", "expected 1 to 100000 bases, got 'sparse'"),
        ("norm:500,400", "norm bounds the whole code, so it must come last, without \\+; got 'norm:500,400'"),
        ("400,+norm:500", "must come last, without"),
        ("400,norm:x", "expected 1 to 100000 bases, got 'norm:x'"),
        ("400,norm:500:size=3", "norm has no options; got 'size'"),
        ("400,patches:5", "they must come first; got 'patches:5' after another layer"),
        ("patches:5:sise=3", r"got 'sise' \(did you mean 'size'\?\)"),
        ("patches:5:size=2.5", "expected a whole number of at least 1 for size, got '2.5'"),
        ("patches:5:stride=0", "expected a whole number of at least 1 for stride, got '0'"),
        ("patches:5:contrast=0", "expected a number of at least 0.01 for contrast, got '0'"),
        ("patches:5:contrast=1e-200", "expected a number of at least 0.01 for contrast, got '1e-200'"),
        ("patches:5:floor=0", "expected a number of at least 1e-06 for floor, got '0'"),
        ("fourier:5:bandwidth=0", "expected a number of at least 0.001 for bandwidth, got '0'"),
        ("patches:5:threshold=-1", "expected a number of at least 0 for threshold, got '-1'"),
        ("patches:5:threshold=nan", "expected a number of at least 0 for threshold, got 'nan'"),
        ("sparse:5:density", "expected a number of at least 0 for density, got ''"),
    ],
)
def test_a_wrong_text_is_told_what_was_expected(text, message):
    with pytest.raises(InputError, match=message):
        parse_layers(text)
