"""Parameters: NumPy's scalars are as good as Python's, odd values end at once in one line, and copies keep working."""

import copy
import json
import pickle

import numpy as np
import pytest
from sklearn.base import clone

from indeependence import Autoencoder, ContextualClassifier, ContinualClassifier, models
from indeependence.errors import InputError
from indeependence.files.container import header_of, write_arrays
from indeependence.models.autoencoder.labelled import LabelledAutoencoder
from indeependence.moments.centred import centre
from indeependence.moments.moments import Moments
from indeependence.moments.penalty import LARGEST
from indeependence.moments.ridge import least_ridge

X, Y = np.random.default_rng(0).random((20, 3)), np.arange(20) % 2
ODD = (
    np.nan,
    np.inf,
    -np.inf,
    -1,
    -7,
    0,
    1e308,
    1e-308,
    0.5,
    "",
    "auto",
    "nan",
    True,
    None,
    10**30,
    [],
    {},
    np.float64(2),
)
CLASSIFIERS = (ContinualClassifier, ContextualClassifier)
PARAMETERS = [(kind, name) for kind in CLASSIFIERS for name in sorted(kind().get_params()) if name != "encoder"]


@pytest.mark.parametrize("kind, name", PARAMETERS)
@pytest.mark.filterwarnings("ignore:penalty raised")
@pytest.mark.parametrize("value", ODD, ids=repr)
def test_an_odd_parameter_is_refused_by_its_name_or_works(kind, name, value, tmp_path):
    model = kind(**{"layers": "2", "n_jobs": 1, name: value})
    try:
        model.fit(X, Y).save(tmp_path / "m")
    except InputError as error:
        assert name in str(error) and "\n" not in str(error)
        assert not hasattr(model, "moments_") and repr(model.get_params()[name]) == repr(value)
    else:
        answers = model.predict_proba(X)
        assert np.isfinite(answers).all()
        assert np.array_equal(models.open(tmp_path / "m").predict_proba(X), answers)


NUMPY = {
    "layers": np.str_("2"),
    "penalty": np.float32(0.25),
    "bootstrap_limit": np.int16(9),
    "batch_size": np.uint8(7),
    "random_state": np.int64(3),
    "n_jobs": np.int32(1),
}


@pytest.mark.parametrize(
    "kind, more",
    [(ContinualClassifier, {"ledger": np.str_("class")}), (ContextualClassifier, {"keep_sums": np.bool_(True)})],
)
def test_scalars_of_numpy_come_back_from_a_file_as_pythons(kind, more, tmp_path):
    given = {**NUMPY, **more}
    kind(**given).fit(X, Y).save(tmp_path / "m", progress={"done": np.int64(5), "of": [np.float32(0.5)]})
    header = header_of(tmp_path / "m")
    plain = {name: value.item() for name, value in given.items()}
    assert {name: header["options"][name] for name in given} == plain
    same = kind(**plain).fit(X, Y)
    assert models.open(tmp_path / "m").facts() == same.facts()
    assert models.open(tmp_path / "m", batch_size=np.int64(3), n_jobs=np.int64(1)).batch_size == 3


def test_an_autoencoder_takes_scalars_of_numpy(tmp_path):
    options = {
        "coeff": np.float32(0.5),
        "random_state": np.int64(1),
        "frozen": np.bool_(False),
        "rate": np.float32(0.5),
    }
    model = LabelledAutoencoder(np.array([1, 0]), np.str_("2"), **options, n_jobs=np.int64(1)).bootstrap(X)
    model.learn([(X, Y)]).save(tmp_path / "m")
    assert models.open(tmp_path / "m").labels == [1, 0]
    Autoencoder(np.int64(3), np.int32(2), (np.int64(2),), seed=np.int64(1)).bootstrap(X, np.eye(2)[Y]).save(
        tmp_path / "a"
    )
    assert json.dumps(header_of(tmp_path / "a")["options"])


@pytest.mark.parametrize("name", ["coeff", "rate", "seed", "jobs", "solver", "frozen", "steps"])
@pytest.mark.parametrize("value", ODD, ids=repr)
def test_an_odd_option_of_an_autoencoder_is_refused_by_its_name_or_works(name, value):
    options = {} if name in ("coeff", "steps") else {name: value}
    try:
        model = Autoencoder(3, 2, (2,), **options).bootstrap(X, np.eye(2)[Y])
        model.learn(X, np.eye(2)[Y], **({"coeff": value} if name == "coeff" else {}))
        if name == "steps" and value != 10**30:  # so many steps are asked for, not stumbled into
            model.infer(X, steps=value, method="closed")
    except InputError as error:
        assert name.removeprefix("n_") in str(error)


