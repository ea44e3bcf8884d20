"""Small data sets, and the files that hold them."""

import gzip
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import settings

from indeependence.data.datasets import Dataset, load_dataset
from indeependence.errors import InputError

laws = settings(derandomize=True, max_examples=25, deadline=None)
PARTS = ("x_train", "y_train", "x_test", "y_test")


def small_data(*shape: int) -> dict[str, np.ndarray]:
    """Eight training and four test examples of two classes, sorted by class."""
    rng = np.random.default_rng(2)
    return {
        "x_train": rng.integers(0, 256, (8, *shape), dtype=np.uint8),
        "y_train": np.repeat(np.array([3, 7]), 4),
        "x_test": rng.integers(0, 256, (4, *shape), dtype=np.uint8),
        "y_test": np.repeat(np.array([3, 7]), 2),
    }


def assert_holds(dataset: Dataset, expected: dict[str, np.ndarray]) -> None:
    for part in PARTS:
        found = getattr(dataset, part)
        np.testing.assert_array_equal(found, expected[part])
        assert found.dtype == expected[part].dtype


def idx_bytes(array: np.ndarray) -> bytes:
    sizes = np.array(array.shape, dtype=">u4").tobytes()
    return bytes([0, 0, 8, array.ndim]) + sizes + array.astype(np.uint8).tobytes()


def write_idx(folder: Path, data: dict[str, np.ndarray], mark: str = "-", packed: str = "") -> None:
    for part, stem in zip(PARTS, ("train-images", "train-labels", "t10k-images", "t10k-labels"), strict=True):
        n = 1 if "labels" in stem else 3
        content = idx_bytes(data[part])
        path = folder / f"{stem}{mark}idx{n}-ubyte{packed}"
        path.write_bytes(gzip.compress(content) if packed else content)


def write_npy(folder: Path, data: dict[str, np.ndarray]) -> None:
    for part, array in data.items():
        np.save(folder / f"{part}.npy", array)


def write_picture(path: Path, rgb: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    encoded = cv2.imencode(path.suffix, rgb[..., ::-1] if rgb.ndim == 3 else rgb)[1]
    path.write_bytes(encoded.tobytes())


def as_npz(path: Path, **changes: np.ndarray) -> str:
    np.savez(path / "some.npz", **(small_data(4, 4) | changes))
    return str(path / "some.npz")


def refused(source: object, message: str, **options: object) -> None:
    with pytest.raises(InputError, match=message) as caught:
        load_dataset(source, **options)
    assert "\n" not in str(caught.value)
