"""Pictures of all kinds, depths and sizes, and damaged ones."""

import io
import logging
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from indeependence.data import understood
from indeependence.data.datasets import load_dataset
from indeependence.data.inputs import load_inputs, read_inputs
from indeependence.data.picture_form import PictureForm
from indeependence.data.readers import pictures
from indeependence.data.readers.picture_kinds import kind_of
from indeependence.data.readers.picture_survey import Size
from indeependence.data.readers.pictures import read_pictures
from indeependence.data.reading import Reading
from indeependence.errors import InputError
from tests.data.small_files import refused, write_picture

RNG = np.random.default_rng(0)
SMOOTH = cv2.GaussianBlur(RNG.integers(0, 256, (24, 32, 3)).astype(np.uint8), (0, 0), 4)


@pytest.fixture
def said(caplog):
    """What is said of the files."""
    logger = logging.getLogger(understood.__name__)
    level, propagates = logger.level, logger.propagate
    logger.propagate = True
    logger.setLevel(logging.INFO)
    yield lambda: caplog.messages[-1]
    logger.setLevel(level)
    logger.propagate = propagates


def saved(path: Path, picture: np.ndarray, kind: str, mode: str | None = None, **options) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(picture)
    (image.convert(mode) if mode else image).save(path, kind, **options)
    return path


@pytest.mark.parametrize(
    "kind, mode, options, tolerance",
    [
        ("PNG", None, {}, 0),
        ("PNG", "RGBA", {}, 0),
        ("BMP", None, {}, 0),
        ("PPM", None, {}, 0),
        ("TIFF", None, {"compression": "tiff_lzw"}, 0),
        ("TIFF", "RGBA", {}, 0),
        ("WEBP", None, {"lossless": True}, 0),
        ("WEBP", "RGBA", {"lossless": True}, 0),
        ("JPEG2000", None, {}, 1),
        ("JPEG", None, {"quality": 95}, 3),
        ("JPEG", "CMYK", {"quality": 95}, 4),
        ("TIFF", "CMYK", {}, 1),
        ("AVIF", None, {"quality": 95}, 4),
        ("GIF", "P", {}, 25),
        ("PNG", "P", {}, 25),
    ],
)
@pytest.mark.parametrize("name", ["a.png", "a"])
def test_pictures_are_known_by_content_whatever_their_names(tmp_path, name, kind, mode, options, tolerance):
    read = load_inputs(saved(tmp_path / name, SMOOTH, kind, mode, **options))
    assert np.abs(read[0].astype(int) - SMOOTH).mean() <= tolerance


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_every_kind_is_turned_upright(tmp_path, kind, mode):
    if (kind, mode) == ("JPEG", "RGBA"):
        pytest.skip("a JPEG has no alpha channel")
    exif = Image.Exif()
    exif[274] = 6
    read = load_inputs(saved(tmp_path / "a", SMOOTH, kind, mode, exif=exif, quality=95))
    assert read.shape == (1, 32, 24, 3)
    assert np.abs(read[0].astype(int) - np.rot90(SMOOTH, -1)).mean() < 5


def test_names_of_tables_are_never_taken_for_pictures():
    for text in (b"BM,a\n1,2", b"P1,P2\n1,2", b"P1\tP2\n", b"#?a\n"):
        assert kind_of(text) is None


@pytest.mark.parametrize("count", [1, 5])
def test_mixed_sizes_get_one_by_the_median_and_any_later_picture_is_fitted(tmp_path, said, count):
    for i, shape in enumerate([(20, 30), (22, 30), (24, 36)] * count):
        write_picture(tmp_path / "cat" / f"{i}.png", RNG.integers(0, 256, shape, np.uint8))
    dataset = load_dataset(tmp_path, test_fraction=0)
    assert dataset.x_train.shape == (3 * count, 22, 30)
    assert "fitted into 22x30, padded with grey" in said()
    write_picture(tmp_path / "later.png", RNG.integers(0, 256, (300, 200, 3), np.uint8))
    later = read_inputs(tmp_path / "later.png", dataset.reading)
    assert "in colour made grey" in said()
    assert later.x.shape == (1, 22, 30) and later.reading == dataset.reading
    assert read_inputs(tmp_path / "later.png", Reading()).reading.pictures["height"] == 300  # of the picture itself


