"""Data sets larger than memory are learned in blocks: nothing ever holds them whole."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent
LIMIT = 600 << 20  # bytes of memory of its own that the process may have, its libraries' included
SIZE = 64 * 1024  # bytes of one example
EXAMPLES = 4 * LIMIT // SIZE


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="mapped files count elsewhere")
def test_a_data_set_of_four_times_the_memory_limit_is_learned(tmp_path):
    x = np.lib.format.open_memmap(tmp_path / "x_train.npy", "w+", np.uint8, (EXAMPLES, SIZE))
    rows = np.random.default_rng(0).choice(EXAMPLES, 200, replace=False)
    x[rows] = np.random.default_rng(1).integers(0, 256, (200, SIZE), np.uint8)  # the rest stays a hole in the file
    y = np.zeros(EXAMPLES, np.int64)
    y[rows] = 1
    np.save(tmp_path / "y_train.npy", y)
    np.save(tmp_path / "x_test.npy", x[rows[:4]])
    np.save(tmp_path / "y_test.npy", y[rows[:4]])
    options = ["--layers", "sparse:8:density=0.01", "--bootstrap-limit", "200", "--threads", "1", "--batch-size", "64"]
    command = [sys.executable, str(ROOT / "cli.py"), "train", "--data", ".", "--model", "m", "--json", *options]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (LIMIT, LIMIT)),
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["examples"] == EXAMPLES
    (tmp_path / "x_train.npy").unlink()
