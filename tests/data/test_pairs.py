"""Two sources as pairs: matched by names or by rows, and refused in one line where they do not match."""

import logging
import wave

import cv2
import numpy as np
import pytest

from indeependence.data.datasets import load_dataset
from indeependence.data.inputs import read_inputs
from indeependence.data.pairs import load_pairs, read_pairs
from indeependence.data.reading import Reading
from indeependence.data.selection import Source
from indeependence.data.sound_form import SoundForm
from indeependence.errors import InputError


def pictures(folder, names, size=8):
    folder.mkdir()
    for number, name in enumerate(names):
        cv2.imwrite(str(folder / name), np.full((size, size), number, np.uint8))
    return folder


def tone(path, pitch, *, rate=8000, seconds=0.25, channels=1, width=2):
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = np.sin(2 * np.pi * pitch * np.arange(int(rate * seconds)) / rate)
    whole = np.repeat((samples * 30000).astype("<i2")[:, None], channels, axis=1)
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, width, rate, 0, "NONE", ""))
        file.writeframes(whole.tobytes() if width == 2 else ((whole >> 8) + 128).astype(np.uint8).tobytes())
    return path


def test_files_of_two_folders_belong_together_by_their_names_whatever_their_endings(tmp_path):
    a = pictures(tmp_path / "a", ["one.png", "two.png", "three.png"])
    for name, pitch in (("three", 300), ("one", 100), ("two", 200)):
        tone(tmp_path / "b" / f"{name}.wav", pitch)
    found = load_pairs(Source(str(a)), str(tmp_path / "b"))
    assert found.names == ("one", "three", "two") and found.x_train[:, 0, 0].tolist() == [0, 2, 1]
    loudest = found.y_train.astype(int).sum(2).argmax(1)
    assert loudest[0] > loudest[2] > loudest[1]  # low bands last
    again = load_pairs(Source(str(a)), str(tmp_path / "b"), Reading.of(found.reading.header()))
    assert (again.y_train == found.y_train).all()


def test_a_missing_partner_is_named(tmp_path):
    a = pictures(tmp_path / "a", ["one.png", "two.png", "five.png"])
    b = pictures(tmp_path / "b", ["one.png"])
    with pytest.raises(InputError, match="b has no partner for 2 of 3: five, two; expected the same names"):
        read_pairs(Source(str(a)), str(b))
    with pytest.raises(InputError, match="b has no partner for 2 of 3"):
        read_pairs(Source(str(b)), str(a))
    twice = pictures(tmp_path / "c", ["one.png", "one.jpg"])
    with pytest.raises(InputError, match="several examples called one"):
        read_pairs(Source(str(twice)), str(b))


def test_two_arrays_in_one_file_and_rows_of_two_tables(tmp_path):
    x, y = np.arange(12.0).reshape(4, 3), np.arange(8.0).reshape(4, 2)
    both = tmp_path / "both.npz"
    np.savez(both, x=x, y=y)
    found = load_pairs(Source(str(both)), str(both))
    assert (found.x_train == x).all() and (found.y_train == y).all()
    (tmp_path / "a.csv").write_text("who,p,q\nann,1,2\nbob,3,4\n")
    (tmp_path / "b.csv").write_text("who,r\nbob,30\nann,10\n")
    by_id = read_pairs(Source(str(tmp_path / "a.csv"), id="who"), str(tmp_path / "b.csv"))
    assert by_id.targets.x.tolist() == [[10], [30]] and by_id.reading.other.columns == ("r",)
    (tmp_path / "c.csv").write_text("r\n1\n2\n3\n")
    with pytest.raises(InputError, match=r"got 3 in .*c.csv and 2 in .*a.csv"):
        read_pairs(Source(str(tmp_path / "a.csv")), str(tmp_path / "c.csv"))


def test_sounds_by_class_are_a_data_set(tmp_path):
    for name, pitch in (("low", 150), ("high", 1500)):
        for number in range(3):
            tone(tmp_path / "s" / name / f"{number}.wav", pitch + number, channels=1 + number % 2)
    found = load_dataset(tmp_path / "s", test_fraction=0)
    assert found.x_train.shape == (6, 32, 32) and found.classes.tolist() == ["high", "low"]
    assert found.reading.sounds == {"rate": 8000, "seconds": 0.25, "height": 32, "width": 32}
    asked = tone(tmp_path / "asked.wav", 150, rate=16000, width=1)
    read = read_inputs(asked, found.reading).x[0].astype(int)
    far = [np.abs(read - found.x_train[found.y_train == name].mean(0)).mean() for name in ("low", "high")]
    assert far[0] < far[1] / 2  # another rate and width sound alike


def test_the_loudest_sound_is_white_and_silence_is_black():
    time = np.arange(8000) / 8000
    assert SoundForm(8000, 1.0).of(np.sin(2 * np.pi * 500 * time)).max() > 200
    assert not SoundForm(8000, 1.0).of(np.zeros(10)).any()


@pytest.mark.parametrize("damage", [b"", b"RIFF....WAVE", b"RIFF\xff\xff\xff\x7fWAVEfmt \x10\0\0\0" + b"\0" * 16])
def test_a_damaged_sound_is_refused(tmp_path, damage):
    path = tmp_path / "x.wav"
    path.write_bytes(damage)
    with pytest.raises(InputError, match="x.wav"):
        read_inputs(path)


def test_a_sound_that_is_cut_off_or_too_long_is_refused(tmp_path):
    path = tone(tmp_path / "x.wav", 100)
    whole = path.read_bytes()
    path.write_bytes(whole[:40])
    with pytest.raises(InputError, match="x.wav"):
        read_inputs(path)
    tone(path, 100, rate=1000, seconds=61)
    with pytest.raises(InputError, match="cut it into shorter ones"):
        read_inputs(path)


def test_a_sound_with_fewer_samples_than_it_says_is_refused_and_a_stream_is_read(tmp_path):
    path = tone(tmp_path / "x.wav", 300)
    whole, sound = path.read_bytes(), read_inputs(path).x
    path.write_bytes(whole[:-1000])
    with pytest.raises(InputError, match="x.wav: 1,000 bytes of its samples are missing"):
        read_inputs(path)
    path.write_bytes(whole[:40] + b"\xff\xff\xff\xff" + whole[44:])  # as programs write to a pipe
    np.testing.assert_array_equal(read_inputs(path).x, sound)


def test_pictures_among_sounds_are_told(tmp_path, caplog):
    for name in ("low", "high"):
        tone(tmp_path / "s" / name / "1.wav", 300)
    cv2.imwrite(str(tmp_path / "s/low/cover.png"), np.zeros((8, 8), np.uint8))
    with pytest.raises(InputError, match=r"holds pictures \(low/cover.png\) and sounds \(1.wav\): take either"):
        load_dataset(tmp_path / "s")
    with caplog.at_level(logging.INFO, "indeependence.data.understood"):
        read_inputs(tmp_path / "s/low")
    assert "passed over 1 that is no picture: 1.wav" in caplog.text
