"""Folders of pictures: read, kept in their files, and refused."""

import json
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from sklearn.base import clone

from indeependence import ContinualClassifier
from indeependence.commands import cli
from indeependence.data.datasets import load_dataset
from indeependence.data.inputs import load_inputs, read_inputs
from indeependence.data.readers import pictures
from indeependence.data.readers.picture_folders import picture_folder, tree_of
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


def write_classes(folder: Path, names=("cat", "dog"), count: int = 3) -> Path:
    for number, name in enumerate(names):
        for index in range(count):
            write_picture(folder / name / f"{index}.png", np.full((3, 3), index + 100 * number, np.uint8))
    return folder


def test_a_folder_around_all_and_what_archives_leave_are_passed_over(tmp_path):
    inner = write_classes(tmp_path / "download" / "download")
    (tmp_path / "__MACOSX" / "download").mkdir(parents=True)
    (tmp_path / "__MACOSX" / "download" / "._0.png").write_bytes(b"no picture")
    for name in (".DS_Store", "cat/Thumbs.db", "cat/._0.png", "dog/notes.txt"):
        (inner / name).write_bytes(b"\xd0\xcf")
    found = picture_folder(tmp_path)
    assert found.train.classes == ("cat",) * 3 + ("dog",) * 3
    assert found.remarks == ("passed over 5 that are no pictures: __MACOSX/, .DS_Store, cat/._0.png, …",)


def test_subfolders_of_a_class_belong_to_it_and_are_said(tmp_path):
    write_classes(tmp_path)
    write_picture(tmp_path / "cat" / "sub" / "deep" / "9.png", np.zeros((3, 3), np.uint8))
    found = picture_folder(tmp_path)
    assert found.train.classes == ("cat",) * 4 + ("dog",) * 3
    assert found.remarks == ("with those in 1 subfolder of classes (sub)",)


@pytest.mark.parametrize(
    "parts, train, test, remark",
    [
        (("train", "test", "valid"), "train", "test", "6 validation pictures left out"),
        (("TRAIN", "Test"), "TRAIN", "Test", None),
        (("Training", "VAL"), "Training", "VAL", "6 validation pictures to test on"),
        (("train",), "train", None, None),
    ],
)
@pytest.mark.parametrize("wrapped", ["", "around"])
def test_parts_count_in_any_case_and_validation_is_never_learned(tmp_path, parts, train, test, remark, wrapped):
    for part in parts:
        write_classes(tmp_path / wrapped / part)
    found = picture_folder(tmp_path)
    assert {path.parent.parent.name for path in found.train.paths} == {train}
    assert {path.parent.parent.name for path in found.test.paths} == ({test} if test else set())
    assert found.remarks == ((remark,) if remark else ())


def test_parts_inside_of_classes_are_parts_too(tmp_path):
    for part in ("train", "test"):
        for number, name in enumerate(("cat", "dog")):
            write_picture(tmp_path / name / part / "1.png", np.full((3, 3), number, np.uint8))
    found = picture_folder(tmp_path)
    assert {path.parent.name for path in found.train.paths} == {"train"} and found.train.classes == ("cat", "dog")
    assert {path.parent.name for path in found.test.paths} == {"test"} and found.test.classes == ("cat", "dog")


def test_train_may_be_the_name_of_a_class_but_not_of_all(tmp_path):
    write_classes(tmp_path, ("bus", "train"))
    assert load_dataset(tmp_path, test_fraction=0).classes.tolist() == ["bus", "train"]
    write_classes(tmp_path / "flat", ("train", "test"))
    refused(tmp_path / "flat", "holds pictures in test, train, without classes: expected train/CLASS and test/CLASS")
    write_classes(tmp_path / "only" / "test")
    refused(tmp_path / "only", "has only one of train and test")


def test_pictures_without_a_class_are_left_out_and_said(tmp_path):
    write_classes(tmp_path)
    write_picture(tmp_path / "cover.png", np.zeros((3, 3), np.uint8))
    assert picture_folder(tmp_path).remarks == ("left out 1 picture without a class: cover.png",)
    refused(tmp_path / "cat", "holds pictures and no folders")


