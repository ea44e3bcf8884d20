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
    "contexts.py": [
        "--tasks",
        "2",
        "--limit",
        "300",
        "--contexts",
        "one",
        "--contexts",
        "auto",
        "--output",
        "out.json",
    ],
    "network.py": [],
    "privacy.py": ["--layers", "10,norm", "--public", "200", "--seeds", "2", "--epsilon", "1"],
    "sdr.py": ["--layers", "patches:4:size=3:pool=2:stride=2", "--units", "64", "--active", "6", "--seeds", "2"],
    "sdr_gradients.py": ["--seeds", "1", "--epochs", "1", "--units", "64", "--active", "6"],
    "willshaw.py": ["--units", "64", "--seeds", "2", "--codes", "300"],
    "pictures.py": ["--layers", "patches:4:size=3:pool=2:stride=2"],
    "comparison.py": [
        *("--layers", "patches:4:size=3:pool=2:stride=2", "--methods", "indeependence,lda,replay"),
        *("--steps", "5", "--seeds", "2", "--output", "out.json"),
    ],
    "speed.py": ["--layers", "patches:4:size=3:pool=2:stride=2,+sparse:40", "--examples", "200", "--widths", "100"],
    "bytes.py": ["--layers", "patches:4:size=3:pool=2:stride=2", "--train", "500", "--output", "out.json"],
    "pruning.py": ["--seeds", "1", "--layers", "20", "--limit", "300", "--output", "out.json"],
    "surgery.py": ["--seeds", "1", "--layers", "20", "--limit", "300", "--output", "out.json"],
    "attacks.py": [
        *("--seeds", "1", "--layers", "20", "--limit", "200", "--pictures", "20", "--reach", "16", "--steps", "2"),
        *("--output", "out.json"),
    ],
    "noise.py": [
        *("--seeds", "1", "--layers", "patches:4:size=3:pool=2:stride=2", "--limit", "300", "--tests", "40"),
        *("--methods", "robust,sparse", "--epochs", "1", "--output", "out.json"),
    ],
    "planes.py": [
        *("--seeds", "1", "--maps", "10", "--dense-mb", "0", "--epochs", "1", "--limit", "200", "--output", "out.json"),
    ],
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
