"""Forged model files, whose fingerprints hold: whatever stands in them is refused in one line, or does no harm."""

import numpy as np
import pytest

from fuzz import forge
from fuzz.examples import KINDS, signed
from indeependence import models
from indeependence.errors import InputError
from indeependence.files.container import write_arrays

pytestmark = pytest.mark.slow  # seconds in all: a file of each kind is made once
SAMPLE = 8  # forgeries of each kind that all commands but `train` meet; fuzz/forge.py tries every one


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return a function from a kind to the folder of its true file, with header and arrays."""
    known = {}

    def make(kind):
        if kind not in known:
            folder = tmp_path_factory.mktemp(kind)
            known[kind] = folder, *forge.made(kind, folder)
        return known[kind]

    with signed():
        yield make


TABLE = ("reading", "table")
VALUES = [
    ("classifier", ("options", "penalty"), float("nan")),
    ("classifier", ("options", "batch_size"), -1),
    ("classifier", ("encoder", "units"), 6.0),
    ("classifier", ("moments", 0, "labels"), ["a", "a"]),
    ("classifier", ("moments", 0, "labels"), ["b", "a"]),
    ("classifier", ("moments", 0, "labels"), [None, "a"]),
    ("classifier", ("moments", 0, "labels"), [0, True]),
    ("classifier", ("moments", 0, "labels"), ["a", "e\u0301"]),
    ("classifier", ("moments", 0, "labels", 0), "\ud800"),
    ("classifier", ("moments", 0, "dropped"), 2**62),
    ("classifier", ("ledger",), "task"),
    ("classifier", ("merged", "models"), "555"),
    ("classifier", ("columns",), ["a"]),
    ("classifier", ("columns",), True),
    ("classifier", ("progress",), []),
    ("by_task", ("moments", 0, "name"), "1"),
    ("by_task", ("moments", 0, "name"), 2),
    ("by_class", ("moments", 0, "name"), "b"),
    ("contexts", ("shape",), [8, 4]),
    ("contexts", ("shape",), ["8", "8"]),
    ("contexts", ("contexts", 0, "labels"), ["a", "a"]),
    ("contexts", ("contexts", 0, "weights", "expected_error"), -1),
    ("contexts", ("contexts", 1, "count"), 41),
    ("contexts", ("contexts", 1, "penalty"), "x"),
    ("contexts", ("contexts", 1, "open"), "yes"),
    ("contexts", ("options",), {"a": 1}),
    ("contexts", ("options",), [[1, 2]]),
    ("contexts", ("contexts", 0, "labels"), [-1, 8]),
    ("autoencoder", ("options", "target_size"), 3),
    ("autoencoder", ("options", "shape"), [8.0, 8.0]),
    ("autoencoder", ("options", "frozen"), False),
    ("autoencoder", ("drift", 0), 2.0),
    ("autoencoder", ("about", "labels"), ["a", "b", "c"]),
    ("autoencoder", ("about", "labels"), ["a", "a"]),
    ("autoencoder", ("about", "shape"), [64]),
    ("averaged", ("sums", 0, "weight"), 2.0),
    ("averaged", ("sums", 0, "square"), 1e-320),
    ("vector_autoencoder", ("about", "limits"), [[0, 0, 0], [1, 1, -1]]),
    ("weights", ("privacy", "epsilon"), "1"),
    ("weights", ("labels",), [1, "a"]),
    ("weights", ("penalty",), "4"),
    ("sdr", ("units",), 2**70),
    ("sdr", ("classes",), [None, "a"]),
    ("table", (*TABLE, "columns", 0, "name"), None),
    ("table", (*TABLE, "columns", 0, "kind"), "x"),
    ("table", (*TABLE, "columns", 2, "categories"), ["red", "red"]),
    ("table", (*TABLE, "columns"), []),
    ("table", (*TABLE, "order"), [[]]),
    ("table", (*TABLE, "header"), "yes"),
    ("photos", ("reading", "pictures", "height"), 10**9),
    ("photos", ("reading", "pictures", "width"), 8.0),
    ("photos", ("reading", "pictures", "padding"), 2.5),
    ("photos", ("reading", "pictures", "ranges", "uint16"), [0, float("nan")]),
    ("photos", ("reading",), True),
]


@pytest.mark.parametrize(("kind", "place", "value"), VALUES)
def test_a_false_value_is_refused_in_one_line(made, kind, place, value):
    folder, header, arrays = made(kind)
    forge.write(folder / "forged", forge.with_value(header, place, value), arrays)
    with pytest.raises(InputError) as told:
        models.open(folder / "forged")
    assert "\n" not in str(told.value) and str(folder / "forged") in str(told.value)


ARRAYS = [
    ("contexts", "context1.sums.cross", lambda sums: sums.astype(np.int64) * 2),  # no class has so long a sum
    ("classifier", "moments0.products", lambda sums: np.r_[sums[0], sums[1:] * 0 + sums.max() * 3]),
    ("classifier", "moments0.counts", lambda sums: sums * 2**40),
    ("contexts", "context1.inputs.squares", lambda sums: sums * 0),
    ("contexts", "context0.weights.coefficients", lambda some: some * np.float32(1e38)),
    ("autoencoder", "centre0", lambda some: some * np.nan),
    ("autoencoder", "sums0.cross", lambda sums: np.r_[sums[:64], sums[64:65] - 255, sums[65:]]),  # one has no label
    ("averaged", "sums0.products", lambda sums: np.triu(sums)),
    ("averaged", "sums0.row_sum", lambda sums: sums * 0),
    ("weights", "intercept", lambda some: some + np.inf),
    ("sdr", "labels", lambda places: places + 7),
]


@pytest.mark.parametrize(("kind", "name", "change"), ARRAYS)
def test_false_sums_and_weights_are_refused(made, kind, name, change):
    folder, header, arrays = made(kind)
    forge.write(folder / "forged", header, {**arrays, name: change(arrays[name])})
    with pytest.raises(InputError, match="damaged"):
        models.open(folder / "forged")


@pytest.mark.parametrize("kind", KINDS)
def test_every_command_meets_forged_files_of_every_kind_without_harm(made, kind):
    folder, header, arrays = made(kind)
    commands = [words for words in KINDS[kind].commands if words[0] != "train"]  # its reports take their time
    every = list(forge.forgeries(header, arrays))
    some = every[len(kind) :: len(every) // SAMPLE]
    assert list(forge.findings(folder, commands, iter(some))) == []


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800"])
def test_what_could_not_be_read_again_is_not_written(tmp_path, value):
    with pytest.raises(InputError, match="expected numbers, text"):
        write_arrays(tmp_path / "m", "sdr", {"about": value}, {})
    assert not (tmp_path / "m").exists()


def test_weights_of_other_classes_than_the_sums_do_not_count(made):
    folder, header, arrays = made("classifier")
    forge.write(folder / "forged", forge.with_value(header, ("weights", "labels"), ["a", "c"]), arrays)
    with pytest.raises(InputError, match="weights of the classes in the sums"):
        models.predictor_of(folder / "forged")
