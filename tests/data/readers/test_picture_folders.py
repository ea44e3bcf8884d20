"""Folders of pictures: read, kept in their files, and refused."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone

from indeependence import ContinualClassifier
from indeependence.data.datasets import load_dataset, load_inputs
from indeependence.data.readers import pictures
from indeependence.errors import InputError
from tests.data.small_files import assert_holds, refused, small_data, write_picture


def write_pictures(folder: Path, data: dict[str, np.ndarray], suffix: str = ".png") -> None:
    for part in ("train", "test"):
        for index, (x, y) in enumerate(zip(data[f"x_{part}"], data[f"y_{part}"], strict=True)):
            write_picture(folder / part / str(y) / f"{index:03}{suffix}", x)


@pytest.mark.parametrize("shape", [(5, 6), (5, 6, 3)])
@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif"])
def test_a_folder_of_pictures_a_class_is_read(tmp_path, shape, suffix):
    data = small_data(*shape)
    write_pictures(tmp_path, data, suffix)
    (tmp_path / "train" / ".hidden").mkdir()
    (tmp_path / "train" / "3" / "notes.txt").write_text("no picture")
    assert_holds(load_dataset(tmp_path), data)


@pytest.mark.parametrize("shape", [(5, 4), (5, 4, 3)])
@pytest.mark.parametrize("parts", [True, False])
def test_more_pictures_than_memory_is_meant_for_stay_in_their_files_and_are_the_same(
    tmp_path, monkeypatch, shape, parts
):
    data = small_data(*shape)
    write_pictures(tmp_path, data)
    folder = tmp_path if parts else tmp_path / "train"
    held = load_dataset(folder)
    monkeypatch.setattr(pictures, "IN_MEMORY", 100)
    data = load_dataset(folder)
    for part in ("x_train", "x_test"):
        files, array = getattr(data, part), getattr(held, part)
        assert isinstance(files, pictures.PictureFiles) and isinstance(array, np.ndarray)
        assert (files.shape, files.dtype, files.ndim, files.size) == (array.shape, array.dtype, array.ndim, array.size)
        backwards, some = np.arange(len(array))[::-1], np.arange(len(array)) % 2 == 0
        for rows in (backwards, some, 0, [1, 1]):
            np.testing.assert_array_equal(files[rows], array[rows])
        np.testing.assert_array_equal(files[1:], array[1:])
    np.testing.assert_array_equal(data.y_train, held.y_train)
    model = ContinualClassifier("4", bootstrap_limit=3)
    assert model.fit(data.x_train, data.y_train).moments_.fingerprint == (
        clone(model).fit(held.x_train, held.y_train).moments_.fingerprint
    )
    np.testing.assert_array_equal(model.encoder_(data.x_test), model.encoder_(held.x_test))


def test_a_picture_that_changes_while_it_is_in_use_is_told(tmp_path, monkeypatch):
    write_pictures(tmp_path, small_data(5, 4))
    monkeypatch.setattr(pictures, "IN_MEMORY", 100)
    x = load_dataset(tmp_path).x_train
    for changed in (np.zeros((6, 4), np.uint8), np.random.default_rng(0).integers(0, 256, (5, 4, 3), np.uint8)):
        write_picture(Path(x.paths[2]), changed)
        with pytest.raises(InputError, match=r"\.png has changed while it was in use"):
            _ = x[[0, 2]]


def test_pictures_are_grey_only_if_all_are_grey_however_they_are_stored(tmp_path):
    grey = small_data(4, 4)
    for index, picture in enumerate(grey["x_train"]):
        write_picture(tmp_path / "stored as colour" / f"{index}.png", np.dstack([picture] * 3))
    np.testing.assert_array_equal(load_inputs(tmp_path / "stored as colour"), grey["x_train"])
    colour = np.zeros((4, 4, 3), np.uint8)
    colour[0, 0] = 200, 100, 50
    write_picture(tmp_path / "stored as colour" / "9.png", colour)
    mixed = load_inputs(tmp_path / "stored as colour")
    np.testing.assert_array_equal(mixed[8], colour)
    np.testing.assert_array_equal(mixed[:8], np.repeat(grey["x_train"][..., None], 3, axis=3))


def test_one_level_of_class_folders_is_split(tmp_path):
    for name in ("cat", "dog"):
        for index in range(10):
            write_picture(tmp_path / name / f"{index}.png", np.full((3, 3), index + 100 * (name == "dog"), np.uint8))
    dataset = load_dataset(tmp_path, test_fraction=0.3)
    assert dataset.classes.tolist() == ["cat", "dog"]
    assert sorted(dataset.y_test.tolist()) == ["cat"] * 3 + ["dog"] * 3
    for x, y in ((dataset.x_train, dataset.y_train), (dataset.x_test, dataset.y_test)):
        np.testing.assert_array_equal(x[:, 0, 0] >= 100, y == "dog")


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
@pytest.mark.parametrize("share", [0, 0.5])
def test_damaged_pictures_are_refused_and_opencv_keeps_quiet(tmp_path, capfd, suffix, share):
    write_pictures(tmp_path, small_data(30, 30), suffix)
    path = tmp_path / "train" / "7" / f"005{suffix}"
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    refused(tmp_path, f"005{suffix} is no picture that OpenCV can read; damaged or truncated")
    assert capfd.readouterr() == ("", "")


def test_bad_picture_folders_are_refused(tmp_path):
    refused(tmp_path, "holds no data: expected IDX or .npy files, or one folder of pictures a class")
    (tmp_path / "train").mkdir()
    refused(tmp_path, "class 'train' is empty")
    (tmp_path / "train").rmdir()
    for name in ("cat", "dog"):
        write_picture(tmp_path / name / "1.png", np.zeros((3, 4), np.uint8))
    (tmp_path / "eel").mkdir()
    refused(tmp_path, "class 'eel' is empty: .*eel holds no picture")
