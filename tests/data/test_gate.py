"""One gate: labels have one form whatever they came as, and nothing that cannot be kept gets through."""

from unicodedata import normalize

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indeependence import ContinualClassifier, load_dataset
from indeependence.data.gate import usable_inputs, usable_labels
from indeependence.data.readers.picture_folders import labels_of
from indeependence.errors import InputError, named
from indeependence.moments.penalty import usable_penalty

X = np.arange(40 * 6).reshape(40, 6).astype(np.uint8)


@given(st.lists(st.integers(0, 1), min_size=1), st.permutations([bool, int, float, np.int8, np.uint16, np.float32]))
def test_truth_values_whole_numbers_and_floats_are_one_label(values, kinds):
    forms = [usable_labels("y", np.array(values).astype(kind)) for kind in kinds]
    assert all(form.dtype == np.int64 and form.tolist() == values for form in forms)


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1), min_size=1))
def test_names_come_out_as_they_went_in_but_for_the_form_of_accents(names):
    for form in (names, np.array(names, object), [name.encode() for name in names]):
        assert usable_labels("y", form).tolist() == [normalize("NFC", name) for name in names]


@pytest.mark.parametrize(
    "labels, message",
    [
        (["a\0", "a"], "without the character NUL, got 'a"),
        (np.array(["a\0b"]), "without the character NUL"),
        ([b"\xff"], "expected names in UTF-8"),
        (["a\udcff"], "expected names in UTF-8, got 'a"),
        (np.array(["\ud800"]), "expected names in UTF-8"),
        ([2**64], "whole numbers or names"),
        (np.array([2**63], np.uint64), "fit in 64 bits"),
        ([1e300], "up to 2"),
        ([1, "a"], "got names and numbers among them"),
        ([1 + 2j], "expected labels that are whole numbers or names, got complex"),
        ([[0, 1], [1, 0]], "of one-hot rows take argmax"),
    ],
)
def test_labels_that_cannot_be_kept_are_refused(labels, message):
    with pytest.raises(InputError, match=message):
        usable_labels("y", labels)


COMPOSED, DECOMPOSED = "caf\u00e9", "cafe\u0301"  # they look alike


@pytest.mark.parametrize(
    "kind", [list, np.array, lambda names: np.array(names, object), lambda names: np.array([n.encode() for n in names])]
)
def test_names_that_look_alike_are_one_label(kind):
    assert usable_labels("y", kind([DECOMPOSED, COMPOSED, "tea"])).tolist() == [COMPOSED, COMPOSED, "tea"]


def test_the_form_of_accents_changes_no_model():
    one, two = (np.array([name, "tea"] * 20) for name in (COMPOSED, DECOMPOSED))
    made = [
        ContinualClassifier("4").bootstrap(X).partial_fit(X, first).partial_fit(X, second)
        for first, second in ((one, two), (two, one))
    ]
    assert made[0].moments_.fingerprint == made[1].moments_.fingerprint and len(made[0].classes_) == 2
    assert made[0].score(X, one) == made[0].score(X, two)
    assert made[0].forget(X, two).moments_.count == 40


def test_a_class_is_named_in_either_form():
    assert named([DECOMPOSED], [COMPOSED], option="--classes", where="in the data") == [COMPOSED]


def test_folders_and_tables_name_classes_in_one_form(tmp_path):
    (tmp_path / "t.csv").write_text(f"a,kind\n1,{COMPOSED}\n2,{DECOMPOSED}\n3,tea\n4,tea\n")
    assert load_dataset(tmp_path / "t.csv", test_fraction=0).classes.tolist() == [COMPOSED, "tea"]
    assert labels_of([COMPOSED, DECOMPOSED]).tolist() == [COMPOSED] * 2


def test_the_order_of_truth_values_and_ones_changes_no_model():
    y = np.arange(40) % 2
    made = [
        ContinualClassifier("4").bootstrap(X).partial_fit(X, first).partial_fit(X, second).moments_.fingerprint
        for first, second in ((y, y.astype(bool)), (y.astype(bool), y), (y, y.astype(float)))
    ]
    assert len(set(made)) == 1


@pytest.mark.parametrize("kind", [np.int64, np.uint16, np.int32])
def test_whole_number_pictures_are_bytes_from_python_as_from_a_file(kind):
    pictures = X[:, :4].reshape(40, 2, 2)
    assert usable_inputs({"x": pictures.astype(kind)})["x"].dtype == np.uint8
    made = [ContinualClassifier("4").fit(x, np.arange(40) % 2) for x in (pictures, pictures.astype(kind))]
    assert made[0].moments_.fingerprint == made[1].moments_.fingerprint


@pytest.mark.parametrize("penalty", [float("nan"), float("inf"), -1, "x", "1", None, [1]])
def test_a_penalty_that_is_none_is_refused_at_once(penalty):
    with pytest.raises(InputError, match="penalty: expected auto or a finite number of at least 0, got"):
        usable_penalty(penalty)
    with pytest.raises(InputError, match="penalty: expected auto"):
        ContinualClassifier("4", penalty=penalty).fit(X, np.arange(40) % 2).predict(X)
