"""Contexts on the command line."""

import numpy as np
import pytest


def test_permuted_tasks_have_contexts_unless_told_otherwise(ask):
    common = ("evaluate", "--scenario", "permuted", "--tasks", 3, "--layers", "drawn:60", "--measure", "own")
    told, one = ask(*common), ask(*common, "--contexts", "one")
    assert told["options"]["contexts"] == "task" and one["options"]["contexts"] == "one"
    assert told["average_accuracy"] > 0.93 and told["forgetting"] <= 0.001 and told["stored_examples"] == 0
    assert told["average_accuracy"] > one["average_accuracy"]
    assert np.array(told["accuracy_matrix"], dtype=float)[:2].size == 6
    assert told["accuracy_matrix"][0][1:] == [None, None] and None not in told["accuracy_matrix"][2]


def test_a_file_with_contexts_is_trained_asked_and_inspected(ask):
    plain = ("--layers", "drawn:60:rank=20", "--limit", 400)
    ask("train", *plain, "--contexts", "task", "--model", "m")
    told = ask("train", "--skip", 400, "--limit", 400, "--load", "--model", "m")
    assert [part["open"] for part in told["contexts"]] == [False, True] and told["kind"] == "contexts"
    assert [part["examples"] for part in told["contexts"]] == [400, 400]
    answers = ask("infer", "--model", "m", "--limit", 3, "--top", 2)["answers"]
    assert len(answers) == 3 and answers[0]["probability"] >= answers[0]["others"][0]["probability"]
    assert ask("inspect", "m")["model_sha256"] == told["model_sha256"]


def test_a_task_over_several_checkpoints_is_one_context(ask):
    common = ("train", "--limit", 600, "--tasks", 2, "--layers", "16", "--contexts", "task")
    pieces = ask(*common, "--checkpoint-every", 100, "--bootstrap-limit", 100, "--model", "pieces")
    whole = ask(*common, "--bootstrap-limit", 100, "--model", "whole")
    assert len(pieces["contexts"]) == 2 and pieces["model_sha256"] == whole["model_sha256"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("evaluate", "--kind", "conceptor", "--contexts", "task"),
            "--contexts task does not go with --kind conceptor",
        ),
        (("evaluate", "--keep-sums"), "--keep-sums goes with --contexts task"),
        (("train", "--contexts", "task", "--ledger", "task"), "--contexts goes without --workers"),
    ],
)
def test_what_does_not_go_together_is_refused(arguments, message, refuse):
    assert message in refuse(*arguments, code=2)


def test_commands_for_one_context_refuse_a_file_with_several(ask, refuse):
    ask("train", "--limit", 300, "--layers", "16", "--contexts", "task", "--model", "m")
    assert "expected a model of kind classifier, got one of kind contexts" in refuse(
        "forget", "--examples", "digits", "--limit", 3, "--model", "m"
    )
    assert "contexts: expected task or auto, got 'one'" in refuse(
        "train", "--load", "--contexts", "one", "--model", "m"
    )


def test_a_front_is_refused_for_several_contexts(refuse):
    asked = ("train", "--data", "digits", "--contexts", "task", "--model", "m", "--encoder", "front.keras")
    assert "--encoder goes with one context" in refuse(*asked)