@pytest.mark.parametrize("value", ODD, ids=repr)
def test_odd_settings_of_drawing_are_refused_by_their_names(value):
    model = Autoencoder(3, 2, (2,)).bootstrap(X, np.eye(2)[Y]).learn(X, np.eye(2)[Y])
    for name, act in {
        "spread": lambda: model.generate(np.eye(2), spread=value),
        "seed": lambda: model.generate(np.eye(2), seed=value),
        "noise": lambda: model.denoise(X, noise=value),
        "unit": lambda: model.unit_pattern(value),
    }.items():
        try:
            act()
        except InputError as error:
            assert name in str(error)


@pytest.mark.parametrize("labels", [[], [1, 1], [1, True], ["a", 1], [1.5], [None], np.eye(2)])
def test_labels_that_no_model_can_have_are_refused_at_once(labels):
    with pytest.raises(InputError, match="labels"):
        LabelledAutoencoder(labels)


@pytest.mark.parametrize("kind", CLASSIFIERS)
def test_copies_of_every_kind_keep_parameters_and_answers(kind):
    model = kind(**{**NUMPY, "layers": "2"}).fit(X, Y)
    assert clone(model).get_params() == model.get_params() and not hasattr(clone(model), "moments_")
    for twin in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        assert twin.get_params() == model.get_params()
        assert twin.predict(X).tolist() == model.predict(X).tolist()
        twin.partial_fit(X, Y)  # a lock that was copied in a locked state would wait for ever
    assert type(model.get_params()["random_state"]) is np.int64  # as given: only files have Python's own


@pytest.mark.parametrize(
    "change, message",
    [
        ({"ledger": "task"}, "ledger: it is none from the first example on, got task: fit anew"),
        ({"batch_size": 0}, "batch_size: expected a whole number of at least 1, got 0"),
        ({"penalty": "high"}, "penalty: expected auto"),
        ({"n_jobs": 0}, "n_jobs: expected None or -1"),
        ({"layers": "5,"}, "--layers"),
    ],
)
def test_a_change_that_does_not_fit_is_refused_and_taken_back(change, message):
    model = ContinualClassifier("2").fit(X, Y)
    before, kept = model.moments_.fingerprint, {name: model.get_params()[name] for name in change}
    model.set_params(**change)
    with pytest.raises(InputError, match=message):
        model.partial_fit(X, Y)
    assert model.moments_.fingerprint == before
    assert model.set_params(**kept).partial_fit(X, Y).moments_.count == 40


@pytest.mark.parametrize("task", [0, -1, 1.5, "1", True, np.nan])
def test_a_task_is_a_whole_number_from_one(task):
    model = ContinualClassifier("2", ledger="task").fit(X, Y)
    with pytest.raises(InputError, match="task: expected a whole number of at least 1"):
        model.learn([(X, Y)], task=task)
    assert list(model.learn([(X, Y)], task=np.int64(4)).ledger_.parts) == [1, 4]


@pytest.mark.parametrize("jobs", [-1, -3, 1, 2, 500])
def test_any_number_of_jobs_gives_the_same_sums(jobs):
    assert ContinualClassifier("2", n_jobs=jobs).fit(X, Y).moments_.fingerprint == (
        ContinualClassifier("2").fit(X, Y).moments_.fingerprint
    )


@pytest.mark.parametrize("penalty", [1e308, 10**400, True, np.nan])
def test_a_penalty_beyond_all_bounds_is_refused(penalty):
    with pytest.raises(InputError, match="penalty: expected auto or a finite number"):
        ContinualClassifier("2", penalty=penalty).fit(X, Y)


def test_sums_without_any_solution_end_the_search(monkeypatch):
    tried = []

    def never(centred, penalty):
        tried.append(penalty)
        assert len(tried) < 1000, "the search does not end"

    monkeypatch.setattr("indeependence.moments.ridge.ridge", never)
    centred = centre(Moments.empty("encoder", 2).learn([(np.eye(2, dtype=np.uint8), np.arange(2))]))
    for start in (0.0, 1.0, LARGEST):
        with pytest.raises(InputError, match="no finite solution"):
            least_ridge(centred, start)


def test_what_json_lacks_is_refused_before_a_file_is_written(tmp_path):
    for odd in ({1}, object(), 1j):
        with pytest.raises(InputError, match="expected numbers, text, lists and dicts to keep with a model"):
            write_arrays(tmp_path / "m", "kind", {"progress": {"odd": odd}}, {"x": np.zeros(1)})
    assert not (tmp_path / "m").exists()