def test_links_in_a_circle_end(tmp_path):
    write_classes(tmp_path)
    (tmp_path / "cat" / "up").symlink_to(tmp_path)
    (tmp_path / "dog" / "gone.png").symlink_to("nowhere")
    found = picture_folder(tmp_path)
    assert len(found.train.paths) == 6
    assert found.remarks == ("passed over 2 that are no pictures: cat/up/, dog/gone.png",)


def test_names_of_classes_stay_as_written_and_accents_are_one(tmp_path):
    write_classes(tmp_path / "numbers", ("01", "1"))
    assert load_dataset(tmp_path / "numbers", test_fraction=0).classes.tolist() == ["01", "1"]
    for part, form in (("train", "NFC"), ("test", "NFD")):
        write_classes(tmp_path / "accents" / part, (unicodedata.normalize(form, "café"), "dog"))
    assert load_dataset(tmp_path / "accents").classes.tolist() == ["café", "dog"]


def test_a_class_without_a_readable_picture_names_what_it_holds(tmp_path):
    write_classes(tmp_path)
    (tmp_path / "eel").mkdir()
    (tmp_path / "eel" / "IMG_1.HEIC").write_bytes(b"\0\0\0\x18ftypheic" + bytes(40))
    refused(tmp_path, r"class 'eel' is empty: .*eel holds no picture that can be read \(IMG_1.HEIC\)")


def test_inputs_of_a_folder_of_classes_have_names_and_labels(tmp_path):
    write_classes(tmp_path)
    found = read_inputs(tmp_path)
    assert found.names == tuple(f"{name}/{index}.png" for name in ("cat", "dog") for index in range(3))
    assert found.labels.tolist() == ["cat"] * 3 + ["dog"] * 3
    own = read_inputs(tmp_path / "cat")
    assert own.names == ("0.png", "1.png", "2.png") and own.labels is None
    assert read_inputs(tmp_path / "cat" / "2.png").names == ("2.png",)
    write_classes(tmp_path / "parts" / "train")
    write_classes(tmp_path / "parts" / "test", count=1)
    assert read_inputs(tmp_path / "parts").names == ("test/cat/0.png", "test/dog/0.png")


def test_a_model_keeps_the_form_and_learns_infers_and_forgets_by_it(tmp_path):
    write_classes(tmp_path / "small")
    for index in range(4):
        write_picture(tmp_path / "large" / "cat" / f"{index}.png", np.full((50, 40, 3), (index, 9, 7), np.uint8))
    model = str(tmp_path / "m")

    def run(*words):
        result = CliRunner().invoke(cli, [*words, "--model", model, "--json"], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout), result.stderr

    output = ["--output", str(tmp_path / "out")]
    before, said = run("train", "--data", str(tmp_path / "small"), "--layers", "4", *output)
    assert "small: 6 pictures of 2 classes (cat, dog), grey, 3x3 pixels" in said
    after, said = run("train", "--data", str(tmp_path / "large"), "--load", *output)
    assert "50x40 pixels, fitted into 3x3, padded with grey" in said and after["examples"] == 10
    answers, _ = run("infer", "--data", str(tmp_path / "large"))
    assert len(answers["answers"]) == 4
    forgotten, _ = run("forget", "--examples", str(tmp_path / "large"))
    assert forgotten["model_sha256"] == before["model_sha256"]


def test_folders_whose_links_multiply_are_refused(tmp_path):
    for number in range(10):
        (tmp_path / str(number)).mkdir()
        for other in range(10):
            (tmp_path / str(number) / f"to{other}").symlink_to(f"../{other}")
    with pytest.raises(InputError, match="is reached by many links; expected folders of classes"):
        tree_of(tmp_path)


def test_folders_deeper_than_any_class_are_refused(tmp_path):
    (tmp_path / "/".join("d" * 200)).mkdir(parents=True)
    with pytest.raises(InputError, match="has more than 100 folders above it"):
        tree_of(tmp_path)


def test_two_folders_whose_names_only_unicode_tells_apart_are_refused(tmp_path):
    for form in ("NFC", "NFD"):
        for number in range(3):
            write_picture(
                tmp_path / unicodedata.normalize(form, "caf\u00e9") / f"{number}.png", np.eye(4, dtype=np.uint8)
            )
    with pytest.raises(InputError, match=r"two folders 'caf\u00e9' that only Unicode tells apart .*: rename one"):
        load_dataset(tmp_path)
