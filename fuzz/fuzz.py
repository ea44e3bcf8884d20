"""Coverage-guided fuzzing of everything that reads a file, with atheris; by hand, for a few minutes.

    pip install -r requirements-fuzz.txt
    python fuzz/fuzz.py npz -max_total_time=120

TARGET is npz, npy, idx, gz, csv, png or model; all that follows goes to libFuzzer. A crash is any exception but
`InputError`, a hang of more than ten seconds, or more than 2 GB of memory; its input is left in the current folder.
"""

from __future__ import annotations

import gzip
import io
import struct
import sys
import tempfile
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

with atheris.instrument_imports(include=["indeependence"]):
    from indeependence import ContinualClassifier
    from indeependence.data.datasets import load_dataset
    from indeependence.data.inputs import load_inputs
    from indeependence.errors import InputError
    from indeependence.models.classifier.storage import read_model

import cv2
import numpy as np

X, Y = np.random.default_rng(0).integers(0, 256, (12, 4, 4), np.uint8), np.arange(12) % 3
IDX = struct.pack(">IIII", 0x803, *X.shape) + X.tobytes()
NAMES = {
    "npz": "f.npz",
    "npy": "f.npy",
    "idx": "f-idx3-ubyte",
    "gz": "f-idx3-ubyte.gz",
    "csv": "f.csv",
    "png": "f.png",
    "model": "f",
}


def example(target: str, folder: Path) -> bytes:
    """Return the bytes of an intact file, where the search begins."""
    stream = io.BytesIO()
    if target == "npz":
        np.savez(stream, x=X, y=Y)
    if target == "npy":
        np.save(stream, X)
    if target == "model":
        ContinualClassifier("3").fit(X.reshape(12, 16), Y).save(folder / "example")
        return (folder / "example").read_bytes()
    others = {
        "idx": IDX,
        "gz": gzip.compress(IDX),
        "csv": b"a,b,label\n1,2,x\n3,4,y\n5,6,x\n7,8,y\n",
        "png": cv2.imencode(".png", X[0])[1].tobytes(),
    }
    return stream.getvalue() or others[target]


def main() -> None:
    """Fuzz the target of the command line."""
    target, *arguments = sys.argv[1:] or [""]
    if target not in NAMES:
        sys.exit(f"expected a target, one of {', '.join(NAMES)}, got {target!r}")
    folder = Path(tempfile.mkdtemp())
    (folder / "corpus").mkdir()
    (folder / "corpus" / "intact").write_bytes(example(target, folder))
    path = folder / NAMES[target]
    readers = (read_model,) if target == "model" else (load_inputs, load_dataset)

    def one_input(data: bytes) -> None:
        """Read a file of these bytes; let through any error but an `InputError` of one line."""
        path.write_bytes(data)
        for read in readers:
            try:
                read(path)
            except InputError as error:
                if "\n" in str(error):
                    raise

    limits = ["-timeout=10", "-rss_limit_mb=2048"]
    atheris.Setup([sys.argv[0], *limits, *arguments, str(folder / "corpus")], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
