"""Autoencoders of labels: as a classifier in an experiment, and in the original program's loop."""

import numpy as np
import pytest

from indeependence import evaluate, load_dataset, split_tasks
from indeependence.data.scenarios import stream_tasks
from indeependence.errors import InputError
from indeependence.models.autoencoder.labelled import LabelledAutoencoder
from indeependence.models.autoencoder.online import Pace, run
from indeependence.report.pictures.grid import grid, write_png
from indeependence.report.pictures.online import error_text

pytestmark = pytest.mark.slow  # seconds, or many of them


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


def stream(model, dataset, count, **pace):
    return list(run(model, zip(dataset.x_train[:count], dataset.y_train[:count].tolist(), strict=True), Pace(**pace)))


def fresh(dataset, layers="30", **options):
    return LabelledAutoencoder(range(10), layers, **{"frozen": False, **options}).bootstrap(
        dataset.x_train[:1], dataset.y_train[:1]
    )


def test_classes_learned_two_at_a_time_are_remembered_by_sums_and_forgotten_by_averages(digits):
    scenario = split_tasks(digits, tasks=5)
    exact = evaluate(scenario, LabelledAutoencoder(range(10), "60"))
    fading = evaluate(scenario, LabelledAutoencoder(range(10), "60", coeff=0.02))
    assert exact.average_accuracy > 0.96 and exact.forgetting < 0.05 and exact.stored_examples == 0
    assert fading.average_accuracy < 0.5 and fading.forgetting > 0.5
    assert fading.learning_accuracy > 0.9  # each task was learned, and then forgotten


def test_the_order_of_an_exact_stream_leaves_no_trace(digits):
    model = LabelledAutoencoder(range(10), "40").bootstrap(digits.x_train[:200])
    prints = set()
    for order in (np.arange(500), np.arange(500)[::-1]):
        model.reset()
        model.learn([(digits.x_train[order[i : i + 77]], digits.y_train[order[i : i + 77]]) for i in range(0, 500, 77)])
        prints.add(model.moments_.fingerprint)
    assert len(prints) == 1


def test_vectors_of_any_numbers_and_names_are_learned():
    rng = np.random.default_rng(0)
    names = np.array(["low", "high"])[rng.integers(0, 2, 200)]
    rows = 1e3 * rng.standard_normal((200, 6)) + 3e3 * (names == "high")[:, None]
    model = LabelledAutoencoder(["high", "low"]).bootstrap(rows[:50]).learn([(rows[:150], names[:150])])
    assert np.mean(model.predict(rows[150:]) == names[150:]) > 0.95


def test_a_stream_without_boundaries_is_an_experiment_too(digits):
    assert evaluate(stream_tasks(digits, parts=3), LabelledAutoencoder(range(10), "60")).average_accuracy > 0.95


def test_the_running_error_is_that_of_guesses_made_before_learning(digits):
    model = fresh(digits)
    steps = stream(model, digits, 300, evaluation=0.05)
    error = 1.0
    for step, label in zip(steps, digits.y_train, strict=False):
        error += 0.05 * ((step.predicted != label) - error)
        assert step.label == label and step.error == pytest.approx(error)
    assert steps[0].predicted is None and steps[-1].error < 0.2
    assert model.moments_.count == 300 and 0 < model.autoencoder.drift[0] < 0.5


def test_a_run_goes_on_where_it_stopped(digits, tmp_path):
    model = fresh(digits)
    stream(model, digits, 400)
    model.save(tmp_path / "m")
    again = LabelledAutoencoder.load(tmp_path / "m")
    np.testing.assert_array_equal(again.predict(digits.x_test), model.predict(digits.x_test))
    assert stream(again, digits, 50)[0].predicted is not None
    assert again.moments_.count == 450


@pytest.mark.parametrize("method", ["closed", "adam"])
def test_labels_can_be_inferred_step_by_step_while_learning(digits, method):
    steps = stream(fresh(digits, "12"), digits, 60, method=method, infer=16, evaluation=0.05)
    assert steps[-1].error < 0.85


def test_labels_that_were_not_said_and_other_shapes_are_refused(digits):
    model = fresh(digits)
    with pytest.raises(InputError, match="expected labels among 0, 1, .*, got 11"):
        model.targets([11])
    with pytest.raises(InputError, match="expected inputs of shape 8x8, as at first, got 4x8"):
        model.quantised(digits.x_test[:, :4])


def test_an_autoencoder_saved_without_labels_is_refused(digits, tmp_path):
    fresh(digits).autoencoder.save(tmp_path / "m")
    with pytest.raises(InputError, match="expected an autoencoder with labels, got one without labels or pairs: name"):
        LabelledAutoencoder.load(tmp_path / "m")


def test_the_curve_as_text_is_short_and_ends_with_the_last_example():
    lines = error_text(np.linspace(1, 0, 1000)).splitlines()
    assert len(lines) == 60 and lines[-1].split() == ["1000", "0.0000"]


def test_a_grid_holds_every_picture_in_its_place(tmp_path):
    import cv2

    pictures = np.arange(5, dtype=np.uint8)[:, None, None].repeat(3, 1).repeat(5, 2)
    whole = grid(pictures, columns=2, zoom=2)
    assert [whole[2 + 8 * (i // 2) + 3, 2 + 12 * (i % 2)] for i in range(5)] == [0, 1, 2, 3, 4]
    assert (whole[:, 12:14] == 255).all() and (whole[8:10] == 255).all()  # the gaps
    write_png(tmp_path / "g.png", whole)
    np.testing.assert_array_equal(cv2.imread(str(tmp_path / "g.png"), cv2.IMREAD_GRAYSCALE), whole)


def test_weights_of_examples_are_refused_and_change_nothing(digits):
    model = fresh(digits, "5")
    with pytest.raises(InputError, match="leave sample_weight out, or repeat examples"):
        model.learn([(digits.x_train[:4], digits.y_train[:4])], sample_weight=[1, 2, 1, 1])
    assert model.moments_.count == 0
