"""The laws over engines: wherever codes and sums are made, they are the same to the bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indeependence import ContinualClassifier, use_engine
from indeependence.encoder import encoder as encoders
from indeependence.encoder.fitting import patch_bases, patch_fit
from indeependence.moments import centred, growing
from tests.laws.test_laws import CASES, examples_of, new

KINDS = [*CASES, ("numbers", "+boxes:30,+fourier:30"), ("numbers", "+fourier:20:norm=1"), ("grey", "local:9:size=3")]
KINDS += [("grey", "patches:4:size=3:pool=4:stride=3:pad=2:root=1:winners=3"), ("numbers", "auto")]


@pytest.fixture(autouse=True)
def any_work_is_worth_it(monkeypatch):
    """Send the smallest pieces of work to the other device, too."""
    monkeypatch.setattr(encoders, "MANY", 1)
    monkeypatch.setattr(growing, "WORTH", 1)
    monkeypatch.setattr(centred, "WORTH", 1)
    monkeypatch.setattr(patch_bases, "WORTH", 1)
    monkeypatch.setattr(patch_fit, "MANY", 1)


@pytest.fixture(params=KINDS, ids=lambda case: "-".join(case))
def case(request):
    """Inputs, labels and a model that was bootstrapped by NumPy and has learned nothing."""
    data, layers = request.param
    x, y = examples_of(data)
    return x, y, ContinualClassifier(layers, n_jobs=1).bootstrap(x[:25])


def test_an_engine_makes_the_encoder_the_codes_and_the_sums_of_numpy(case):
    x, y, model = case
    here = new(model).learn([(x, y)])
    with use_engine("tensorflow", "cpu"):
        there = ContinualClassifier(model.layers, n_jobs=1).bootstrap(x[:25]).learn([(x, y)])
        codes = there.encoder_(x)
        scores = there.decision_function(x)
    np.testing.assert_array_equal(codes, here.encoder_(x))
    assert there.encoder_.fingerprint == here.encoder_.fingerprint
    assert there.moments_.fingerprint == here.moments_.fingerprint
    np.testing.assert_allclose(scores, here.decision_function(x), rtol=1e-4, atol=1e-6)


@given(data=st.data())
@settings(max_examples=5)
def test_parts_learned_on_different_engines_merge_and_are_forgotten_to_the_bit(data):
    x, y = examples_of("grey")
    model = ContinualClassifier("patches:4:size=3:pool=4:stride=4,+sparse:20", n_jobs=1).bootstrap(x[:25])
    cut = data.draw(st.integers(1, len(x) - 1))
    engines = [data.draw(st.sampled_from(["numpy", "tensorflow"])) for _ in range(3)]
    parts = []
    for engine, rows in zip(engines, (slice(0, cut), slice(cut, None)), strict=False):
        with use_engine(engine, "cpu"):
            parts.append(new(model).learn([(x[rows], y[rows])]))
    first = parts[0].moments_.fingerprint
    whole = parts[0].merge(parts[1])
    assert whole.moments_.fingerprint == new(model).learn([(x, y)]).moments_.fingerprint
    with use_engine(engines[2], "cpu"):
        assert whole.forget(x[cut:], y[cut:]).moments_.fingerprint == first
