"""A newcomer's path: the tutorial page, step by step, each step printing what the page shows.

It runs in this environment; `.ci/run` installs a wheel into a fresh one first. What is compared, and how exactly:
`reader.compare`.
"""

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from indeependence import ContinualClassifier
from indeependence.commands import cli
from tests import ROOT
from tests.docs.reader import Reader, blocks_of, compare

pytestmark = pytest.mark.slow

TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text()
STEPS = ("evaluate", "train", "train", "infer", "train", "generate", "forget", "inspect")


@pytest.fixture(scope="module")
def path_walked(tmp_path_factory):
    """The folder in which the whole tutorial was done, and each shown text with what was printed."""
    folder, shown = tmp_path_factory.mktemp("newcomer"), []
    reader = Reader("digits")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for block in blocks_of(TUTORIAL):
            if block.language == "text":
                shown.append((block.text, reader.printed))
            reader.read(block)
    return folder, shown


def test_the_tutorial_takes_all_the_steps_in_order():
    lines = [line.split()[2] for block in blocks_of(TUTORIAL) for line in block.text.splitlines() if "cli.py" in line]
    assert tuple(lines) == STEPS


def test_each_step_prints_what_the_tutorial_shows(path_walked):
    _, shown = path_walked
    assert len(shown) >= 7
    for text, printed in shown:
        compare(text, printed)


def test_the_path_leaves_a_report_a_model_and_pictures(path_walked):
    folder, _ = path_walked
    for report in ("evaluation", "training"):
        assert "<h1>" in (folder / "artifacts" / report / "report.html").read_text()
    drawn = cv2.imread(str(folder / "artifacts/generated.png"), cv2.IMREAD_GRAYSCALE)
    assert drawn is not None and drawn.std() > 20


def test_what_was_forgotten_is_gone_and_the_rest_is_known(path_walked):
    folder, _ = path_walked
    model = ContinualClassifier.load(folder / "artifacts/model.safetensors")
    assert [str(label) for label, n in zip(model.moments_.labels, model.moments_.counts, strict=True) if n] == [
        "one",
        "two",
        "zero",
    ]
    pictures = np.stack([cv2.imread(str(path), 0) for path in sorted((folder / "my_pictures/one").glob("*.png"))])
    assert np.mean(model.predict(pictures) == "one") > 0.98


def test_an_export_answers_the_same_in_plain_keras(path_walked, monkeypatch):
    folder, _ = path_walked
    monkeypatch.chdir(folder)
    result = CliRunner().invoke(cli, ["export", "artifacts/model.safetensors", "--output", "model.keras"])
    assert result.exit_code == 0, result.output
    import keras

    pictures = np.stack([cv2.imread(str(path), 0) for path in sorted((folder / "my_pictures").glob("*/*.png"))[:50]])
    ours = ContinualClassifier.load("artifacts/model.safetensors").predict_proba(pictures)
    theirs = np.asarray(keras.models.load_model("model.keras").predict(pictures, verbose=0))
    assert (theirs.argmax(1) == ours[:, ours.any(0)].argmax(1)).mean() == 1
