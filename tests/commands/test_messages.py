"""Help that fits a screen and has something to copy, errors that say what to try, suggestions for misspelt words."""

import ast
from pathlib import Path

import click
import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import indeependence
from indeependence.commands import cli
from indeependence.commands.shared.help import Command, Group, page_text, pages
from indeependence.errors import InputError, did_you_mean, named

PACKAGE = Path(indeependence.__file__).parent
LINES, COLUMNS = 50, 100  # of a screen
PAGES = dict(pages(cli))
each_command = pytest.mark.parametrize("words", PAGES, ids=" ".join)


@each_command
def test_a_page_of_help_fits_a_screen_and_has_an_example_to_copy(words):
    lines = page_text(cli, words).splitlines()
    assert len(lines) <= LINES and max(map(len, lines)) <= COLUMNS
    name = " ".join(words)
    assert any(f"python cli.py {name}" in line or f"indeependence {name}" in line for line in lines[1:])
    assert PAGES[words].get_short_help_str()


def test_the_first_page_names_every_command():
    lines = page_text(cli, ()).splitlines()
    assert len(lines) <= LINES and {line.split()[0] for line in lines if line.startswith("  ")} >= set(cli.commands)


@each_command
def test_all_options_stand_under_a_heading_and_are_explained(words):
    command = PAGES[words]
    assert isinstance(command, Command | Group), (
        "make it by indeependence.commands.shared.help.command or with cls=Group"
    )
    whole = page_text(cli, words, everything=True)
    assert max(map(len, whole.splitlines())) <= COLUMNS
    for option in (one for one in command.params if isinstance(one, click.Option)):
        assert option.help and option.opts[-1] in whole, option.name
    assert isinstance(command, Group) or "\nOptions:" not in whole


def test_rare_options_are_told_only_when_asked_for():
    rare = "--bootstrap-limit"
    assert rare not in page_text(cli, ["evaluate"]) and rare in page_text(cli, ["evaluate"], everything=True)
    results = [CliRunner().invoke(cli, ["evaluate", flag]) for flag in ("--help", "--help-all")]
    assert [rare in result.output for result in results] == [False, True]


@each_command
def test_the_example_of_a_page_has_only_options_that_exist(words):
    known = {spelling for option in PAGES[words].params for spelling in option.opts} | {"--help"}
    for line in page_text(cli, words).splitlines():
        if line.strip().startswith("python cli.py") and not isinstance(PAGES[words], Group):
            assert {word for word in line.split() if word.startswith("--")} <= known


# Suggestions


@pytest.mark.parametrize(
    ("words", "suggested"),
    [
        (["evalaute"], "evaluate"),
        (["inspct", "m"], "inspect"),
        (["evaluate", "--scenario", "spilt"], "split"),
        (["train", "--kind", "autoencodr"], "autoencoder"),
        (["evaluate", "--taks", "3"], "--tasks"),
    ],
)
def test_misspelt_commands_options_and_values_get_a_suggestion(refuse, words, suggested):
    message = refuse(*words, code=2)
    assert "did you mean" in message.lower() and suggested in message


@pytest.mark.parametrize(
    ("words", "suggested"),
    [
        (["evaluate", "--data", "digist"], "digits"),
        (["evaluate", "--data", "fashion_mnist"], "fashion-mnist"),
        (["evaluate", "--data", "my_picture"], "my_pictures"),
        (["evaluate", "--data", "animals.csv", "--label", "knd"], "kind"),
        (["train", "--data", "animals.csv", "--classes", "cta"], "cat"),
        (["evaluate", "--data", "animals.csv", "--class-order", "cat,dgo"], "dog"),
        (["evaluate", "--layers", "pathces:8"], "patches"),
    ],
)
def test_misspelt_data_classes_columns_and_layers_get_a_suggestion(refuse, tmp_path, words, suggested):
    (tmp_path / "my_pictures").mkdir()
    (tmp_path / "animals.csv").write_text("kind,a,b\n" + "cat,1,2\ndog,3,1\n" * 10)
    if "--class-order" in words or "--classes" in words:
        words = [*words, "--label", "kind"]
    assert f"did you mean {suggested}?" in refuse(*words).replace("'", "")


def test_a_label_that_was_not_learned_gets_a_suggestion(ask, refuse, tmp_path):
    rng = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (tmp_path / "animals" / name).mkdir(parents=True)
        for i in range(8):
            cv2.imwrite(str(tmp_path / f"animals/{name}/{i}.png"), rng.integers(0, 256, (6, 6), np.uint8))
    ask("train", "--kind", "autoencoder", "--data", "animals", "--layers", "5")
    assert "did you mean cat?" in refuse("generate", "--label", "cta")
    ask("train", "--data", "animals", "--layers", "5", "--overwrite")
    assert "did you mean dog?" in refuse("forget", "--class", "dgo")


@given(st.lists(st.text(min_size=1, max_size=9), min_size=1, max_size=8, unique=True), st.data())
def test_a_known_word_suggests_itself_and_names_itself(known, data):
    word = data.draw(st.sampled_from(known))
    if len({name.lower() for name in known}) == len(known):
        assert did_you_mean(word, known) == f"; did you mean {word}?"
    if word == word.strip() and len({name.strip() for name in known}) == len(known):
        assert named([f" {word} "], known, option="--x", where="here") == [word]


def test_many_classes_are_not_all_listed():
    with pytest.raises(InputError) as told:
        named(["x"], range(1000), option="--classes", where="in the data")
    assert str(told.value) == "--classes: no class 'x' in the data: expected 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, … 999"


# Errors


def raised():
    """Every message of an `InputError` or a `UsageError` in the package, with its file and line.

    A message that has a name is the text of that name; what a function returns is the message of another error.
    """
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text())
        named_texts = {ast.unparse(node.targets[0]): node.value for node in tree.body if isinstance(node, ast.Assign)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args and not isinstance(node.args[0], ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if name in ("InputError", "UsageError"):
                    message = named_texts.get(ast.unparse(node.args[0]), node.args[0])
                    yield f"{path.relative_to(PACKAGE)}:{node.lineno}", ast.unparse(message).lower()


def test_every_message_says_what_was_expected_or_what_to_try():
    """A message tells what was expected and what came, or ends with what to do after a colon or the like."""
    assert len(dict(raised())) > 100
    for place, message in raised():
        both = "expected" in message and any(word in message for word in ("got", "found", "has ", "is "))
        advice = any(sign in message for sign in (": ", "; ", "? ", "{hint}", "{advice}", "{error}"))
        assert both or advice, f"{place}: {message}"
