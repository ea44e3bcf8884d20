"""Settings for a model that goes on: what is given is heeded, and what is not stays as the file has it."""

import numpy as np
import pytest

from indeependence import ContinualClassifier
from indeependence.models.making import Making
from indeependence.models.regressor.regressor import ContinualRegressor

ROWS = np.random.default_rng(0).standard_normal((40, 3))


@pytest.mark.parametrize(
    "model",
    [
        ContinualClassifier("8", penalty=2.0).fit(ROWS, [0, 1] * 20),
        ContinualRegressor("8", penalty=2.0).fit(ROWS, ROWS[:, 0]),
    ],
)
def test_a_penalty_of_nothing_is_a_penalty(model, tmp_path):
    model.save(tmp_path / "model")
    assert Making(penalty=0.0).open(tmp_path / "model").penalty == 0
    assert Making().open(tmp_path / "model").penalty == 2
