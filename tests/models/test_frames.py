"""Data frames as people have them are learned as the same tables in files are."""

import numpy as np
import pandas as pd
import pytest

from indeependence import ContextualClassifier, ContinualClassifier, load_dataset
from indeependence.errors import InputError

KIND = np.arange(90) % 2
RNG = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {
        "island": np.where(RNG.random(90) < 0.9, np.array(["x", "y"])[KIND], None),
        "mass": np.where(RNG.random(90) < 0.9, KIND * 3 + RNG.normal(size=90), np.nan),
        "born": pd.Timestamp("2024-01-01") + pd.to_timedelta(RNG.integers(0, 99, 90), "D"),
        "alive": RNG.random(90) < 0.5,
    }
)


@pytest.mark.parametrize("kind", [ContinualClassifier, ContextualClassifier])
def test_a_frame_with_text_and_missing_values_is_learned(kind, tmp_path):
    model = (
        kind("inputs", ledger="none")
        if kind is ContinualClassifier
        else kind("inputs", contexts="task", keep_sums=True)
    )
    model.fit(FRAME, KIND)
    assert model.n_features_in_ == len(model.reading.columns) == len(model.feature_names_in_)
    assert np.mean(model.predict(FRAME) == KIND) > 0.9
    turned = FRAME[["alive", "born", "mass", "island"]].assign(island=FRAME["island"].fillna("new"))
    assert np.mean(model.predict(turned) == KIND) > 0.9
    model.save(tmp_path / "m")
    again = kind.load(tmp_path / "m")
    np.testing.assert_array_equal(again.predict_proba(FRAME), model.predict_proba(FRAME))
    with pytest.raises(InputError, match="missing mass"):
        again.predict(FRAME.drop(columns="mass"))


def test_a_frame_and_its_file_give_the_same_model(tmp_path):
    FRAME.assign(kind=KIND).to_csv(tmp_path / "t.csv", index=False)
    data = load_dataset(tmp_path / "t.csv", test_fraction=0)
    fitted = ContinualClassifier("inputs").fit(FRAME, KIND)
    learned = ContinualClassifier("inputs").bootstrap(FRAME).learn([(data.x_train, data.y_train)])
    assert fitted.moments_.fingerprint == learned.moments_.fingerprint
    assert fitted.reading.columns == data.reading.columns
    assert fitted.forget(FRAME[:40], KIND[:40]).moments_.count == 50


def test_frames_of_numbers_are_arrays_with_names_and_a_new_fit_forgets_the_schema():
    model = ContinualClassifier("inputs").fit(FRAME, KIND)
    numbers = pd.DataFrame({"p": np.arange(90.0), "q": KIND})
    assert model.fit(numbers, KIND).reading.table is None and list(model.feature_names_in_) == ["p", "q"]
    with pytest.raises(InputError, match="NaN or infinity"):
        model.predict(numbers.assign(p=np.nan))
    with pytest.raises(ValueError, match="feature names"):
        model.predict(numbers[["q", "p"]])
    with pytest.raises(InputError, match="NaN or infinity"):
        ContinualClassifier("inputs").fit(np.full((4, 2), np.nan), [0, 1, 0, 1])


def test_a_model_that_learned_a_file_reads_frames_with_the_same_columns(tmp_path):
    FRAME.assign(kind=KIND).to_csv(tmp_path / "t.csv", index=False)
    data = load_dataset(tmp_path / "t.csv", test_fraction=0)
    model = ContinualClassifier("inputs").restart(data.x_train)
    model.reading = data.reading
    model.learn([(data.x_train, data.y_train)])
    labelled = FRAME.assign(kind=KIND)[["kind", "born", "mass", "island", "alive"]]  # labels are no inputs
    np.testing.assert_array_equal(model.predict(labelled), model.predict(FRAME))
    assert np.mean(model.predict(FRAME) == KIND) > 0.9


def test_columns_called_by_numbers_are_matched_too():
    rows = np.random.default_rng(0).normal([0, 10, 100, 1000], 1, (40, 4))
    frame, labels = pd.DataFrame(rows), (rows[:, 2] > 100).astype(int)
    model = ContinualClassifier().fit(frame, labels)
    asked = [model.predict(some).tolist() for some in (rows, frame, frame[[3, 1, 0, 2]])]
    assert asked[0] == asked[1] == asked[2] and np.mean(asked[0] == labels) > 0.9
