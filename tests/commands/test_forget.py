"""``forget`` and ``merge`` as a user meets them: one fingerprint by every way, and refusals that change nothing."""

from pathlib import Path

import pytest

from indeependence import ContinualClassifier, load_dataset

pytestmark = pytest.mark.slow  # seconds, or many of them

LAYERS = "patches:8:size=3:pool=2:stride=2,+sparse:40"
A, B, C = "0,1,2", "3,4,5", "6,7"


@pytest.fixture
def train(ask):
    """Trains a copy of one bootstrapped model on groups of classes, one after another; gives its fingerprint."""
    ask("bootstrap", "--layers", LAYERS, "--classes", "0,1", "--model", "boot")

    def trained(name, *groups, ledger="none"):
        Path(name).write_bytes(Path("boot").read_bytes())
        for group in groups:
            told = ask("train", "--load", "--model", name, "--classes", group, "--ledger", ledger)
        return told["model_sha256"]

    return trained


def test_by_every_way_to_the_same_examples_one_and_the_same_fingerprint(ask, train):
    expected = train("ab", A, B)
    assert train("ba", B, A) == expected
    train("a", A), train("b", B)
    assert ask("merge", "a", "b", "--output", "both")["model_sha256"] == expected
    assert ask("merge", "b", "a", "--output", "a")["model_sha256"] == expected  # over one of its own inputs
    train("abc", A, B, C)
    assert ask("forget", "--model", "abc", "--examples", "digits", "--classes", C)["model_sha256"] == expected
    assert train("abc", A, B, C) != expected
    train("c", C)
    assert ask("forget", "--model", "abc", "--minus", "c")["model_sha256"] == expected
    for name in ("ab", "ba", "both", "a", "abc"):
        assert ask("inspect", name)["model_sha256"] == expected


def test_a_class_is_taken_out_exactly_by_its_ledger_and_the_others_keep_their_accuracy(ask, train):
    expected = train("without", "0,1,2,4")
    train("m", "0,1,2,3,4", ledger="class")
    told = ask("forget", "--model", "m", "--class", 3)
    assert told["model_sha256"] == expected and told["exact"] and told["forgotten_now"] > 100
    assert [entry["class"] for entry in told["classes"]] == [0, 1, 2, 4] and told["dropped_examples"] is None
    digits, model = load_dataset("digits"), ContinualClassifier.load("m")
    gone, kept = digits.y_test == 3, digits.y_test < 3
    assert model.score(digits.x_test[gone], digits.y_test[gone]) == 0
    assert model.score(digits.x_test[kept], digits.y_test[kept]) > 0.95


def test_without_a_ledger_a_class_leaves_its_share_and_the_command_says_so(ask, train):
    without = train("without", "0,1,2")
    train("m", "0,1,2,3")
    told = ask("forget", "--model", "m", "--class", 3)
    assert not told["exact"] and told["dropped_examples"] == told["forgotten_now"] > 100
    assert told["model_sha256"] != without
    assert ask("inspect", "m")["dropped_examples"] == told["dropped_examples"]


def test_the_share_that_stays_is_told_on_stderr(train, monkeypatch, capsys):
    from indeependence.commands import cli

    train("m", A)
    cli.main(["forget", "--model", "m", "--class", "1"], standalone_mode=False)
    assert "its share of the products of 146 examples stays" in capsys.readouterr().err


def test_a_task_is_taken_out_exactly_by_its_ledger(ask, train):
    expected = train("without", "0,1", "4,5")
    train("m", "0,1", "2,3", "4,5", ledger="task")
    told = ask("forget", "--model", "m", "--task", 2)
    assert told["model_sha256"] == expected and list(told["tasks"]) == ["1", "3"]


def test_examples_are_taken_out_of_their_task_by_number(ask, refuse, train):
    train("m", "0,1", "2,3", ledger="task")
    assert "from which one to remove them, --task N" in refuse(
        "forget", "--model", "m", "--examples", "digits", "--classes", "2"
    )
    told = ask("forget", "--model", "m", "--examples", "digits", "--classes", "2", "--task", 2)
    assert told["model_sha256"] == train("other", "0,1", "3")


def test_a_ledger_is_told_with_its_bytes_and_cannot_begin_late(ask, refuse, train):
    plain = train("plain", A) and ask("inspect", "plain")
    train("m", A, ledger="class")
    told = ask("inspect", "m")
    assert told["model_sha256"] == plain["model_sha256"] and told["ledger"] == "class"
    assert told["ledger_bytes"] > 2 * told["statistics_bytes"] > 0 == plain["ledger_bytes"]
    message = refuse("train", "--load", "--model", "plain", "--classes", B, "--ledger", "class")
    assert "its ledger is none from its first example on" in message


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--examples", "digits", "--classes", "9"], "cannot remove examples of class 9: no such class was learned"),
        (["--examples", "digits", "--classes", "1,2", "--skip", "0"], "no such class was learned"),
        (["--class", "9"], "--class: no class '9' in the model: expected 0, 1"),
        (["--task", "1"], "this model keeps no sums by task"),
        (["--minus", "twice"], "cannot remove more examples of class 0 than were learned"),
        (["--minus", "nothing"], "expected a model file, found none at nothing"),
        (["--minus", "stranger"], "expected sums of one and the same encoder, got two"),
    ],
)
def test_what_cannot_be_removed_is_refused_and_the_model_stays(ask, refuse, train, arguments, message):
    train("m", "0,1")
    train("twice", "0,1", "0,1")
    ask("train", "--layers", "5", "--classes", "0,1", "--model", "stranger")
    before = Path("m").read_bytes()
    assert message in refuse("forget", "--model", "m", *arguments)
    assert Path("m").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["forget"], "expected one of --examples, --minus, --class or --task"),
        (["forget", "--class", "1", "--minus", "m"], "expected one of --examples, --minus, --class or --task"),
        (["forget", "--class", "1", "--task", "2"], "leave --task out"),
        (["forget", "--class", "1", "--limit", "2"], "go with --examples"),
        (["merge", "a", "b"], "Missing option '--output'"),
        (["merge", "--output", "both"], "Missing argument"),
    ],
)
def test_wrong_usage_exits_with_2(refuse, arguments, message):
    assert message in refuse(*arguments, code=2)


def test_models_of_two_encoders_are_not_merged_and_the_wrong_file_is_named(ask, refuse, train):
    train("m", "0,1")
    ask("train", "--layers", "5", "--classes", "0,1", "--model", "stranger")
    message = refuse("merge", "m", "stranger", "--output", "both")
    assert message.startswith("stranger: expected sums of one and the same encoder, got two")


def test_models_of_different_overlapping_and_renamed_classes_are_merged(train):
    digits = load_dataset("digits")
    train("m", "0,1")
    names = digits.y_train.astype(str)
    model = ContinualClassifier.load("boot")
    first, second = ContinualClassifier.load("boot"), ContinualClassifier.load("boot")
    model.partial_fit(digits.x_train[:300], names[:300])
    first.partial_fit(digits.x_train[200:300], names[200:300])
    second.partial_fit(digits.x_train[:200][::-1], names[:200][::-1])
    assert first.merge(second).moments_.fingerprint == model.moments_.fingerprint
    numbers = ContinualClassifier.load("m")
    with pytest.raises(ValueError, match="expected labels that are numbers, as learned before, got names"):
        numbers.merge(model)
