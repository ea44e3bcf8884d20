"""The options --engine and --device: the same model from either, or one clear line."""

import json

import pytest
from click.testing import CliRunner

from indeependence.commands import cli


def run(*words):
    return CliRunner().invoke(cli, [str(word) for word in words])


def test_a_model_is_the_same_whichever_engine_trained_it(tmp_path):
    made = {}
    for engine in ("numpy", "tensorflow"):
        path = tmp_path / f"{engine}.safetensors"
        words = ("--data", "digits", "--classes", "0,1", "--model", path, "--output", tmp_path / engine)
        done = run("train", *words, "--engine", engine, "--device", "cpu", "--json")
        assert done.exit_code == 0, done.output
        made[engine] = json.loads(done.stdout)
        assert ("engine: tensorflow on cpu" in done.stderr) == (engine == "tensorflow")
    assert made["numpy"]["model_sha256"] == made["tensorflow"]["model_sha256"]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ("evaluate --engine tensorflow --device gpu:9", 1, "got 'gpu:9': choose one of these"),
        ("evaluate --device gpu:0", 1, "device: expected an engine that computes on 'gpu:0'"),
        ("train --engine numpy --workers 2", 2, "--engine is of this process, --workers sums in others"),
        ("evaluate --engine numpy --kind conceptor", 2, "--engine goes with --kind classifier or autoencoder"),
        ("evaluate --engine tensorflw", 2, "did you mean tensorflow?"),
    ],
)
def test_an_engine_that_cannot_do_it_is_refused_in_one_line(words, code, message, refuse):
    assert message in refuse(*words.split(), code=code)
