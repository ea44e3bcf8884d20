"""An ONNX network as front: the same answers as onnxruntime's, in the model's file, and nothing in it is believed."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="pip install 'indeependence[onnx]'")
onnx = pytest.importorskip("onnx", reason="pip install 'indeependence[onnx]'")

import onnxruntime  # noqa: E402
from onnx import TensorProto, helper  # noqa: E402
from safetensors.numpy import load_file  # noqa: E402

from indeependence import ContinualClassifier, load_dataset  # noqa: E402
from indeependence.encoder.fronts.front import Front  # noqa: E402
from indeependence.encoder.fronts.onnx_network import OnnxNetwork  # noqa: E402
from indeependence.encoder.fronts.preparation import prepared  # noqa: E402
from indeependence.encoder.fronts.pretrained import pretrained  # noqa: E402
from indeependence.errors import InputError  # noqa: E402
from tests.encoder.fronts.small_onnx import convolutional, graph, weights, wholes  # noqa: E402

LAYERS = "+sparse:30"
node = helper.make_node


@pytest.fixture
def file(tmp_path):
    (tmp_path / "net.onnx").write_bytes(convolutional())
    return tmp_path / "net.onnx"


@pytest.fixture(scope="module")
def digits():
    data = load_dataset("digits")
    return data.x_train[:200], data.y_train[:200]


@pytest.mark.parametrize("batch", ["N", 1, 5])
def test_features_are_those_of_onnxruntime_in_every_order_and_batch(digits, batch, tmp_path):
    (tmp_path / "net.onnx").write_bytes(convolutional((batch, 3, 8, 8)))
    front, pictures = pretrained(tmp_path / "net.onnx", scale="torch"), digits[0][:70]
    whole = front(pictures)
    plain = onnxruntime.InferenceSession(convolutional(), providers=["CPUExecutionProvider"])
    channels_first = np.moveaxis(prepared(pictures, (8, 8, 3), "torch"), -1, 1)
    np.testing.assert_allclose(whole, plain.run(None, {"x": channels_first})[0], atol=1e-5)
    order = np.random.default_rng(0).permutation(70)
    parts = [front(pictures[order[start : start + 9]]) for start in range(0, 70, 9)]
    np.testing.assert_array_equal(np.concatenate(parts), whole[order])


@pytest.mark.slow
def test_a_model_brings_its_network_and_merges_infers_and_tells(file, ask, refuse):
    scaled = ("--encoder", file, "--encoder-scale", "torch", "--layers", LAYERS)
    ask("bootstrap", *scaled, "--model", "a")
    Path("b").write_bytes(Path("a").read_bytes())
    for name, classes in (("a", "0,1"), ("b", "2")):
        told = ask("train", "--classes", classes, "--load", "--model", name)
    assert told["onnx_encoder_sha256"] == OnnxNetwork(file.read_bytes()).fingerprint
    assert told["encoder_scale"] == "torch"
    assert [one["class"] for one in ask("merge", "a", "b", "--output", "m")["classes"]] == [0, 1, 2]
    assert load_file("m")["encoder.front.onnx"].tobytes() == file.read_bytes()
    answers = ask("infer", "--model", "m", "--limit", 3, "--encoder", file)["answers"]
    ask("export", "m", "--output", "w.safetensors")
    assert [one["label"] for one in ask("infer", "--model", "w.safetensors", "--limit", 3)["answers"]] == [
        one["label"] for one in answers
    ]
    assert "cannot become Keras layers: export to a name that ends in .safetensors" in refuse(
        "export", "m", "--output", "m.keras"
    )
    other = ("train", "--load", "--model", "m", "--classes", "3", "--encoder", file, "--encoder-scale", "unit")
    assert "--encoder-scale: m was bootstrapped with torch, got unit" in refuse(*other)
    file.with_name("other.onnx").write_bytes(convolutional(seed=1))
    assert "is not the network that m was bootstrapped with" in refuse(
        "infer", "--model", "m", "--encoder", "other.onnx"
    )


def test_a_missing_onnxruntime_is_said_and_inspect_needs_none(file, ask, refuse, monkeypatch):
    ask("train", "--encoder", file, "--layers", LAYERS, "--classes", "0,1", "--model", "m")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert refuse("infer", "--model", "m") == "an .onnx network needs onnxruntime: pip install 'indeependence[onnx]'"
    assert "needs onnxruntime: pip install" in refuse("bootstrap", "--encoder", file, "--model", "n")
    assert ask("inspect", "m")["onnx_encoder_sha256"]


def far():
    """Weights that are said to be in another file."""
    tensor = weights("w", (6, 3, 3, 3))
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/other")
    return tensor


def claimed():
    """Weights that claim more than is there."""
    tensor = weights("w", (6, 3, 3, 3))
    tensor.dims[0] = 10**12
    return tensor


def nan():
    """Weights of which one is no number."""
    values = np.zeros((6, 3, 3, 3), np.float32)
    values[1, 0, 0, 0] = np.nan
    return onnx.numpy_helper.from_array(values, "w")


CONV = node("Conv", ["x", "w"], ["y"])
SUM = node("ReduceSum", ["big"], ["r"], keepdims=1)
ADD = node("Add", ["x", "r"], ["y"])
FLAT = {"shape": ("N", 4)}
BRANCH = helper.make_graph([], "b", [], [helper.make_tensor_value_info("x", TensorProto.FLOAT, None)])
REFUSED = {
    "two inputs": (convolutional(inputs=2), "one input and one output, got 2 and 1"),
    "two outputs": (convolutional(outputs=("y", "c")), "one input and one output, got 1 and 2"),
    "sides of any size": (convolutional(("N", 3, "H", "W")), "an input of a fixed size, got sides of any size"),
    "words": (graph([node("Cast", ["x"], ["y"], to=1)], shape=("N", 9), kind=TensorProto.INT64), "text, perhaps"),
    "text": (graph([node("Identity", ["x"], ["y"])], shape=("N", 9), kind=TensorProto.STRING), "text in it"),
    "garbage": (b"no network", "cannot load the ONNX network"),
    "far weights": (graph([CONV], [far()]), "weights that are elsewhere"),
    "claimed weights": (graph([CONV], [claimed()]), "fewer than it claims"),
    "no numbers": (graph([CONV], [nan()]), "got NaN in w: train it anew"),
    "foreign": (
        graph([node("Gelu", ["x"], ["y"], domain="com.maker")]),
        "ONNX's own operators, got Gelu of com.maker",
    ),
    "chance": (graph([node("RandomNormalLike", ["x"], ["y"])]), "equal outputs every time"),
    "branches": (
        graph([node("If", ["c"], ["y"], then_branch=BRANCH, else_branch=BRANCH)], [wholes("c", 1)]),
        "no branches and loops, got If",
    ),
    "unknown sizes": (
        graph([node("NonZero", ["x"], ["a"]), node("Cast", ["a"], ["y"], to=1)], **FLAT),
        "sizes that are known in advance",
    ),
    "constant": (
        graph([node("ConstantOfShape", ["n"], ["big"]), SUM, ADD], [wholes("n", 10**6, 10**6)], **FLAT),
        "ConstantOfShape needs 3725.3 GB, at most 4 are usable",
    ),
    "expanded": (
        graph([node("Expand", ["x", "n"], ["big"]), SUM, ADD], [wholes("n", 10**9, 32, 4)], **FLAT),
        "Expand needs .* GB",
    ),
    "range": (
        graph(
            [node("Range", ["a", "n", "b"], ["i"]), node("Cast", ["i"], ["big"], to=1), SUM, ADD],
            [onnx.numpy_helper.from_array(np.array(v, np.int64), k) for k, v in {"a": 0, "n": 10**12, "b": 1}.items()],
            **FLAT,
        ),
        "Range needs .* GB",
    ),
    "product": (
        graph([node("Mul", ["x", "w"], ["big"]), SUM, ADD], [weights("w", (10**5, 1, 1))], shape=(10**4, 4)),
        "Mul needs .* GB",
    ),
    "batch": (convolutional((10**9, 3, 8, 8)), "GB, at most"),
    "input": (
        graph([node("GlobalAveragePool", ["x"], ["y"])], shape=("N", 3, 10**5, 10**5)),
        "the input needs 3576.3 GB, at most 4 are usable",
    ),
    "rows": (graph([node("ReduceSum", ["x"], ["y"], keepdims=1)], **FLAT), "a row for each of 32 inputs"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_a_front_is_refused_before_it_is_run(kind, tmp_path, monkeypatch):
    monkeypatch.setattr(onnxruntime, "InferenceSession", lambda *_, **__: pytest.fail("it was loaded"))
    archive, message = REFUSED[kind]
    (tmp_path / "net.onnx").write_bytes(archive)
    with pytest.raises(InputError, match=message) as refused:
        pretrained(tmp_path / "net.onnx")
    assert "\n" not in str(refused.value) and str(refused.value).startswith(f"{tmp_path / 'net.onnx'}: ")


def test_a_forged_network_in_a_models_file_is_refused_in_one_line(file, ask, refuse):
    ask("bootstrap", "--encoder", file, "--layers", LAYERS, "--model", "m")
    model = ContinualClassifier.load("m")
    forged = OnnxNetwork(REFUSED["constant"][0])
    odd = Front(model.encoder_.front.network, "odd")
    model.start(replace(model.encoder_, front=odd)).save("g")
    assert "expected a known scale of pictures" in refuse("inspect", "g")
    model.start(replace(model.encoder_, front=Front(forged))).save("f")
    assert ask("inspect", "f")["onnx_encoder_sha256"] == forged.fingerprint
    assert "ConstantOfShape needs" in refuse("train", "--load", "--model", "f")


def test_colours_for_a_grey_network_are_refused_and_a_scale_needs_colours(tmp_path, digits):
    (tmp_path / "grey.onnx").write_bytes(convolutional(("N", 1, 8, 8)))
    grey = pretrained(tmp_path / "grey.onnx")
    assert grey(digits[0][:2]).shape == (2, 54)
    with pytest.raises(InputError, match="shape 8x8x1, as the network asks for, got 8x8x3: make all pictures grey"):
        grey(np.zeros((2, 8, 8, 3), np.uint8))
    with pytest.raises(InputError, match="--encoder-scale torch: expected a network of colour pictures"):
        pretrained(grey, scale="torch")(digits[0][:2])
