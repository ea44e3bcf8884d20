"""What is shipped: wheel and sdist hold the package and its papers, nothing else; the checker knows its types."""

import os
import runpy
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from indeependence import __version__
from indeependence.commands import cli
from tests import ROOT

pytestmark = pytest.mark.slow

SHIPPED = (".py", ".json", ".css", ".html", ".js", ".svg")
PACKAGE = {str(path.relative_to(ROOT)) for path in (ROOT / "indeependence").rglob("*") if path.suffix in SHIPPED} | {
    "indeependence/py.typed"
}
PAPERS = {"README.md", "LICENSE.md", "pyproject.toml", "PKG-INFO", "setup.cfg"}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder with a wheel and an sdist, built without a network from a copy of the files that git would track."""
    pytest.importorskip("setuptools", "77", reason="the build needs setuptools 77 or later")
    folder = tmp_path_factory.mktemp("built")
    for name in ("pyproject.toml", "README.md", "LICENSE.md", *(path.name for path in ROOT.glob("requirements*.txt"))):
        shutil.copy(ROOT / name, folder)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "indeependence", folder / "indeependence", ignore=ignored)
    shutil.copytree(ROOT / "tests", folder / "tests", ignore=ignored)
    code = "from setuptools import build_meta as b; b.build_wheel('dist'); b.build_sdist('dist')"
    subprocess.run([sys.executable, "-c", code], cwd=folder, check=True, capture_output=True)
    return folder / "dist"


def test_the_wheel_holds_the_package_and_nothing_else(built):
    (wheel,) = built.glob("*.whl")
    assert wheel.name == f"indeependence-{__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        told = {Path(name).name: archive.read(name).decode() for name in archive.namelist() if ".dist-info/" in name}
    assert names == PACKAGE
    assert "indeependence = indeependence.commands:main" in told["entry_points.txt"]
    assert "MIT" in told["LICENSE.md"]
    for extra in ("distributed", "onnx"):
        assert f"Provides-Extra: {extra}" in told["METADATA"]
    assert "Requires-Dist: tensorflow" in told["METADATA"] and "Requires-Dist: pytest" not in told["METADATA"]


def test_the_sdist_holds_what_builds_the_wheel(built):
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames() if archive.getmember(name).isfile()}
    names = {name for name in names if ".egg-info/" not in name}
    requirements = {path.name for path in ROOT.glob("requirements*.txt")}
    assert PACKAGE | PAPERS <= names | {"setup.cfg"}
    assert {name for name in names - PACKAGE - PAPERS if not name.startswith("tests/")} <= requirements
    assert "requirements.txt" in names  # the dependencies are read from it


USER = """
from indeependence import ContinualClassifier, InputError, evaluate, load_dataset, split_tasks

digits = load_dataset("digits")
model = ContinualClassifier("400,150", penalty=0.5).partial_fit(digits.x_train, digits.y_train)
result = evaluate(split_tasks(digits, tasks=5), ContinualClassifier())
reveal_type(model)
reveal_type(result.accuracy_matrix)
reveal_type(model.predict(digits.x_test))
ContinualClassifier(layers=3)
split_tasks(digits, task=5)
result.acuracy
"""


def test_a_type_checker_knows_what_a_user_gets_and_what_he_got_wrong(tmp_path):
    (tmp_path / "user.py").write_text(USER)
    arguments = ["--no-error-summary", "--ignore-missing-imports", "--cache-dir", str(tmp_path / "cache"), "user.py"]
    told = subprocess.run(
        [sys.executable, "-m", "mypy", *arguments],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(ROOT)},
    ).stdout
    notes = [line for line in told.splitlines() if "note: Revealed" in line]
    assert "indeependence.models.classifier.classifier.ContinualClassifier" in notes[0]
    assert "numpy.ndarray" in notes[1] and "numpy.ndarray" in notes[2]
    errors = [line.split(": error: ")[1] for line in told.splitlines() if ": error: " in line]
    assert len(errors) == 3, told
    assert 'Argument "layers"' in errors[0] and 'Unexpected keyword argument "task"' in errors[1]
    assert '"Result" has no attribute "acuracy"' in errors[2]


def run(*words, **environment):
    """What a module's command prints."""
    command = [sys.executable, *words]
    told = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, **environment})
    return told.stdout


def test_the_package_is_a_program_too():
    assert run("-m", "indeependence", "--version") == f"indeependence, version {__version__}\n"


@pytest.mark.parametrize("shell, word", [("bash", "complete -o nosort -F"), ("zsh", "#compdef"), ("fish", "complete")])
def test_every_shell_is_told_how_to_complete(shell, word):
    told = CliRunner().invoke(cli, ["completion", shell], catch_exceptions=False).output
    assert word in told and "_INDEEPENDENCE_COMPLETE" in told
    checker = shutil.which(shell)
    if checker:
        subprocess.run([checker, "-n", "-c", told], check=True)


@pytest.mark.parametrize(
    "words, expected",
    [
        ("indeependence tra", ["plain,train"]),
        ("indeependence train --double", ["plain,--double"]),
        ("indeependence train --data mn", ["plain,mnist", "file,mn"]),
        ("indeependence train --kind ", ["plain,classifier", "plain,autoencoder"]),
    ],
)
def test_words_are_completed_without_loading_anything(words, expected):
    script = "import sys; sys.argv[0] = 'indeependence'; from indeependence.commands import main; main()"
    place = str(len(words.split(" ")) - 1)
    told = run("-c", script, COMP_WORDS=words, COMP_CWORD=place, _INDEEPENDENCE_COMPLETE="bash_complete")
    assert told.splitlines() == expected


def test_the_lowest_versions_come_from_the_requirements():
    lowest = runpy.run_path(str(ROOT / ".ci/lowest.py"))["lowest"]
    pins = lowest((ROOT / "requirements.txt").read_text())
    assert all("==" in pin for pin in pins) and any(pin.startswith("tensorflow==2.") for pin in pins)
    with pytest.raises(SystemExit, match="expected a lower bound"):
        lowest("numpy<3")
