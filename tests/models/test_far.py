"""Values far outside the first task's range are counted and said, by Python and by the commands alike."""

import warnings

import numpy as np
import pandas as pd
import pytest

from indeependence import ContextualClassifier, ContinualClassifier

RNG = np.random.default_rng(0)
FIRST, LABELS = RNG.normal(50, 1, (60, 3)), np.arange(60) % 2


def spoiled(share):
    later = FIRST.copy()
    later[: int(share * 60), 1] *= 1000
    return later


def test_another_unit_is_said_with_its_column_and_its_share():
    frame = pd.DataFrame(spoiled(0.5), columns=["length", "mass", "width"])
    model = ContinualClassifier("inputs").fit(pd.DataFrame(FIRST, columns=frame.columns), LABELS)
    with pytest.warns(UserWarning, match="50% of the values of column mass lie far outside .* another unit?"):
        model.partial_fit(frame, LABELS)
    plain = ContinualClassifier("inputs").fit(FIRST, LABELS)
    with pytest.warns(UserWarning, match="column 1 .and of 2 more. lie far"):
        plain.partial_fit(FIRST * 255, LABELS)


@pytest.mark.parametrize("later", [spoiled(0.05), FIRST + 20, FIRST[:1]])
def test_a_few_outliers_and_what_later_tasks_bring_are_not(later):
    model = ContinualClassifier("inputs").fit(FIRST, LABELS)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.partial_fit(later, LABELS[: len(later)])


def test_bytes_and_contexts_have_no_such_range():
    pictures = RNG.integers(0, 256, (40, 6)).astype(np.uint8)
    ContinualClassifier("inputs").fit(pictures, LABELS[:40]).partial_fit(255 - pictures, LABELS[:40])
    ContextualClassifier("inputs").fit(FIRST, LABELS)


def test_infer_says_it_too(ask, tmp_path):
    names = ["a", "b", "c"]
    pd.DataFrame(FIRST, columns=names).assign(kind=np.array(["u", "v"])[LABELS]).to_csv(tmp_path / "t.csv", index=False)
    pd.DataFrame(FIRST * 1000, columns=names).to_csv(tmp_path / "i.csv", index=False)
    ask("train", "--data", tmp_path / "t.csv", "--model", tmp_path / "m")
    with pytest.warns(UserWarning, match="100% of the values of column a .and of 2 more. lie far outside"):
        told = ask("infer", "--data", tmp_path / "i.csv", "--model", tmp_path / "m")
    assert all(answer["unlike"] for answer in told["answers"])
