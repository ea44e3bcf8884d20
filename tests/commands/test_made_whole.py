"""Pictures of one's own, without labels: learned, completed and cleaned, each under its name; nothing is lost."""

import cv2
import numpy as np
import pytest

from indeependence import load_dataset

pytestmark = pytest.mark.slow
DIGITS = load_dataset("digits")


@pytest.fixture
def place(tmp_path, ask):
    """The working folder: pictures to learn, noisy ones, some without their upper halves, and a model of the first."""
    folder, rng = tmp_path, np.random.default_rng(0)
    noisy = np.clip(DIGITS.x_test[:8] + rng.normal(0, 51, (8, 8, 8)), 0, 255).astype(np.uint8)
    halves = np.where(np.arange(8)[:, None] < 4, 0, DIGITS.x_test[:8])
    for name, pictures in (("mine", DIGITS.x_train[:300]), ("noisy", noisy), ("halves", halves)):
        (folder / name).mkdir()
        for number, picture in enumerate(pictures):
            cv2.imwrite(str(folder / name / f"{number:03}.png"), picture)
    told = ask("train", "--data", "mine", "--target-data", "none", "--layers", "20", "--model", "m")
    assert told["kind"] == "autoencoder of one side" and "target_shape" not in told
    return folder


def read(folder):
    return np.array([cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in sorted(folder.iterdir())])


def distance(pictures, right):
    return np.sqrt(np.mean((pictures.astype(float) - right) ** 2))


def test_noisy_pictures_come_back_clean_and_halves_whole_of_the_same_size_and_names(place, ask):
    for source, words in (("noisy", ["--clean", 0.2]), ("halves", ["--mask", "top"])):
        out = place / f"whole_{source}"
        told = ask("infer", "--model", "m", "--data", source, *words, "--output", out.name)
        assert told["count"] == 8 and ("error" in told) == (source == "halves")
        assert sorted(path.name for path in out.iterdir()) == sorted(path.name for path in (place / source).iterdir())
        before, after = read(place / source), read(out)
        assert after.shape == before.shape and distance(after, DIGITS.x_test[:8]) < 0.75 * distance(
            before, DIGITS.x_test[:8]
        )
    np.testing.assert_array_equal(after[:, 4:], DIGITS.x_test[:8, 4:])  # what was known stays


@pytest.mark.usefixtures("place")
def test_noise_is_added_by_the_seed_and_taken_out_again(ask):
    first, second = (
        ask("infer", "--model", "m", "--noise", 0.2, "--seed", seed, "--output", "n.png") for seed in (1, 2)
    )
    assert first["error"] < 0.75 * first["error_before"] and first["error"] != second["error"]


def test_nothing_is_overwritten_and_no_picture_comes_back_in_another_size(place, ask, refuse):
    def told(*words):
        return refuse("infer", "--model", "m", *words)

    assert "noisy/000.png is read and would be replaced" in told(
        "--data", "noisy/000.png", "--clean", 0.2, "--output", "noisy", "--overwrite"
    )
    (place / "large").mkdir()
    cv2.imwrite(str(place / "large" / "a.png"), np.zeros((20, 20), np.uint8))
    large = ("--data", "large", "--mask", "left", "--output")
    assert "large/a.png: expected 8x8 pixels, as the model has learned, got 20x20" in told(*large, "out")
    ask("infer", "--model", "m", *large, "grid.png")
    np.save(place / "own.npy", np.zeros(3))
    assert "own.npy is there already and not ours" in told("--data", "noisy", "--mask", "left", "--output", "own.npy")
    (place / "twice").mkdir()
    for name in ("a.png", "a.bmp"):
        cv2.imwrite(str(place / "twice" / name), DIGITS.x_test[0])
    assert "got several for out/a.png" in told("--data", "twice", "--clean", 0.1, "--output", "out")
    assert not (place / "out").exists()


@pytest.mark.usefixtures("place")
def test_what_one_side_cannot_do_is_refused(refuse):
    def told(*words, code=1):
        return refuse("infer", "--model", "m", "--data", "noisy", *words, code=code)

    assert "complete with --mask, or --clean" in told()
    assert "for a model of one side, got --from A alone" in told("--from", "A")
    assert "name one of them" in told("--clean", 0.1, "--noise", 0.1, code=2)
    assert "--seed goes with --noise" in told("--clean", 0.1, "--seed", 1, code=2)
    assert "--infer goes with --mask or --from" in told("--clean", 0.1, "--infer", 5, code=2)
    assert "--top goes with labels" in told("--clean", 0.1, "--top", 5, code=2)


def test_no_picture_that_is_read_is_replaced_whatever_is_said(place, refuse):
    clean = ["infer", "--model", "m", "--data", "noisy", "--clean", 0.2, "--overwrite"]
    assert "is a picture of --data" in refuse(*clean, "--output", "noisy/000.png", code=2)
    cv2.imwrite("mask.png", np.eye(8, dtype=np.uint8) * 255)
    masked = ["infer", "--model", "m", "--data", "noisy", "--mask", "mask.png", "--overwrite"]
    assert "--output and --mask are both mask.png" in refuse(*masked, "--output", "mask.png", code=2)


def test_a_side_that_was_not_learned_is_not_drawn(place, refuse):
    assert "has learned one side, A, got B" in refuse("generate", "--model", "m", "--side", "B", "--output", "b.npy")
