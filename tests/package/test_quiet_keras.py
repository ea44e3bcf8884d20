"""TensorFlow's own notes never reach a user's screen, and what explains a failure does."""

import os
import subprocess
import sys

import pytest

from indeependence.quiet_keras import LEVEL, sorted_out
from tests import ROOT


def python(code, **environment):
    usual = {name: value for name, value in os.environ.items() if name != LEVEL}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, env=usual | environment
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.slow
def test_tensorflow_prints_nothing_when_it_is_loaded_and_used():
    code = (
        "import indeependence.sparse as s, numpy as np, os\n"
        "s.KWinners(2)(np.zeros((1, 4))); print(os.environ['TF_CPP_MIN_LOG_LEVEL'])"
    )
    assert python(code) == (0, "3\n", "")


def fails(tmp_path, **environment):
    (tmp_path / "keras.py").write_text(
        "import os\n"
        "os.write(2, b'I0000 00:00:17.1 1 port.cc:153] oneDNN\\nlibcuda.so: no such file\\n')\n"
        "raise ImportError('no keras')\n"
    )
    return python("import indeependence.quiet_keras", PYTHONPATH=str(tmp_path), **environment)


def test_what_was_printed_before_a_failure_is_shown(tmp_path):
    code, _, err = fails(tmp_path)
    assert code == 1 and err.startswith("I0000 ") and "libcuda.so: no such file" in err and "no keras" in err


def test_the_level_that_the_user_chose_counts():
    lines = [
        "I0000 00:00:1 1 a.cc:1] note",
        "2025-01-01 00:00:00.5: W tensorflow/a.cc:1] warning",
        "E0000 0 1 a] error",
    ]
    preface = "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR"
    assert [sorted_out([preface, *lines], level) for level in range(4)] == [lines[level:] for level in range(4)]
    others = ["F0000 0 1 a] fatal", "Illegal instruction", "In a word"]
    assert sorted_out(others, 3) == others
