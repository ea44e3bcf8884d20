"""The page on tables for a paper logs to MLflow as it says, to a store of files."""

import pytest

from tests import ROOT
from tests.docs.reader import blocks_of

REASON = "pip install mlflow-skinny: a dozen packages that nothing else needs"


@pytest.mark.slow
def test_the_callback_logs_every_part(tmp_path, monkeypatch):
    mlflow = pytest.importorskip("mlflow", reason=REASON)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    mlflow.set_tracking_uri((tmp_path / "mlruns").as_uri())
    [block] = [one for one in blocks_of((ROOT / "docs/howto/paper.md").read_text()) if one.language == "py"]
    exec(compile(block.text, "page", "exec"), {})
    [run] = mlflow.MlflowClient().search_runs(["0"])
    assert run.data.params == {"data": "digits", "layers": "60", "tasks": "5"}
    assert run.data.metrics["average_accuracy"] > 0.95 and len(run.data.tags["model_sha256"]) == 64
    history = mlflow.MlflowClient().get_metric_history(run.info.run_id, "accuracy_task_1")
    assert [one.step for one in history] == [1, 2, 3, 4, 5]
