"""Numbers as people read them."""

import numpy as np
import pytest

from indeependence.report.formatting import percent, points


@pytest.mark.parametrize("fraction", [-0.0, -1e-9, np.float64(-4e-5)])
def test_a_loss_that_rounds_to_nothing_has_no_sign(fraction):
    assert percent(fraction) == points(fraction) == "0.00"
