"""Pictures as a model needs them, or in a form chosen here; what was understood is said in one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from indeependence.data.picture_form import PictureForm
from indeependence.data.readers.picture_survey import Size
from indeependence.data.readers.pictures import Pictures, read_pictures
from indeependence.data.reading import Reading
from indeependence.data.sound_form import SoundForm
from indeependence.data.understood import counted, say, some
from indeependence.errors import InputError


@dataclass(frozen=True)
class Given:
    """What is known before pictures are read: how a model reads files, and which size is asked for."""

    reading: Reading | None = None
    size: Size | None = None

    @property
    def sounds(self) -> SoundForm | None:
        """The form of sounds that the model knows."""
        kept = self.reading.sounds if self.reading is not None else None
        return None if kept is None else SoundForm.of_json(kept)


def pictures_as_read(
    source: Path,
    paths: Sequence[Path],
    given: Given,
    *,
    classes: Sequence[str] = (),
    tests: int = 0,
    remarks: Sequence[str] = (),
) -> Pictures:
    """Read pictures from their files ``paths`` below ``source`` and say how.

    Those for a model that has a form get it; raise `InputError` if another size is asked for. Those for a model
    without one stay in their own size unless one is asked for: it knows what it needs, and refuses other shapes.
    """
    if not paths:
        raise InputError(f"{source} holds no data: expected pictures or sounds, or IDX or .npy files")
    kept = given.reading.pictures if given.reading is not None else None
    form = None if kept is None else PictureForm.of_json(kept)
    size = given.size
    if form is not None and size is not None and (size.height, size.width) != (form.height, form.width):
        raise InputError(
            f"the model takes pictures of {form.height}x{form.width} pixels, got --size {size.height}x{size.width}: "
            "leave it out, they are fitted"
        )
    pictures = read_pictures(paths, form, size=size, bounded=given.reading is None)
    count = f"{len(paths) - tests:,} training and {tests:,} test pictures" if tests else counted(len(paths), "picture")
    of = f" of {counted(len(classes), 'class', 'classes')} ({some(classes)})" if classes else ""
    say("; ".join([f"{source}: {count}{of}, {pictures.notes.text()}", *remarks]))
    pictures.notes.warn()
    return pictures
