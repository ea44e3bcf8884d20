"""What a front does around its network: batches of one size, progress, and a key for all that decides about a row."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from indeependence.encoder.fronts.front import MANY, Front, watching
from indeependence.encoder.fronts.pretrained import pretrained
from indeependence.errors import InputError


@dataclass(frozen=True, eq=False)
class Sums:
    """A network of plain Python: a row has the sum of a picture's values, and the number of pictures in its batch."""

    kind = "plain"
    archive: bytes = b""
    name: str = "sums"
    fingerprint: str = "f"
    runtime: str = "python"
    input_shape: tuple = (2, 3)
    batch: int = 4
    loaded: bool = True

    def predicted(self, batch):
        return np.stack([batch.reshape(len(batch), -1).sum(1), np.full(len(batch), len(batch))], axis=1)


PICTURES = np.arange(60, dtype=np.uint8).reshape(10, 2, 3)


def test_the_network_always_gets_as_many_inputs():
    rows = Front(Sums())(PICTURES)
    np.testing.assert_array_equal(rows, np.stack([PICTURES.reshape(10, -1).sum(1), [4] * 10], axis=1))
    assert Front(Sums())(PICTURES[:0]).shape == (0, 2)


def test_the_progress_of_many_inputs_is_told_and_that_of_few_is_not():
    told, front = [], Front(Sums(batch=500))
    before = watching.set(lambda *words: told.append(words))
    try:
        front(np.zeros((MANY, 2, 3), np.uint8))
        assert told == []
        front(np.zeros((MANY + 1, 2, 3), np.uint8))
    finally:
        watching.reset(before)
    assert told == [("looking through sums", done, MANY + 1) for done in (500, 1000, MANY + 1)]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_outputs_that_are_not_finite_are_refused(value):
    with pytest.raises(InputError, match="finite outputs, got NaN or infinity of sums: scale its input"):
        Front(Sums())(np.full((3, 2, 3), value))


def test_the_key_of_features_is_of_all_that_decides_about_them():
    fronts = [Front(Sums()), Front(Sums(fingerprint="g")), Front(Sums(runtime="other")), Front(Sums(), "unit")]
    assert len({front.key for front in fronts}) == 4
    assert len({front.fingerprint for front in fronts}) == 3  # a model may go on with other libraries


def test_features_are_kept_and_read_again(tmp_path):
    front = pretrained(Front(Sums()), cache=tmp_path)
    rows = front(PICTURES)
    nothing = replace(front, network=Sums(batch=0))  # could not make any
    np.testing.assert_array_equal(nothing(PICTURES[::-1]), rows[::-1])
    assert pretrained(front, scale="unit").cache.folder == tmp_path
    np.testing.assert_allclose(pretrained(front, scale="unit")(PICTURES)[:, 0], rows[:, 0] / 255, rtol=1e-5)


@pytest.mark.parametrize(
    ("shape", "size"), [((2, 3), None), ((4, 3), "2x3"), ((4, 6, 3), "2x3"), ((7,), None)], ids=str
)
def test_the_size_that_pictures_get_is_known(shape, size):
    assert Front(Sums()).size_for(shape) == size