def test_standing_and_lying_pictures_become_squares_and_large_ones_small(tmp_path):
    for i, shape in enumerate([(300, 400), (400, 300), (300, 400)]):
        write_picture(tmp_path / f"{i}.png", np.zeros(shape, np.uint8))
    assert load_inputs(tmp_path).shape == (3, 64, 64)
    assert load_inputs(tmp_path / "0.png").shape == (1, 55, 74)
    assert read_inputs(tmp_path / "0.png", Reading()).x.shape == (1, 300, 400)  # of a model that needs its shape
    with pytest.raises(InputError, match="0.png is 300x400 and .*1.png is 400x300 pixels; give --size HxW"):
        read_inputs(tmp_path, Reading())
    assert read_inputs(tmp_path, size=Size(9, 5)).x.shape == (3, 9, 5)
    with pytest.raises(InputError, match="takes pictures of 3x4 pixels, got --size 9x5"):
        read_inputs(tmp_path, Reading(pictures=PictureForm(3, 4).as_json()), size=Size(9, 5))
    refused("digits", "--size is for files of pictures or sounds", size=Size(9, 5))


def test_fitting_is_independent_of_order_and_of_where_the_pictures_are_held(tmp_path, monkeypatch):
    paths = []
    for i in range(6):
        write_picture(tmp_path / f"{i}.png", RNG.integers(0, 256, (5 + i, 9 - i, 3), np.uint8))
        paths.append(tmp_path / f"{i}.png")
    held = read_pictures(paths)
    np.testing.assert_array_equal(read_pictures(paths[::-1], held.form).x, held.x[::-1])
    assert read_pictures(paths[::-1]).form == held.form
    monkeypatch.setattr(pictures, "IN_MEMORY", 100)
    files = read_pictures(paths)
    assert isinstance(files.x, pictures.PictureFiles)
    np.testing.assert_array_equal(np.asarray(files.x), held.x)


def test_a_ten_bit_camera_is_scaled_by_its_own_range_also_where_one_pixel_is_hot(tmp_path, said):
    frames = RNG.integers(1030, 1131, (4, 40, 40)).astype(np.uint16)
    frames[0, 0, :2] = 65535, 0
    for i, frame in enumerate(frames):
        write_picture(tmp_path / "cat" / f"{i}.png", frame)
    dataset = load_dataset(tmp_path, test_fraction=0)
    assert "uint16 from 1005 to 1155 scaled" in said()
    np.testing.assert_array_equal(dataset.x_train[1], np.rint((frames[1] - 1005.0) * 255 / 150))
    write_picture(tmp_path / "bright.png", frames[1] + 200)
    with pytest.warns(UserWarning, match="100% of the values of these pictures are beyond the range"):
        assert (read_inputs(tmp_path / "bright.png", dataset.reading).x == 255).all()


@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.uint32, np.float32, np.float64, np.int8])
def test_signed_and_floating_tiffs_keep_their_order(tmp_path, dtype):
    ramp = (np.arange(-60, 61, 2).reshape(1, -1) + (60 if np.dtype(dtype).kind == "u" else 0)).astype(dtype)
    (tmp_path / "a.tif").write_bytes(cv2.imencode(".tif", ramp)[1].tobytes())
    found = load_inputs(tmp_path / "a.tif")[0, 0].astype(int)
    assert (np.diff(found) > 0).all() and found[-1] - found[0] > 120


@pytest.mark.parametrize("levels, background", [([0], 255), ([255], 0), ([0, 255], 128)])
def test_a_shape_that_is_only_in_the_alpha_channel_is_seen(tmp_path, said, levels, background):
    for i, level in enumerate(levels * 2):
        icon = np.full((8, 8, 4), level, np.uint8)
        icon[..., 3] = 0
        icon[2:6, 2:6, 3] = 255
        saved(tmp_path / f"{i}.png", icon, "PNG")
    found = load_inputs(tmp_path)
    assert (found[:, 0, 0] == background).all()
    assert (np.abs(found[:, 3, 3].astype(int) - found[:, 0, 0]) > 100).all()
    assert "transparent, in front of" in said()


def test_a_shape_as_bright_as_the_background_is_named(tmp_path):
    icon = np.full((8, 8, 4), 255, np.uint8)
    icon[:4, :, 3] = 0
    saved(tmp_path / "white.png", icon, "PNG")
    with pytest.warns(UserWarning, match="1 shape as bright as the background, white.*white.png"):
        read_inputs(tmp_path / "white.png", Reading(pictures=PictureForm(8, 8).as_json()))


