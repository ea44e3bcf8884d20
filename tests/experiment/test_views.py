"""What is seen of an autoencoder that learns."""

import numpy as np
import pytest

from indeependence.experiment.views import view_of
from indeependence.models.autoencoder.completion import reconstructed
from indeependence.models.autoencoder.labelled import LabelledAutoencoder
from indeependence.models.autoencoder.online import Step
from indeependence.report.frames.panels import panels, side_by_side

STEPS = [Step(1, 1, None, 1.0), Step(2, 0, 1, 0.99)]


@pytest.mark.parametrize("shape", [(6, 6), (4, 4, 3), (9,)])
def test_a_view_of_a_model_holds_its_reconstruction_bases_and_signed_codes(shape):
    rows = np.random.default_rng(0).integers(0, 256, (40, *shape), np.uint8)
    model = LabelledAutoencoder([0, 1], "8,6", frozen=False).bootstrap(rows).learn([(rows, np.arange(40) % 2)])
    seen = view_of(model, rows[3], STEPS)
    whole, again = reconstructed(model, rows[3:4])
    assert (seen.original.ravel() == whole.ravel()).all() and (seen.decoded.ravel() == again.ravel()).all()
    assert seen.original.shape == (shape if len(shape) > 1 else (1, 9))
    assert seen.bases.shape == (8, *seen.original.shape) and seen.bases_in_all == 8
    assert [len(code) for code in seen.codes] == [8, 6]
    assert {np.sign(value) for value in seen.codes[0]} >= {-1, 1}
    assert (seen.label, seen.predicted, seen.errors.tolist()) == (0, 1, [1.0, 0.99])
    assert side_by_side(panels(seen)).shape == (336, 1280, 3)
