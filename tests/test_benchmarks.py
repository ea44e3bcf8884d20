"""A smoke test keeps each benchmark running; its figures are not tested."""

import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
SMALL = {
    "accuracy.py": ["--seeds", "2", "--layers", "patches:4:size=3:pool=2:stride=2", "--output", "out.json"],
    "autoencoder.py": ["--layers", "20,15", "--limit", "100", "--seeds", "1", "--steps", "20", "--output", "out.json"],
    "generated_digits.py": ["--layers", "40", "--limit", "1000"],
    "calibration.py": ["--layers", "patches:4:size=3:pool=2:stride=2"],
    "scale.py": ["--layers", "patches:4:size=3:pool=2:stride=2", "--examples", "400"],
}


def test_every_benchmark_has_a_smoke_test():
    assert {file.name for file in BENCHMARKS.glob("*.py")} == set(SMALL)


@pytest.mark.parametrize("name", SMALL)
def test_a_benchmark_runs_and_prints_its_command_and_a_table(name, tmp_path):
    done = subprocess.run(
        [sys.executable, BENCHMARKS / name, *SMALL[name]], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("command: python ") and "\n| --- |" in done.stdout