def test_an_unused_alpha_channel_changes_nothing(tmp_path):
    for alpha in (0, 255):
        whole = np.dstack([SMOOTH, np.full(SMOOTH.shape[:2], alpha, np.uint8)])
        np.testing.assert_array_equal(load_inputs(saved(tmp_path / "a.png", whole, "PNG"))[0], SMOOTH)


def test_of_several_frames_the_first_is_taken_and_said(tmp_path, said):
    more = [Image.fromarray(255 - SMOOTH)]
    saved(tmp_path / "a.webp", SMOOTH, "WEBP", save_all=True, append_images=more, lossless=True)
    np.testing.assert_array_equal(load_inputs(tmp_path / "a.webp")[0], SMOOTH)
    assert "of 1 with several frames the first" in said()


def test_a_damaged_jpeg_that_still_decodes_is_named_and_nothing_is_printed(tmp_path, capfd):
    buffer = io.BytesIO()
    Image.fromarray(cv2.resize(SMOOTH, (320, 240))).save(buffer, "JPEG", quality=90)
    data = buffer.getvalue()
    (tmp_path / "hurt.jpg").write_bytes(data[: len(data) // 2] + b"\xff\xd9")
    with pytest.warns(UserWarning, match="1 damaged picture.*hurt.jpg .*premature end"):
        load_inputs(tmp_path / "hurt.jpg")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "PPM", "JPEG2000", "AVIF"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_picture_cut_in_half_is_refused_by_name(tmp_path, capfd, kind, mode):
    if mode == "RGBA" and kind in ("JPEG", "PPM"):
        pytest.skip("has no alpha channel")
    big = RNG.integers(0, 256, (60, 80, 3)).astype(np.uint8)
    path = saved(tmp_path / "cut", big, kind, mode)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(InputError, match="cut is no picture that OpenCV can read"):
        load_inputs(path)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "content, word", [(b"<!DOCTYPE html>", "a web page"), (b"\0\0\0\x18ftypheic" + bytes(40), "HEIC")]
)
def test_what_only_has_the_name_of_a_picture_is_refused_by_what_it_is(tmp_path, content, word):
    (tmp_path / "a.jpg").write_bytes(content)
    with pytest.raises(InputError, match=f"a.jpg is no picture that OpenCV can read; it is {word}"):
        load_inputs(tmp_path / "a.jpg")


def planar_tiff(values: np.ndarray) -> bytes:
    """The bytes of an uncompressed TIFF of 16-bit values ``[3, H, W]``, one channel after another."""
    _, height, width = values.shape
    size, first = values[0].nbytes, 8 + 2 + 12 * 10 + 4
    lists = np.array([16] * 3, "<u2").tobytes() + np.array([first + 30 + size * k for k in range(3)], "<u4").tobytes()
    lists += np.array([size] * 3, "<u4").tobytes()
    tags = [(256, 3, 1, width), (257, 3, 1, height), (258, 3, 3, first), (259, 3, 1, 1), (262, 3, 1, 2)]
    tags += [(273, 4, 3, first + 6), (277, 3, 1, 3), (278, 3, 1, height), (279, 4, 3, first + 18), (284, 3, 1, 2)]
    entries = b"".join(
        np.array([tag, kind], "<u2").tobytes() + np.array([count, value], "<u4").tobytes()
        for tag, kind, count, value in tags
    )
    start = b"II*\0" + np.uint32(8).tobytes() + np.uint16(len(tags)).tobytes()
    return start + entries + bytes(4) + lists + values.astype("<u2").tobytes()


def test_a_deep_tiff_with_channels_apart_is_refused_since_opencv_misreads_it(tmp_path):
    (tmp_path / "apart.tif").write_bytes(planar_tiff(RNG.integers(0, 900, (3, 16, 16))))
    with pytest.raises(InputError, match="apart.tif is a TIFF that keeps its deep colours apart"):
        load_inputs(tmp_path / "apart.tif")


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("kind", ["pfm", "tiff"])
def test_a_pixel_that_is_no_number_is_refused_by_the_name_of_its_file(tmp_path, kind, odd):
    for name in ("a", "b"):
        for number in range(3):
            picture = RNG.random((8, 8, 3)).astype(np.float32)
            if name == "b" and number == 2:
                picture[3, 4, 1] = odd
            (tmp_path / name).mkdir(exist_ok=True)
            cv2.imwrite(str(tmp_path / name / f"{number}.{kind}"), picture)
    refused(tmp_path, f"b/2.{kind} has pixels that are NaN or infinite")
    (tmp_path / "b" / f"2.{kind}").unlink()
    assert len(load_dataset(tmp_path, test_fraction=0).x_train) == 5
