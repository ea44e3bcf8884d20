"""Small files that claim much: refused by their headers, in one line, before they take memory or time."""

import io
import struct
import weakref
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from indeependence.data.picture_form import PictureForm
from indeependence.data.readers import picture_survey
from indeependence.data.readers.decoding import decoded
from indeependence.data.readers.picture_claims import directory
from indeependence.data.readers.pictures import read_pictures
from indeependence.errors import InputError

SIDE = 60_000


def png(width, height, depth=8, colour=0, pixels=b""):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = (b"IHDR", head), (b"IDAT", pixels or zlib.compress(bytes((width + 1) * height % (1 << 20)))), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def tiff(width, height, bits=8, directories=1):
    tags = {256: width, 257: height, 258: bits, 259: 1, 262: 1, 273: 0, 277: 1, 278: height, 279: 16}
    size = 2 + 12 * len(tags) + 4
    tags[273] = 8 + size * directories
    body = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    nexts = [*(8 + size * number for number in range(1, directories)), 0]
    each = (struct.pack("<H", len(tags)) + body + struct.pack("<I", place) for place in nexts)
    return b"II*\0" + struct.pack("<I", 8) + b"".join(each) + bytes(range(16))


def jpeg(scans, size=None):
    file = io.BytesIO()
    Image.new("L", (64, 64), 9).save(file, "JPEG", progressive=True)
    data = file.getvalue()
    last = data.rindex(b"\xff\xda")
    data = data[:-2] + data[last:-2] * scans + data[-2:]
    at = data.index(b"\xff\xc2")
    return data if size is None else data[: at + 5] + struct.pack(">HH", *size) + data[at + 9 :]


CLAIMS = {
    "PNG": png(SIDE, SIDE),
    "TIFF": tiff(SIDE, SIDE),
    "GIF": b"GIF89a" + struct.pack("<HH", SIDE, SIDE) + bytes(20),
    "BMP": b"BM" + struct.pack("<IHHIIii", 54, 0, 0, 54, 40, SIDE, -SIDE) + bytes(30),
    "WebP": b"RIFF" + struct.pack("<I", 30) + b"WEBPVP8L" + struct.pack("<I", 18) + b"\x2f\xff\xff\xff\x0f" + bytes(13),
    "WebP of parts": b"RIFF\x1e\0\0\0WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + b"\x60\xea\0" * 2,
    "PNM": f"P6\n# large\n{SIDE} {SIDE}\n255\n".encode(),
    "HDR": f"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y {SIDE} +X {SIDE}\n".encode(),
    "JPEG 2000": b"\xff\x4f\xff\x51" + struct.pack(">HHIIIIIIIIHB", 41, 0, SIDE, SIDE, *(0,) * 6, 1, 7) + bytes(20),
    "JPEG": jpeg(0, (SIDE, SIDE)),
}


@pytest.mark.parametrize("kind", CLAIMS)
def test_a_picture_that_claims_too_many_pixels_is_refused(kind):
    with pytest.raises(InputError, match=r"p claims .* pixels; expected at most 67,108,864: make it smaller$"):
        decoded(CLAIMS[kind], "p")


@pytest.mark.parametrize(
    "data", [png(8192, 8192, 16, 2), png(8000, 8000, 16, 6), tiff(8000, 8000, 64)], ids=["RGB", "RGBA", "TIFF"]
)
def test_deep_values_count_by_their_bytes(data):
    with pytest.raises(InputError, match=r"pixels of [68] bytes; expected at most 268,435,456 bytes"):
        decoded(data, "p")


@pytest.mark.parametrize("data", [jpeg(600), jpeg(100, (8000, 8000))], ids=["many", "large"])
def test_a_jpeg_of_many_scans_is_refused(data):
    with pytest.raises(InputError, match=r"goes over its .* pixels \d+ times; expected about ten scans"):
        decoded(data, "p")


def test_a_usual_progressive_jpeg_is_read():
    assert decoded(jpeg(0), "p").values.shape == (64, 64)


def test_a_png_that_holds_more_than_its_pixels_is_refused():
    with pytest.raises(InputError, match="for 8x8 pixels; expected no more than they need"):
        decoded(png(8, 8, pixels=zlib.compress(bytes(100_000_000), 9)), "p")
    assert decoded(png(8, 8, pixels=zlib.compress(bytes(72), 0)), "p").values.shape == (8, 8)


def test_directories_of_a_tiff_are_not_walked_through(tmp_path):
    (tmp_path / "p.tif").write_bytes(tiff(4, 4, directories=30_000))
    header = picture_survey.header_of(tmp_path / "p.tif")  # Pillow would take minutes to count them
    assert header.several and (header.height, header.width) == (4, 4)
    assert directory(tiff(4, 5)) == ({**directory(tiff(4, 5))[0], 256: 4, 257: 5}, 0)


def test_deep_values_become_the_same_levels_by_a_table_and_in_parts(monkeypatch):
    form = PictureForm(8, 8, ranges={"int16": (-300.0, 7000.0), "float32": (0.0, 1.0)})
    rng = np.random.default_rng(0)
    for values in (rng.integers(-(2**15), 2**15, (300, 400, 3), np.int16), rng.normal(0.5, 1, (300, 400)).astype("f4")):
        low, high = form.range_of(values.dtype)
        plain = np.rint((np.clip(values.astype(float), low, high) - low) * 255 / (high - low))
        assert np.array_equal(form.levels(values[..., ::-1]), plain[..., ::-1].astype(np.uint8))


def test_of_many_large_pictures_one_is_held_at_a_time(tmp_path, monkeypatch):
    alive, most = weakref.WeakSet(), [0]

    def counted(data, path):
        picture = decoded(data, path)
        alive.add(picture)
        most[0] = max(most[0], len(alive))
        return picture

    monkeypatch.setattr(picture_survey, "decoded", counted)
    paths = [tmp_path / f"{number}.png" for number in range(30)]
    for path in paths:
        cv2.imwrite(str(path), np.random.default_rng(0).integers(0, 65536, (6, 6, 4), np.uint16))
    read_pictures(paths)
    assert 1 <= most[0] <= 2
