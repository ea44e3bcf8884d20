"""The recipes of the golden files still make them: encoders are fitted, and commands write, as they did."""

import pytest

from . import pins
from .catalogue import ANYWHERE, GOLDEN, NEVER
from .machine import skip_on_another
from .running import content, file_of

AGAIN = [name for name, golden in GOLDEN.items() if golden.again != NEVER]


@pytest.mark.parametrize("name", AGAIN)
def test_a_recipe_makes_the_same_file_again(name, tmp_path):
    golden, path = GOLDEN[name], tmp_path / file_of(name).name
    golden.recipe(golden.given, path)
    if golden.again != ANYWHERE:
        skip_on_another()
    (header, arrays), (made, made_arrays) = content(file_of(name)), content(path)
    for one in (arrays, made_arrays):
        one.pop("encoder.front.archive", None)  # Keras writes the time into it; its fingerprint is in the header
    assert pins.differences(made, header, close=0) == [] and made_arrays == arrays
