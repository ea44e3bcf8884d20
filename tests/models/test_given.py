"""Inputs and labels in every form that Python has for them: one model, or one clear line."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from indeependence import Autoencoder, ContextualClassifier, ContinualClassifier
from indeependence.data.from_python import SparseRows
from indeependence.errors import InputError
from indeependence.models.autoencoder.labelled import LabelledAutoencoder

RNG = np.random.default_rng(0)
ROWS = RNG.random((30, 4)).round(3)
PICTURES = RNG.integers(0, 256, (30, 5, 5), np.uint8)
LABELS = np.arange(30) % 2


class Labelled(LabelledAutoencoder):
    """The autoencoder with the calls of a classifier."""

    def fit(self, x, y):
        return self.bootstrap(x).learn([(x, y)])


MODELS = {
    "classifier": lambda: ContinualClassifier("4", n_jobs=1),
    "contexts": lambda: ContextualClassifier("4", n_jobs=1),
    "autoencoder": lambda: Labelled([0, 1], "4", n_jobs=1),
}


def print_of(model):
    """All that a model learned."""
    parts = getattr(model.moments_, "parts", None)
    return [part.fingerprint for part in parts] if parts else model.moments_.fingerprint


class Tensor:
    """An array of another library, which only hands itself over."""

    def __repr__(self) -> str:
        return "a tensor"

    def __init__(self, values):
        self._values = values

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self._values, dtype)


FORMS = {
    "a list of lists": (ROWS, np.ndarray.tolist),
    "a list of rows": (ROWS, list),
    "a tuple of rows": (ROWS, tuple),
    "a list of series": (ROWS, lambda x: [pd.Series(row, index=list("dcba")) for row in x]),
    "rows in Fortran's order": (ROWS, np.asfortranarray),
    "a longer float": (ROWS, lambda x: x.astype(np.longdouble)),
    "objects": (ROWS, lambda x: x.astype(object)),
    "decimals": (ROWS, lambda x: [[Decimal(repr(one)) for one in row] for row in x.tolist()]),
    "a tensor": (ROWS, Tensor),
    "a read-only array": (ROWS, lambda x: np.frombuffer(x.tobytes()).reshape(x.shape)),
    "sparse rows": (ROWS, sparse.csr_array),
    "sparse columns": (ROWS, sparse.csc_matrix),
    "sparse places": (ROWS, sparse.coo_array),
    "a list of pictures": (PICTURES, list),
    "a list of lists of pictures": (PICTURES, np.ndarray.tolist),
    "pictures of whole numbers": (PICTURES, lambda x: x.astype(np.int32)),
    "pictures with a last axis of one": (PICTURES, lambda x: x[..., None]),
    "tensors of pictures": (PICTURES, lambda x: [Tensor(one) for one in x]),
    "one tensor of pictures": (PICTURES, Tensor),
}


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_inputs_gives_the_model_of_the_plain_array(kind, form):
    plain, formed = FORMS[form]
    first, second = (MODELS[kind]().fit(x, LABELS) for x in (plain, formed(plain)))
    assert print_of(first) == print_of(second)
    assert first.predict(plain[:3]).tolist() == second.predict(formed(plain[:3])).tolist()


@pytest.mark.parametrize("form", [form for form in FORMS if form != "a list of series"])
def test_every_form_is_learned_scored_and_forgotten_alike(form):
    plain, formed = FORMS[form]
    model = ContinualClassifier("4", n_jobs=1).bootstrap(formed(plain))
    empty = model.moments_.fingerprint
    model.partial_fit(formed(plain), LABELS.tolist())
    for method in ("predict_proba", "decision_function"):
        assert np.array_equal(getattr(model, method)(plain), getattr(model, method)(formed(plain)))
    assert model.score(plain, LABELS) == model.score(formed(plain), LABELS)
    assert model.forget(formed(plain), pd.Series(LABELS)).moments_.fingerprint == empty


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize(
    "labels",
    [
        pd.Series(LABELS, index=RNG.permutation(30) + 7),
        pd.Series(LABELS).astype("Int64"),
        pd.Series(LABELS).astype("boolean"),
        pd.Series(LABELS).astype("category"),
        pd.Series(LABELS).astype(object),
        LABELS.astype(np.float16),
        Tensor(LABELS),
        LABELS.tolist(),
        tuple(LABELS),
    ],
    ids=str,
)
def test_every_form_of_labels_gives_the_model_of_whole_numbers(kind, labels):
    assert print_of(MODELS[kind]().fit(ROWS, labels)) == print_of(MODELS[kind]().fit(ROWS, LABELS))


@pytest.mark.parametrize("form", [list, pd.Series, lambda y: pd.Series(y, dtype="string"), lambda y: pd.Categorical(y)])
def test_names_come_back_as_they_were_in_any_form(form):
    names = np.where(LABELS, "übel", "good")
    assert ContinualClassifier("4").fit(ROWS, form(names)).classes_.tolist() == ["good", "übel"]


def spoiled(value, kind=float):
    some = ROWS.astype(kind)
    some[3, 2] = value
    return some


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize(
    "inputs, message",
    [
        (spoiled(np.nan), "row 3, column 2: NaN or infinity"),
        (spoiled(-np.inf), "row 3, column 2: NaN or infinity"),
        (spoiled(np.finfo(np.longdouble).max, np.longdouble), "row 3, column 2: NaN or infinity"),
        (spoiled(2**53 + 2, np.int64), r"row 3, column 2: a whole number beyond 2\*\*53"),
        (spoiled(2**63 + 2, np.uint64), r"row 3, column 2: a whole number beyond 2\*\*53"),
        (ROWS + 1j, "Complex data not supported"),
        (ROWS.astype("datetime64[s]"), "got datetime64.*give days or seconds"),
        ([PICTURES[0], PICTURES[1][:4]] * 15, r"one shape, got \(5, 5\) in row 0 and \(4, 5\) in row 1"),
        ([[1, 2], [3]] * 15, r"one shape, got \(2,\) in row 0 and \(1,\) in row 1"),
        (sparse.csr_array(spoiled(np.nan)), "NaN or infinity in a sparse matrix"),
        (np.zeros((30, 2, 2, 2, 2)), "expected pictures .* got an array of shape"),
        (np.zeros((30, 2, 2, 4)), "expected pictures .* got an array of shape"),
        (ROWS.astype(str), "expected numbers|Convert your data to numeric"),
    ],
)
def test_what_no_model_can_learn_is_refused_in_one_line(kind, inputs, message):
    with pytest.raises(ValueError, match=message) as told:
        MODELS[kind]().fit(inputs, LABELS)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("inputs", [np.zeros(30), np.float64(1), [], np.zeros((0, 4)), {"a": [1]}, "text", None])
def test_what_are_no_rows_is_refused(inputs):
    for make in (MODELS["classifier"], MODELS["contexts"]):
        with pytest.raises((ValueError, TypeError)):
            make().fit(inputs, LABELS)


@pytest.mark.parametrize(
    "column, message",
    [
        ([f"text {row}" for row in range(30)], "column b"),
    ],
)
def test_a_frame_names_its_column_without_numbers(column, message):
    with pytest.raises(InputError, match=message):
        ContinualClassifier("4").fit(pd.DataFrame({"a": ROWS[:, 0], "b": column}), LABELS)


@pytest.mark.parametrize("labels", [[0] * 29 + [None], ["a"] * 29 + [np.nan], pd.Series([0] * 29 + [pd.NA])])
def test_a_missing_label_is_named_by_its_row(labels):
    with pytest.raises(InputError, match="row 29: expected a label, got .* among them: leave such rows out"):
        ContinualClassifier("4").fit(ROWS, labels)


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("later", [ROWS[:, :3], PICTURES, PICTURES[..., None].repeat(3, 3)])
def test_another_shape_later_is_one_clear_line(kind, later):
    model = MODELS[kind]().fit(ROWS, LABELS)
    before = print_of(model)
    for act in (lambda: model.predict(later), lambda: model.learn([(later, LABELS)])):
        with pytest.raises(ValueError, match=r"expected inputs of shape 4,|is expecting 4 features") as told:
            act()
        assert "\n" not in str(told.value)
    assert print_of(model) == before


def test_pictures_beyond_a_byte_and_below_zero_are_scaled_by_their_first_range():
    wide, signed = PICTURES.astype(np.uint16) * 16, PICTURES.astype(np.int16) - 128
    for pictures in (wide, signed):
        codes = ContinualClassifier("inputs").fit(pictures, LABELS).encoder_(pictures.astype(float))
        assert codes.min() == 0 and codes.max() == 255 and len(np.unique(codes)) > 200


@given(st.integers(0, 9), st.integers(1, 9), st.floats(0, 1))
def test_sparse_rows_are_dense_where_they_are_taken(start, count, density):
    matrix = sparse.random_array((12, 5), density=density, rng=0)
    rows = SparseRows("X", matrix)
    assert np.array_equal(rows[start : start + count], matrix.toarray()[start : start + count])
    assert np.array_equal(rows[np.array([3, 1])], matrix.toarray()[[3, 1]])


def test_a_sparse_matrix_is_never_dense_as_a_whole(monkeypatch):
    taken = []
    plain = SparseRows.__getitem__
    monkeypatch.setattr(
        SparseRows, "__getitem__", lambda self, rows: taken.append(len(plain(self, rows))) or plain(self, rows)
    )
    matrix = sparse.random_array((300, 6), density=0.3, rng=0)
    model = ContinualClassifier("3", batch_size=20, bootstrap_limit=50).fit(matrix, np.arange(300) % 2)
    model.partial_fit(matrix, np.arange(300) % 2, sample_weight=np.arange(300) % 3)
    model.predict(matrix)
    assert model.moments_.count == 600 and 0 < max(taken) <= 256


def test_a_pipeline_learns_scales_and_takes_weights():
    pipeline = make_pipeline(StandardScaler(), ContinualClassifier("4"))
    pipeline.fit(ROWS, LABELS, continualclassifier__sample_weight=LABELS + 1)
    assert pipeline[-1].moments_.count == 45 and len(pipeline.predict(ROWS)) == 30


@pytest.mark.parametrize("make", [MODELS["classifier"]])
def test_announced_classes_of_another_kind_are_refused_and_missing_ones_taken(make):
    for classes, labels in ((["a", "b"], LABELS), ([0, 1], LABELS.astype(str))):
        with pytest.raises(InputError, match="expected labels that are (names|numbers), as learned before"):
            make().partial_fit(ROWS, labels, classes=classes)
    model = make().partial_fit(ROWS, LABELS, classes=np.array([0.0, 7.0]))
    assert model.classes_.tolist() == [0, 1, 7]
    with pytest.raises(InputError, match="as learned before, got names"):
        model.partial_fit(ROWS, LABELS, classes=["a"])


def test_batches_of_two_kinds_of_labels_are_refused_from_the_start():
    model = ContinualClassifier("4").bootstrap(ROWS)
    with pytest.raises(InputError, match="expected labels that are numbers, as learned before, got names"):
        model.learn([(ROWS, LABELS), (ROWS, LABELS.astype(str))])


def test_the_plain_autoencoder_takes_lists_and_refuses_text():
    targets = np.eye(2)[LABELS]
    made = [
        Autoencoder(4, 2, (3,)).bootstrap(ROWS, targets).learn(x, t)
        for x, t in ((ROWS, targets), (list(ROWS), list(targets)))
    ]
    assert made[0].sums.fingerprint == made[1].sums.fingerprint
    with pytest.raises(InputError, match="expected inputs that are bytes or numbers from 0 to 1, got <U"):
        made[0].learn(ROWS.astype(str), targets)
