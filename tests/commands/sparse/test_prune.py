"""The commands that prune and that show what units do."""

from indeependence import ContinualClassifier


def test_prune_writes_a_smaller_model_that_others_pruned_alike_merge_with(ask, refuse, tmp_path):
    layers = "30,+sparse:60"
    ask("bootstrap", "--data", "digits", "--layers", layers, "--model", "empty.safetensors")
    for name, classes in (("a", "0,1,2,3,4"), ("b", "5,6,7,8,9")):
        (tmp_path / f"{name}.safetensors").write_bytes((tmp_path / "empty.safetensors").read_bytes())
        ask("train", "--data", "digits", "--classes", classes, "--load", "--model", f"{name}.safetensors")
    ask("merge", "a.safetensors", "b.safetensors", "--output", "whole.safetensors")
    options = ("--fraction", "0.6", "--whole", "--like", "whole.safetensors")
    for name in ("a", "b", "whole"):
        ask("sparse", "prune", f"{name}.safetensors", *options, "--output", f"{name}_small.safetensors")
    told = ask("merge", "a_small.safetensors", "b_small.safetensors", "--output", "small.safetensors")
    whole = ask("sparse", "prune", "whole.safetensors", *options, "--data", "digits", "--output", "again.safetensors")
    assert told["model_sha256"] == whole["model_sha256"]
    assert whole["code_units"] <= 0.41 * whole["units_before"]
    assert whole["file_bytes"] < 0.3 * whole["file_bytes_before"]
    assert whole["accuracy"] > whole["accuracy_before"] - 0.05 > 0.8
    model = ContinualClassifier.load(tmp_path / "again.safetensors")
    assert sum(layer.bases.shape[1] for layer in model.encoder_.layers) < 30 + 60
    told = ask("train", "--data", "digits", "--limit", "9", "--load", "--model", "again.safetensors")
    assert told["code_units"] == whole["code_units"]
    more = refuse("sparse", "prune", "small.safetensors", "--like", "whole.safetensors", "--output", "no.safetensors")
    assert "--like whole.safetensors: expected a model of the same encoder" in more
    refuse("sparse", "prune", "whole.safetensors", "--fraction", "1", "--output", "no.safetensors", code=2)


def test_saliency_names_units_and_cosines_of_a_model(ask):
    ask("train", "--data", "digits", "--layers", "20", "--model", "m.safetensors")
    told = ask("sparse", "saliency", "m.safetensors", "--top", "3")
    assert [entry["label"] for entry in told["classes"]] == list(range(10))
    assert all(len(set(entry["units"])) == 3 for entry in told["classes"])
    assert told["cosine_within"] > told["cosine_between"] and told["centred_cosine_between"] < 0
