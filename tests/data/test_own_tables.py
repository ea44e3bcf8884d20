"""A person's own tables, by the command line: the schema stays with the model, and learning stays exact."""

import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from indeependence.commands import cli
from indeependence.data.reading import Reading
from indeependence.data.selection import Source
from indeependence.distributed.shards import Located, training_part
from indeependence.errors import InputError

RNG = np.random.default_rng(0)
KIND = np.arange(120) % 2
FRAME = pd.DataFrame(
    {
        "name": [f"n{i}" for i in range(120)],
        "island": np.where(RNG.random(120) < 0.9, np.array(["x", "y"])[KIND], "z"),
        "mass": KIND + RNG.normal(0, 2, 120),
        "kind": np.array(["a", "b"])[KIND],
    }
)


@pytest.fixture
def learned(ask, tmp_path):
    """Trains a small model on a table and returns what the command printed."""
    FRAME.to_csv(tmp_path / "t.csv", index=False)
    return ask("train", "--data", "t.csv", "--model", "m", "--id", "name", "--layers", "inputs")


def test_text_columns_are_learned_and_kept_in_the_model(learned, ask, tmp_path):
    reading = Reading.in_file(tmp_path / "m")
    assert reading.columns[:3] == ("island=x", "island=y", "island=z") and reading.columns[-1] == "mass"
    assert reading.table["label"] == "kind" and reading.table["id"] == "name"
    shuffled = FRAME[["mass", "kind", "island", "name"]]
    shuffled.to_csv(tmp_path / "i.tsv", index=False, sep="\t", decimal=",")
    answers = ask("infer", "--data", "i.tsv", "--model", "m")["answers"]
    best = [row[0] if isinstance(row, list) else row for row in answers]
    assert np.mean([row["label"] == kind for row, kind in zip(best, FRAME["kind"], strict=True)]) > 0.85


@pytest.mark.parametrize("how", ["", ":gz", ":semicolon"])
def test_new_categories_are_learned_and_forgotten_to_the_bit(learned, ask, tmp_path, how):
    more = FRAME.assign(island=[f"new {i % 7}" for i in range(120)], kind="c")
    more.to_csv(tmp_path / "more.csv", index=False)
    options = {":gz": {"compression": "gzip"}, ":semicolon": {"sep": ";", "decimal": ","}}.get(how, {})
    more.sample(frac=1, random_state=1).to_csv(tmp_path / "gone.csv", index=False, **options)
    assert ask("train", "--data", "more.csv", "--model", "m", "--load")["model_sha256"] != learned["model_sha256"]
    assert ask("forget", "--examples", "gone.csv", "--model", "m")["model_sha256"] == learned["model_sha256"]


def test_models_that_met_new_categories_in_another_order_merge_to_the_same(learned, ask, tmp_path):
    for part, islands in enumerate((["q", "r"], ["r", "s", "x"])):
        FRAME.assign(island=[islands[i % len(islands)] for i in range(120)]).to_csv(
            tmp_path / f"{part}.csv", index=False
        )
    begin = (tmp_path / "m").read_bytes()
    for name, order in (("one", "01"), ("other", "10")):
        (tmp_path / name).write_bytes(begin)
        for part in order:
            told = ask("train", "--data", f"{part}.csv", "--model", name, "--load")
        assert told["examples"] == 360
    shas = {ask("inspect", name)["model_sha256"] for name in ("one", "other")}
    assert len(shas) == 1


def test_the_line_goes_to_stderr_and_json_stays_json(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    FRAME.drop(columns="name").to_csv(tmp_path / "t.csv")
    for command in (["train", "--model", "m"], ["evaluate", "--tasks", "2", "--output", "o"]):
        result = CliRunner().invoke(cli, [*command, "--data", "t.csv", "--layers", "inputs", "--json"])
        assert json.loads(result.stdout)
        assert json.loads(result.stderr.splitlines()[0])["note"] == (
            "t.csv: 120 rows, header seen; label kind, 2 classes: a, b; inputs: 1 number, 1 category; "
            "no missing values; left out: column 1 (no name)"
        )


def test_header_and_ignored_columns_are_options_of_every_command(ask, refuse, tmp_path):
    FRAME.to_csv(tmp_path / "t.csv", index=False, header=False)
    ask("train", "--data", "t.csv", "--model", "m", "--ignore", "1", "--header", "no", "--layers", "inputs")
    assert len(ask("infer", "--data", "t.csv", "--model", "m", "--header", "no")["answers"]) == 120
    assert "--ignore 1, or --id 1" in refuse("evaluate", "--data", "t.csv")
    assert "only for a table, such as a .csv, got digits" in refuse("train", "--data", "digits", "--ignore", "a")


def test_workers_read_a_table_as_the_model_does(learned, tmp_path):
    FRAME.assign(island="new").to_csv(tmp_path / "more.csv", index=False)
    source = Source(str(tmp_path / "more.csv"), test_fraction=0, label="kind", id="name", ignore="", header="yes")
    located = Located.of(source)
    assert (located.label, located.id, located.header) == ("kind", "name", "yes")
    reading = Reading.in_file(tmp_path / "m")
    x, y = training_part(Located(**{**vars(located), "as_read": reading}))
    np.testing.assert_array_equal(x, source.load(reading).x_train)
    assert x.shape == (120, len(reading.columns)) and y.tolist() == FRAME["kind"].tolist()


def test_a_model_that_knows_only_names_reads_numbers_and_refuses_text(ask, refuse, tmp_path):
    FRAME[["mass", "kind"]].to_csv(tmp_path / "t.csv", index=False)
    known = Source(str(tmp_path / "t.csv"), test_fraction=0).load(Reading(("mass",)))
    np.testing.assert_array_equal(known.x_train[:, 0], FRAME["mass"])
    assert known.reading == Reading(("mass",))
    (tmp_path / "i.csv").write_text("mass\n1.5\nheavy\n")
    with pytest.raises(InputError, match="row 3, column mass: expected a number, got 'heavy'"):
        Source(str(tmp_path / "i.csv")).inputs(Reading(("mass",)))


def test_a_model_whose_file_says_nonsense_of_tables_is_refused(tmp_path):
    FRAME[["mass"]].to_csv(tmp_path / "i.csv", index=False)
    for nonsense in ({"columns": 3}, {"columns": [{"name": "mass", "what": 1}], "order": [], "ignore": []}):
        with pytest.raises(InputError, match="does not say how tables are read"):
            Source(str(tmp_path / "i.csv")).inputs(Reading(("mass",), nonsense))


def test_missing_values_are_learned(ask, tmp_path):
    holes = FRAME.drop(columns="name").assign(mass=FRAME["mass"].where(np.arange(120) % 7 > 0))
    holes.to_csv(tmp_path / "t.csv", index=False)
    first = ask("train", "--data", "t.csv", "--model", "m", "--layers", "inputs")
    ask("train", "--data", "t.csv", "--model", "m", "--load")
    assert ask("forget", "--examples", "t.csv", "--model", "m")["model_sha256"] == first["model_sha256"]
    assert np.isnan(Source("t.csv").load().x_train).any()
