"""Every option that names a place to write to: nothing of others is lost, and nothing is one place twice."""

import os

import cv2
import numpy as np
import pytest

from indeependence import ContinualClassifier
from indeependence.encoder.fronts.pretrained import read_network
from indeependence.errors import InputError
from indeependence.models.autoencoder.labelled import LabelledAutoencoder

X, Y = np.random.default_rng(0).integers(0, 256, (40, 8, 8), np.uint8), np.arange(40) % 2
THESIS = b"years of work"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first = ContinualClassifier("4").fit(X, Y)
    first.save("m")
    ContinualClassifier("4").start(first.encoder_).partial_fit(X[:9], Y[:9]).save("o")
    LabelledAutoencoder([0, 1], "4").bootstrap(X).learn([(X, Y)]).save("a")
    np.savez("d.npz", x=X, y=Y)
    return tmp_path


INFER = ("infer", "--model", "m", "--data", "d.npz")
TEST = ("test", "m", "--data", "d.npz")
TRAIN = ("train", "--data", "d.npz", "--layers", "4", "--model", "new")
ONLINE = (*TRAIN, "--kind", "autoencoder", "--limit", "4")
PLACES = [
    ((*INFER, "--csv", "t.csv"), "t.csv"),
    ((*TEST, "--csv", "t.csv"), "t.csv"),
    ((*TEST, "--output", "r"), "r/classes.csv"),
    ((*TRAIN, "--output", "r"), "r/report.html"),
    ((*ONLINE, "--output", "r"), "r/error.csv"),
    ((*ONLINE, "--record", "f.mp4"), "f.mp4"),
    ((*ONLINE, "--record", "f.png"), "f-00002.png"),
    (("evaluate", "--data", "d.npz", "--tasks", 1, "--layers", "4", "--output", "r"), "r/results.json"),
    (("evaluate", "--data", "d.npz", "--tasks", 1, "--layers", "4", "--output", "r"), "r/seed-3/report.html"),
    (("compare", "--data", "d.npz", "--tasks", 1, "--methods", "ridge", "--output", "r"), "r/accuracy_by_task.pdf"),
    (("infer", "--model", "a", "--data", "d.npz", "--mask", "top", "--output", "p.png"), "p.png"),
    (("generate", "--model", "a", "--count", 2, "--output", "p.png"), "p.png"),
    (("sparse", "planes", "--data", "d.npz", "--count", 2, "--output", "p.png"), "p.png"),
    (("merge", "m", "o", "--again", "--output", "t"), "t"),
    (("sparse", "prune", "m", "--output", "t"), "t"),
    (("export", "m", "--output", "e.keras"), "e.keras"),
    (("export", "m", "--output", "e.keras"), "e.labels.txt"),
    (("export", "m", "--output", "e.onnx"), "e.onnx"),
]


@pytest.mark.parametrize(("words", "place"), PLACES, ids=lambda value: value if isinstance(value, str) else value[0])
def test_what_is_not_ours_is_replaced_only_when_that_is_said(here, refuse, words, place):
    (here / place).parent.mkdir(parents=True, exist_ok=True)
    (here / place).write_bytes(THESIS)
    message = refuse(*words)
    assert place in message and "--overwrite" in message
    assert (here / place).read_bytes() == THESIS and not (here / "new").exists()


AGAIN = [PLACES[index][0] for index in (0, 1, 2, 4, 6, 10, 11)]


@pytest.mark.slow
@pytest.mark.parametrize("words", AGAIN, ids=lambda words: words[0])
def test_what_is_ours_is_made_anew_without_a_word(here, ask, words):
    for _ in range(2):
        ask(*words)
        (here / "new").unlink(missing_ok=True)


@pytest.mark.slow
def test_with_overwrite_it_is_replaced(here, ask):
    for place in ("t.csv", "p.png"):
        (here / place).write_bytes(THESIS)
    ask(*INFER, "--csv", "t.csv", "--overwrite")
    assert (here / "t.csv").read_bytes().startswith(b"name,label,")
    ask("generate", "--model", "a", "--count", 2, "--output", "p.png", "--overwrite")
    assert cv2.imread("p.png") is not None


@pytest.mark.parametrize(
    ("words", "places"),
    [
        ((*INFER, "--csv", "m"), "--csv and --model are both m"),
        ((*INFER, "--csv", "link"), "--csv and --model are both link"),
        ((*INFER, "--csv", "./d.npz"), "--csv and --data are both d.npz"),
        ((*TRAIN[:-1], "d.npz"), "--model and --data are both d.npz"),
        ((*TRAIN, "--output", "new"), "--output and --model are both new"),
        ((*ONLINE, "--record", "new"), "--record and --model are both new"),
        ((*TRAIN, "--encoder", "n.keras", "--cache", "new"), "--cache and --model are both new"),
        ((*TRAIN, "--encoder", "n.keras", "--cache", "r", "--output", "r"), "--cache and --output are both r"),
        (("bootstrap", "--data", "d.npz", "--model", "d.npz"), "--model and --data are both d.npz"),
        (("sparse", "prune", "m", "--like", "o", "--output", "o"), "--output and --like are both o"),
    ],
)
def test_no_place_is_named_twice(here, refuse, words, places):
    (here / "link").symlink_to("m")
    before = {path.name: path.read_bytes() for path in here.iterdir()}
    assert places in refuse(*words, "--overwrite", code=2)
    assert {path.name: path.read_bytes() for path in here.iterdir()} == before


@pytest.mark.parametrize("option", ["--output", "--model", "--cache", "--tensorboard", "--audit"])
def test_an_empty_place_is_not_the_present_folder(here, refuse, option):
    before = sorted(here.iterdir())
    assert f"'{option}': expected a path, got nothing" in refuse(*TRAIN, option, "", code=2)
    assert sorted(here.iterdir()) == before


@pytest.mark.parametrize(("option", "words"), [("--output", TRAIN), ("--output", TEST), ("--csv", INFER)])
def test_a_pipe_as_output_is_refused_before_the_work(here, refuse, option, words):
    os.mkfifo(here / "pipe")
    assert "expected a f" in refuse(*words, option, "pipe", "--overwrite")
    assert not (here / "new").exists()


def test_pictures_are_not_written_under_the_names_of_other_files(here, refuse):
    assert "a name that ends in .png" in refuse("generate", "--model", "a", "--output", "thesis.tex", code=2)


def test_a_pipe_as_keras_model_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "x.keras")
    with pytest.raises(InputError, match="found a folder, pipe or device"):
        read_network(tmp_path / "x.keras")
