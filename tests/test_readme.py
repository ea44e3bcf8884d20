"""The README is true: its Python runs, its commands run, and what it shows of them is what they print."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from indeependence.commands import cli
from indeependence.encoder.grammar import parse_layers

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands():
    """The commands that need no data but the embedded digits, without their comments."""
    lines = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("python cli.py")]
    words = [shlex.split(line, comments=True)[2:] for line in lines]
    return [words for words in words if "digits" in words or words[0] == "inspect"]


def test_the_python_example_runs(capsys):
    (example,) = blocks("python")
    exec(compile(example, "README.md", "exec"), {})
    assert float(capsys.readouterr().out) > 0.97


def test_the_commands_run_one_after_another(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for words in commands():
        result = CliRunner().invoke(cli, words, catch_exceptions=False)
        assert result.exit_code == 0 and result.output, words
    assert len(commands()) >= 4


def test_every_option_shown_exists():
    for line in (line for block in blocks("sh") for line in block.splitlines() if line.startswith("python cli.py")):
        name, *words = shlex.split(line, comments=True)[2:]
        known = {option for parameter in cli.commands[name].params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known


def test_the_demo_table_is_what_evaluate_prints(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    printed = CliRunner().invoke(cli, ["evaluate"], catch_exceptions=False).output.splitlines()
    (shown,) = blocks("text")
    figures = [line.rstrip() for line in shown.splitlines()]
    # Accuracies may differ in a last digit on another processor; the layout and the headings may not.
    assert [line.split()[0] for line in printed if line] == [line.split()[0] for line in figures if line]


@pytest.mark.parametrize("text", re.findall(r"^\| `([a-z0-9:=.,+]+)` \| ", README, re.MULTILINE))
def test_every_layer_shown_can_be_parsed(text):
    assert parse_layers(text)


def test_paths_named_in_the_readme_exist():
    for path in re.findall(r"`((?:benchmarks|tests|docs)/[\w./]*)`", README):
        assert (ROOT / path).exists(), path
