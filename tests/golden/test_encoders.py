"""The same data give the same encoder on every processor, with any number of threads, with and without Numba."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import ROOT

PINNED = json.loads((Path(__file__).parent / "encoders.json").read_text())
ON = {
    "Haswell, one thread": {"OPENBLAS_CORETYPE": "Haswell", "OPENBLAS_NUM_THREADS": "1"},
    "SkylakeX, two threads": {"OPENBLAS_CORETYPE": "SkylakeX", "OPENBLAS_NUM_THREADS": "2"},
    "Zen": {"OPENBLAS_CORETYPE": "Zen"},
    "Sandybridge": {"OPENBLAS_CORETYPE": "Sandybridge"},
    "Prescott, without wide vectors": {
        "OPENBLAS_CORETYPE": "Prescott",
        "NPY_DISABLE_CPU_FEATURES": "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR",
    },
    "without Numba": {},
}


@pytest.mark.slow
@pytest.mark.parametrize("machine", ON)
def test_encoders_are_as_pinned_on(machine, tmp_path):
    """Kernels that this processor lacks are left out by OpenBLAS, which takes others: no harm."""
    if machine == "without Numba":
        (tmp_path / "numba.py").write_text("raise ImportError")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (tmp_path, ROOT))), **ON[machine]}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.golden.encoders"],
        **{"capture_output": True, "text": True, "cwd": ROOT, "env": environment},
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == PINNED
