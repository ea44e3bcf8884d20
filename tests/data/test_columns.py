"""A person's own tables: columns keep their names, and every row of a file is learned, or taken out again."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from indeependence.commands import cli
from indeependence.data.columns import in_order
from indeependence.errors import InputError

pytestmark = pytest.mark.slow  # seconds, or many of them

RNG = np.random.default_rng(0)
KIND = np.arange(80) % 2
COLUMNS = {"p": KIND * 4 + RNG.normal(size=80), "q": RNG.normal(50, 5, 80), "r": -KIND * 3 + RNG.normal(size=80)}


def table(path, names, *, labels=True, header=True, rows=slice(None)):
    """Write the columns of these names, and their labels, as a .csv."""
    lines = [",".join([*names, "kind"] if labels else names)] if header else []
    for row in range(80)[rows]:
        lines.append(",".join([*(repr(float(COLUMNS[name][row])) for name in names), "ab"[KIND[row]]][: 3 + labels]))
    path.write_text("\n".join(lines) + "\n")
    return path


KINDS = {
    "classifier": (),
    "contexts": ("--contexts", "task", "--keep-sums"),
    "autoencoder": ("--kind", "autoencoder", "--layers", "3"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_columns_in_another_order_are_matched_by_their_names(ask, tmp_path, kind):
    table(tmp_path / "t.csv", "pqr")
    ask("train", "--data", "t.csv", "--model", "m", *KINDS[kind])
    inferred = [
        ask("infer", "--data", table(tmp_path / "i.csv", names, labels=False), "--model", "m")["answers"]
        for names in ("pqr", "rqp", "qrp")
    ]
    assert inferred[0] == inferred[1] == inferred[2]
    assert np.mean([row["label"] == "ab"[right] for row, right in zip(inferred[0], KIND, strict=True)]) >= 0.8


def test_weights_alone_match_columns_too(ask, tmp_path):
    table(tmp_path / "t.csv", "pqr")
    ask("train", "--data", "t.csv", "--model", "m")
    ask("export", "m", "--output", "w.safetensors")
    answers = [
        ask("infer", "--data", table(tmp_path / "i.csv", names, labels=False), "--model", "w.safetensors")["answers"]
        for names in ("pqr", "rqp")
    ]
    assert answers[0] == answers[1]


def test_learning_on_and_forgetting_match_columns_by_name(ask, tmp_path):
    table(tmp_path / "t.csv", "pqr", rows=slice(40))
    table(tmp_path / "on.csv", "pqr", rows=slice(40, 80))
    table(tmp_path / "turned.csv", "rpq", rows=slice(40, 80))
    ask("train", "--data", "t.csv", "--model", "m")
    before = ask("inspect", "m")["model_sha256"]
    (tmp_path / "n").write_bytes((tmp_path / "m").read_bytes())
    straight = ask("train", "--data", "on.csv", "--model", "m", "--load")["model_sha256"]
    assert ask("train", "--data", "turned.csv", "--model", "n", "--load")["model_sha256"] == straight != before
    assert ask("forget", "--examples", "turned.csv", "--model", "m")["model_sha256"] == before


@pytest.mark.parametrize("kind", KINDS)
def test_missing_and_new_columns_are_named(ask, tmp_path, kind):
    table(tmp_path / "t.csv", "pqr")
    ask("train", "--data", "t.csv", "--model", "m", *KINDS[kind])
    (tmp_path / "i.csv").write_text("p,q,s\n1,2,3\n")
    result = CliRunner().invoke(cli, ["infer", "--data", "i.csv", "--model", "m"])
    assert isinstance(result.exception, InputError) and result.stdout == ""
    assert str(result.exception) == (
        "i.csv: expected the 3 columns that the model learned: missing r, unknown s; leave those out"
    )


def test_two_columns_of_one_name_are_refused(refuse, tmp_path):
    (tmp_path / "t.csv").write_text("p,p,kind\n1,2,a\n3,4,b\n")
    assert "two columns are called 'p'" in refuse("train", "--data", "t.csv")


def test_columns_without_names_are_taken_as_they_stand_and_it_is_said():
    inputs = np.arange(6.0).reshape(2, 3)
    for known, found, what in (("pqr", "", "rows.csv has no names"), ("", "pqr", "the model knows no names")):
        with pytest.warns(UserWarning, match=f"{what} of columns: they are taken in their order"):
            assert in_order(known, found, inputs, source="rows.csv") is inputs


@pytest.mark.parametrize("kept", [slice(80), slice(11, 12)])
def test_forgetting_takes_every_row_of_its_file_and_only_those(ask, tmp_path, kept):
    rest = [row for row in range(80) if row not in range(80)[kept]]
    everything, gone = table(tmp_path / "t.csv", "pqr"), table(tmp_path / "gone.csv", "pqr", rows=kept)
    ask("bootstrap", "--data", everything, "--model", "m")
    (tmp_path / "n").write_bytes((tmp_path / "m").read_bytes())
    assert ask("train", "--data", everything, "--model", "m", "--load")["examples"] == 80
    told = ask("forget", "--examples", gone, "--model", "m")
    assert told["forgotten_now"] == 80 - len(rest) and told["exact"] is (None if rest else True)
    if rest:
        for row in rest:
            table(tmp_path / f"{row}.csv", "pqr", rows=slice(row, row + 1))
        (tmp_path / "rest.csv").write_text(
            "p,q,r,kind\n" + "".join((tmp_path / f"{row}.csv").read_text().split("\n", 1)[1] for row in rest)
        )
        ask("train", "--data", "rest.csv", "--model", "n", "--load")
    assert told["model_sha256"] == ask("inspect", "n")["model_sha256"]


def test_what_a_share_was_left_out_of_is_forgotten_with_the_same_share(ask, tmp_path):
    table(tmp_path / "t.csv", "pqr")
    ask("bootstrap", "--data", "t.csv", "--model", "m")
    empty = ask("inspect", "m")["model_sha256"]
    assert ask("train", "--data", "t.csv", "--model", "m", "--load", "--test-fraction", 0.25)["examples"] == 60
    assert "cannot remove more examples of class 'a' than were learned (10 too many)" in str(
        CliRunner().invoke(cli, ["forget", "--examples", "t.csv", "--model", "m"]).exception
    )
    assert ask("forget", "--examples", "t.csv", "--model", "m", "--test-fraction", 0.25)["model_sha256"] == empty


def test_one_class_is_learned_today_and_another_tomorrow(ask, tmp_path):
    table(tmp_path / "a.csv", "pqr", rows=slice(0, 80, 2))
    table(tmp_path / "b.csv", "pqr", rows=slice(1, 80, 2))
    first = ask("train", "--data", "a.csv", "--model", "m")
    assert first["examples"] == 40 and [entry["class"] for entry in first["classes"]] == ["a"]
    table(tmp_path / "i.csv", "pqr", labels=False)
    assert {row["label"] for row in ask("infer", "--data", "i.csv", "--model", "m")["answers"]} == {"a"}
    ask("train", "--data", "b.csv", "--model", "m", "--load")
    answers = ask("infer", "--data", "i.csv", "--model", "m")["answers"]
    assert np.mean([row["label"] == "ab"[right] for row, right in zip(answers, KIND, strict=True)]) > 0.9
    assert ask("forget", "--examples", "b.csv", "--model", "m")["model_sha256"] == first["model_sha256"]


def test_one_row_of_each_class_is_learned_and_not_measured(ask, refuse, tmp_path):
    (tmp_path / "t.csv").write_text("p,q,k\n1,2,x\n2,3,y\n3,1,z\n")
    message = refuse("evaluate", "--data", "t.csv", "--tasks", "1")
    assert "expected a test part to measure on, got none" in message and "two examples of a class" in message
    assert ask("train", "--data", "t.csv", "--model", "m", "--test-fraction", 0.2)["examples"] == 3


def test_measuring_needs_two_classes_and_a_test_part_and_says_so(refuse, tmp_path):
    table(tmp_path / "a.csv", "pqr", rows=slice(0, 80, 2))
    assert "expected at least two classes to tell apart, got one: a" in refuse("evaluate", "--data", "a.csv")


def test_json_has_no_accuracy_where_nothing_was_left_to_test_on(ask, tmp_path):
    table(tmp_path / "t.csv", "pqr")
    told = ask("train", "--data", "t.csv", "--model", "m")
    assert told["accuracy_on_learned_classes"] is None and json.dumps(told)
