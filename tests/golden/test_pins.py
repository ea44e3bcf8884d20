"""What is computed from every golden file is what was computed when it was made."""

import pytest

from . import library, pins
from .catalogue import GOLDEN
from .machine import skip_on_another
from .running import content, file_of

PINNED = pins.read()


@pytest.mark.parametrize(("name", "fact"), pins.PLACES, ids=map("-".join, pins.PLACES))
def test_a_fact_is_as_it_was_pinned(name, fact):
    if fact in pins.ON_ONE_MACHINE:
        skip_on_another()
    assert pins.differences(pins.measured(name, fact), PINNED[name][fact], close=pins.ROUGH.get(fact, pins.CLOSE)) == []


def test_there_is_a_pin_for_each_fact_and_no_other():
    assert {(name, fact) for name, facts in PINNED.items() for fact in facts} == set(pins.PLACES)


@pytest.mark.parametrize("name", [name for name in GOLDEN if GOLDEN[name].kind in library.SAVED_AGAIN])
def test_a_model_that_is_saved_again_has_the_same_bytes_in_its_arrays_and_the_same_header(name, tmp_path):
    again = tmp_path / "again"
    library.SAVED_AGAIN[GOLDEN[name].kind](file_of(name), again)
    (header, arrays), (saved, saved_arrays) = content(file_of(name)), content(again)
    for one in (header, saved):
        one.pop("progress", None)  # of the command that wrote the file
    assert pins.differences(saved, header, close=0) == [] and saved_arrays == arrays
