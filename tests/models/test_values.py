"""Values that no model can learn from: one clear line each, and nothing learned from what lies below a mask."""

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError

from indeependence import ContinualClassifier, InputError

RNG = np.random.default_rng(0)
X, Y = RNG.random((30, 3)), np.arange(30) % 3
MASK = X > 0.9
OBJECTS = {
    "text": ("a", "row 2, column 1: expected a number, got 'a'"),
    "list": ([1], r"row 2, column 1: expected a number, got \[1\]"),
    "complex": (1j, "row 2, column 1: expected a number, got 1j"),
    "large": (10**400, "row 2, column 1: a whole number beyond 2"),
    "odd": (2**53 + 1, "row 2, column 1: a whole number beyond 2"),
    "None": (None, "row 2, column 1: NaN or infinity"),
}


def model():
    return ContinualClassifier("2")


@pytest.fixture(scope="module")
def fitted():
    return model().fit(X, Y)


@pytest.mark.parametrize(
    "given", [np.ma.array(X, mask=MASK), [np.ma.array(r, mask=m) for r, m in zip(X, MASK, strict=True)]]
)
def test_masked_inputs_are_refused(fitted, given):
    for refused in (lambda: model().fit(given, Y), lambda: fitted.predict(given), lambda: fitted.forget(given, Y)):
        with pytest.raises(InputError, match=rf"^X: {MASK.sum()} values are masked; expected none"):
            refused()


def test_masked_labels_and_weights_are_refused():
    with pytest.raises(InputError, match="^y: 10 values are masked"):
        model().fit(X, np.ma.array(Y, mask=Y == 1))
    with pytest.raises(InputError, match="^sample_weight: 10 values are masked"):
        model().fit(X, Y, sample_weight=np.ma.array(np.ones(30), mask=Y == 1))


def test_an_array_that_masks_nothing_is_its_values(fitted):
    assert model().fit(np.ma.array(X), np.ma.array(Y)).moments_.fingerprint == fitted.moments_.fingerprint


@pytest.mark.parametrize("kind", OBJECTS)
def test_objects_that_are_no_numbers_are_named_by_row_and_column(kind):
    value, message = OBJECTS[kind]
    objects = X.astype(object)
    objects[2, 1] = value
    with pytest.raises(InputError, match=message):
        model().fit(objects, Y)


OTHERS = {
    "text": (X.astype(str), "X: expected numbers, got text, such as 0.6"),
    "list of text": (X.astype(str).tolist(), "X: expected numbers, got text, such as 0.6"),
    "whole numbers": ([[10**30] * 3] * 30, "row 0, column 0: a whole number beyond 2"),
    "fields": (np.zeros(30, [("a", float), ("b", float)]), "expected numbers, got the fields a, b"),
    "one number": (np.array(3.0), "Expected 2D array, got scalar array instead: Reshape"),
    "one row": (X[0], "Expected 2D array, got 1D array instead: Reshape"),
    "complex table": (pd.DataFrame({"a": X[:, 0], "b": X[:, 0] * 1j}), "X, column 'b': expected numbers, got complex"),
    "days": (np.zeros((30, 3), "M8[D]"), "expected numbers, got datetime64"),
    "nothing": (X[:0], r"0 sample\(s\)"),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_other_inputs_are_refused_in_one_line(kind):
    given, message = OTHERS[kind]
    with pytest.raises(InputError, match=message) as told:
        model().fit(given, Y[: len(given)] if np.ndim(given) else Y)
    assert r"\n" not in str(told.value) and "array=" not in str(told.value)


def test_what_was_not_fitted_is_named(fitted):
    for call in (
        lambda: model().forget(X, Y),
        lambda: model().forget_class(1),
        lambda: model().forget_task(1),
        lambda: model().merge(fitted),
    ):
        with pytest.raises(NotFittedError):
            call()
    with pytest.raises(InputError, match="expected models that were fitted"):
        model().fit(X, Y).merge(model())
    with pytest.raises(InputError, match="expected models of kind ContinualClassifier to merge, got str"):
        model().fit(X, Y).merge("file")


def test_other_layers_count_from_the_next_fit_and_are_refused_until_then():
    changed = model().fit(X, Y).set_params(layers="1")
    before = changed.moments_.fingerprint
    with pytest.raises(InputError, match="layers: the encoder was made with 2, got 1: fit anew"):
        changed.partial_fit(X, Y)
    assert changed.moments_.fingerprint == before
    assert changed.fit(X, Y).moments_.fingerprint == ContinualClassifier("1").fit(X, Y).moments_.fingerprint
