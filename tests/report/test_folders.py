"""What an earlier report left is removed, as far as it is ours."""

from indeependence.files.ours import PAGE
from indeependence.report.folders import EVALUATION, clear_stale
from tests.report.results_made_up import names


def write_report(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name in EVALUATION:
        (folder / name).write_bytes(PAGE)


def test_no_run_of_an_earlier_report_stays(tmp_path):
    kept, gone, mixed = tmp_path / "seed-0", tmp_path / "layers-2" / "seed-1", tmp_path / "seed-7"
    for folder in (tmp_path, kept, gone, mixed):
        write_report(folder)
    (mixed / "notes.txt").write_text("mine")
    (tmp_path / "seed-data").mkdir()
    (tmp_path / "seed-data" / "report.html").write_text("mine")
    assert clear_stale(tmp_path, [kept]) == [mixed]
    assert names(tmp_path) == ["seed-0", "seed-7", "seed-data"]
    assert names(kept) == sorted(EVALUATION) and names(mixed) == ["notes.txt"]
    assert (tmp_path / "seed-data" / "report.html").read_text() == "mine"


def test_a_page_that_is_not_ours_keeps_its_files(tmp_path):
    (tmp_path / "report.html").write_text("mine")
    (tmp_path / "results.json").write_text("mine")
    assert clear_stale(tmp_path, []) == [] and names(tmp_path) == ["report.html", "results.json"]


def test_one_run_replaces_the_page_of_many(tmp_path):
    write_report(tmp_path)
    (tmp_path / "table.tex").write_text("of an earlier run")
    clear_stale(tmp_path, [tmp_path])
    assert names(tmp_path) == sorted(EVALUATION)
