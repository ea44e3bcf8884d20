"""Data sets larger than memory are learned in blocks: nothing ever holds them whole."""

import json
import os
import resource
import subprocess
import sys

import numpy as np
import pytest

from tests import ROOT

pytestmark = pytest.mark.slow

LIMIT = 600 << 20  # bytes of memory of its own that the process may have, its libraries' included
SIZE = 64 * 1024  # bytes of one example
EXAMPLES = 4 * LIMIT // SIZE


LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="mapped files count elsewhere")


def learned_within_the_limit(folder, *options):
    """What ``train`` tells after learning the data set in ``folder`` with no more memory than the limit."""
    options = ["--layers", "sparse:8:density=0.01", "--threads", "1", *options]
    command = [sys.executable, str(ROOT / "cli.py"), "train", "--data", ".", "--model", "m", "--json", *options]
    done = subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (LIMIT, LIMIT)),
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@LINUX
def test_a_data_set_of_four_times_the_memory_limit_is_learned(tmp_path):
    x = np.lib.format.open_memmap(tmp_path / "x_train.npy", "w+", np.uint8, (EXAMPLES, SIZE))
    rows = np.random.default_rng(0).choice(EXAMPLES, 200, replace=False)
    x[rows] = np.random.default_rng(1).integers(0, 256, (200, SIZE), np.uint8)  # the rest stays a hole in the file
    y = np.zeros(EXAMPLES, np.int64)
    y[rows] = 1
    np.save(tmp_path / "y_train.npy", y)
    np.save(tmp_path / "x_test.npy", x[rows[:4]])
    np.save(tmp_path / "y_test.npy", y[rows[:4]])
    told = learned_within_the_limit(tmp_path, "--bootstrap-limit", "200", "--batch-size", "64")
    assert told["examples"] == EXAMPLES
    (tmp_path / "x_train.npy").unlink()


@LINUX
def test_a_folder_of_pictures_larger_than_the_memory_limit_is_learned(tmp_path):
    side, each = 1024, LIMIT // 1024**2 // 2 + 50  # of two classes: a hundred more than fit, of a byte a pixel
    for seed, (label, brightest) in enumerate({"dark": 128, "light": 256}.items()):
        (tmp_path / label).mkdir()
        picture = np.random.default_rng(seed).integers(0, brightest, (side, side), np.uint8)
        (tmp_path / label / "0.pgm").write_bytes(b"P5 1024 1024 255\n" + picture.tobytes())
        for number in range(1, each):
            os.link(tmp_path / label / "0.pgm", tmp_path / label / f"{number}.pgm")
    told = learned_within_the_limit(
        tmp_path, "--bootstrap-limit", "10", "--batch-size", "8", "--test-fraction", "0.2", "--size", "1024"
    )
    assert told["examples"] * side**2 > 0.8 * LIMIT and told["accuracy_on_learned_classes"] == 1
