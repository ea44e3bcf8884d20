"""What a report shows of the model itself, and the report of a training."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indeependence import ContinualClassifier, load_dataset
from indeependence.data.examples import Examples
from indeependence.errors import InputError
from indeependence.models.autoencoder.labelled import LabelledAutoencoder
from indeependence.models.conceptors.learner import ConceptorPerceptron
from indeependence.models.galleries import Gallery, signed_pictures
from indeependence.moments.spectrum import spectrum_of
from indeependence.report.pictures.grid import spaced

pytestmark = pytest.mark.slow  # seconds, or many of them

LAYERS = "patches:8:size=3:pool=2:stride=2,+sparse:40"


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


def test_few_eigenvalues_of_many_are_those_of_a_full_decomposition():
    rng = np.random.default_rng(0)
    codes = rng.normal(size=(1000, 450)) @ (rng.normal(size=(450, 450)) / np.arange(1, 451)[:, None])
    covariance = np.cov(codes, rowvar=False)  # more than 400 units: the randomised way
    told, full = spectrum_of(covariance), np.linalg.eigvalsh(covariance)[::-1]
    np.testing.assert_allclose(told.eigenvalues[:50], full[:50], rtol=1e-3)
    np.testing.assert_allclose(told.eigenvalues, full[:100], rtol=0.05)
    assert told.effective == pytest.approx(full.sum() ** 2 / np.sum(full**2))


def test_the_spectrum_of_a_classifier_is_that_of_its_codes(digits):
    model = ContinualClassifier(LAYERS).fit(digits.x_train, digits.y_train)
    codes = model.encoder_(digits.x_train).astype(np.float64)
    told, full = model.galleries().spectrum, np.linalg.eigvalsh(np.cov(codes, rowvar=False, bias=True))[::-1]
    np.testing.assert_allclose(told.eigenvalues, full[:100], rtol=0.05, atol=1e-6 * full[0])
    assert told.total == pytest.approx(full.sum()) and told.units == len(full)


@given(st.integers(1, 30), st.integers(2, 40), st.integers(0, 99))
def test_a_spectrum_falls_and_explains_no_more_than_all(units, rows, seed):
    values = np.random.default_rng(seed).normal(size=(rows, units))
    told = spectrum_of(np.cov(values, rowvar=False).reshape(units, units))
    assert (np.diff(told.eigenvalues) <= 1e-12).all() and (told.eigenvalues >= 0).all()
    assert told.explained[-1] == pytest.approx(1) and 1 - 1e-9 <= told.effective <= units + 1e-9


@pytest.mark.parametrize("covariance", [np.zeros((3, 3)), np.full((2, 2), np.nan)])
def test_what_does_not_vary_has_no_spectrum(covariance):
    assert spectrum_of(covariance) is None


def test_bases_of_patches_are_windows_and_those_of_whole_pictures_are_pictures(digits):
    x, y = digits.x_train[:200], digits.y_train[:200]
    windows = ContinualClassifier(LAYERS).fit(x, y).galleries().galleries[0]
    assert windows.pictures.shape == (8, 3, 3) and "All 8 bases" in windows.description
    whole = ContinualClassifier("wide:120").fit(x, y)
    gallery = whole.galleries().galleries[0]
    assert gallery.pictures.shape == (96, 8, 8) and "The first 96 of 120" in gallery.description
    weights = whole.encoder_.layers[0].bases[:, 5].astype(float)
    shown = gallery.pictures[5].astype(float).ravel()
    assert np.corrcoef(weights, shown)[0, 1] > 0.999
    colour = np.repeat(x[..., None], 3, axis=-1)
    assert ContinualClassifier(LAYERS).fit(colour, y).galleries().galleries[0].pictures.shape == (8, 3, 3, 3)


def test_vectors_and_perceptrons_have_no_pictures(digits):
    rows = digits.x_train[:100].reshape(100, -1)
    inside = ContinualClassifier("20").fit(rows, digits.y_train[:100]).galleries()
    assert inside.galleries == () and inside.spectrum is not None
    assert ConceptorPerceptron([0, 1]).restart(rows).galleries().spectrum is None


def test_an_autoencoder_shows_a_picture_of_each_class_what_it_makes_of_it_and_what_it_draws(digits):
    model = LabelledAutoencoder(range(10), "60").bootstrap(digits.x_train[:500])
    model.learn([(digits.x_train, digits.y_train)])
    test = Examples("test", digits.x_test, digits.y_test, np.arange(len(digits.y_test)))
    bases, again, drawn = model.galleries([test]).galleries
    assert [gallery.title for gallery in (bases, again, drawn)] == ["Bases", "Reconstructions", "Generated pictures"]
    assert again.columns == drawn.columns == 10 and len(again.pictures) == 20 and len(drawn.pictures) == 40
    originals, made = again.pictures[:10].astype(float), again.pictures[10:].astype(float)
    first = [digits.x_test[digits.y_test == label][0] for label in range(10)]
    np.testing.assert_array_equal(originals, first)
    assert np.mean((originals - made) ** 2) < 0.1 * np.var(originals)
    judge = ContinualClassifier(LAYERS).fit(digits.x_train, digits.y_train)
    assert (judge.predict(drawn.pictures[:10]) == np.arange(10)).mean() >= 0.9


def test_signed_pictures_keep_order_and_put_nothing_at_grey():
    columns = np.array([[0.0, -3.0], [1.0, 3.0]])
    pictures = signed_pictures(columns, (1, 2))
    assert pictures[0].tolist() == [[128, 255]] and pictures[1].tolist() == [[0, 255]]


@given(st.integers(1, 12), st.integers(1, 5), st.booleans())
def test_a_mosaic_holds_every_picture_once_and_is_clear_between_them(count, columns, coloured):
    rng = np.random.default_rng(count)
    pictures = rng.integers(0, 256, (count, 3, 4, *([3] if coloured else [])), np.uint8)
    whole = spaced(pictures, columns)
    assert (whole[..., 3] > 0).sum() == count * 12
    columns = min(columns, count)
    for index, picture in enumerate(pictures):
        top, left = index // columns * 4, index % columns * 5
        tile = whole[top : top + 3, left : left + 4, :3]
        np.testing.assert_array_equal(tile, picture if coloured else np.dstack([picture] * 3))


def test_a_gallery_of_no_pictures_is_refused():
    with pytest.raises(InputError, match="expected uint8 pictures"):
        Gallery("a", "b", np.zeros((2, 2)), 1)


# The report of train


def test_train_writes_a_report_with_accuracy_confusion_bases_cost_and_command(ask):
    told = ask("train", "--classes", "0,1,2", "--layers", LAYERS, "--output", "out")
    text, results = Path("out/report.html").read_text(), json.loads(Path("out/results.json").read_text())
    assert told["report"] == "out/report.html"
    confusion = np.array(results["confusion_matrix"])
    assert np.trace(confusion) / confusion.sum() == pytest.approx(told["accuracy_on_learned_classes"])
    assert results["peak_memory_bytes"] > 1e7 and results["options"]["layers"] == LAYERS
    for heading in (
        "Accuracy of each class",
        "Confusion matrix",
        "Bases",
        "Spectrum of the code",
        "How to run it again",
    ):
        assert f">{heading}</h2>" in text
    assert ">Running error</h2>" not in text and ">430<" in text  # examples learned


def test_the_report_of_an_autoencoder_shows_its_running_error_and_pictures(ask):
    told = ask("train", "--kind", "autoencoder", "--layers", "40", "--limit", "300", "--output", "out")
    text = Path("out/report.html").read_text()
    for heading in ("Running error", "Reconstructions", "Generated pictures", "Bases"):
        assert f">{heading}</h2>" in text
    assert f"{told['running_error']:.3f}" in text
    assert re.search(r'alt="Reconstructions: [^"]{30,}"', text)


def test_a_report_of_vectors_without_test_examples_of_a_class_still_stands(ask, tmp_path):
    rows = np.random.default_rng(0).random((40, 5))
    y = np.arange(40) % 3
    np.savez(tmp_path / "v.npz", x_train=rows, y_train=y, x_test=rows[y == 0], y_test=y[y == 0])
    ask("train", "--data", "v.npz", "--classes", "1,2", "--layers", "inputs", "--output", "out")
    assert ">Accuracy of each class<" not in (tmp_path / "out/report.html").read_text()


def test_evaluate_shows_the_inside_of_its_model(ask, tmp_path):
    ask("evaluate", "--layers", LAYERS, "--output", "out")
    text = (tmp_path / "out/report.html").read_text()
    assert ">Bases</h2>" in text and ">Spectrum of the code</h2>" in text and ">Forgetting</h2>" in text
