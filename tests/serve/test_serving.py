"""A model behind HTTP: what programs do with it, and that it is the model of a plain run."""

import json
import os
import threading
import weakref

import cv2
import numpy as np
import pytest

from indeependence import ContinualClassifier, InputError
from indeependence.data.readers.decoding import Decoded
from indeependence.data.reading import Reading
from indeependence.models.autoencoder.labelled import LabelledAutoencoder
from indeependence.models.weights_file import write_predictor
from indeependence.serve.beginning import Beginning
from indeependence.serve.gate import Gate, Given
from indeependence.serve.limits import Limits
from tests.serve.running import SECRETS, TOKENS, asked, npy, pictures, served


@pytest.fixture(scope="module")
def taught(tmp_path_factory):
    """A server that has learned ten pictures of two classes from nothing, one request after another."""
    left, right = pictures(5)
    with served(tmp_path_factory.mktemp("served") / "m.safetensors") as (client, service):
        for rows, label in ((left, "left"), (right, "right")):
            for row in rows:
                client.learn(row[None], [label])
        yield client, service


def npy_of(kind, shape, data=b""):
    """The bytes of an .npy file with a header that NumPy would never write."""
    header = f"{{'descr': {kind}, 'fortran_order': False, 'shape': {shape}, }}".encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + data


def plainly(*taught):
    """The fingerprint of a model that learned the same in one go, without a server."""
    model = Beginning().model(taught[0][0], Reading())
    for rows, label in taught:
        model.partial_fit(rows, [label] * len(rows))
    return model.moments_.fingerprint


def test_what_a_server_learned_is_what_a_plain_run_learns(taught):
    client, _ = taught
    left, right = pictures(5)
    assert client.model()["model_sha256"] == plainly((left, "left"), (right, "right"))
    assert client.classes() == {"left": 5, "right": 5}


def test_answers_are_those_of_the_model_in_the_file_and_say_which_sums_gave_them(taught, tmp_path):
    client, _ = taught
    left, right = pictures(3, seed=1)
    client.download(tmp_path / "copy.safetensors")
    model = ContinualClassifier.load(tmp_path / "copy.safetensors")
    status, _, body = asked(client, "/predict", npy(np.concatenate([left, right])), Content_Type="application/x-npy")
    said = json.loads(body)
    assert status == 200 and said["model_sha256"] == model.moments_.fingerprint == client.model()["model_sha256"]
    assert [one["label"] for one in said["answers"]] == ["left"] * 3 + ["right"] * 3
    doubtful = (left // 2 + right // 2)[:, :, ::-1]
    expected = model.predictor.probabilities(doubtful)
    found = [{one["label"]: one["probability"] for one in (best, *best["others"])} for best in client.predict(doubtful)]
    assert [[row[label] for label in model.predictor.labels] for row in found] == expected.tolist()
    assert (expected < 1).all()  # else any weights would do


def test_rows_npy_pictures_and_forms_are_one_input(taught, tmp_path):
    """JSON, .npy, an image, and a form with files: the same answer to the bit."""
    client, _ = taught
    left, _ = pictures(1, seed=2)
    (tmp_path / "one.png").write_bytes(png := cv2.imencode(".png", left[0])[1].tobytes())
    bodies = {
        "application/json": json.dumps({"rows": left.tolist()}).encode(),
        "application/x-npy": npy(left),
        "application/octet-stream": npy(left[0]),
        "image/png": png,
    }
    said = [json.loads(asked(client, "/predict", body, Content_Type=kind)[2]) for kind, body in bodies.items()]
    form = client.predict([tmp_path / "one.png"])
    assert all(one["answers"] == form for one in said)


def test_an_example_and_a_class_are_forgotten_and_every_step_is_taken_back_to_the_bit(taught):
    client, _ = taught
    _, right = pictures(5)
    before = client.model()["model_sha256"]
    one = client.forget(right[:1], ["right"])
    assert one["before"] == before != one["after"] and client.classes()["right"] == 4
    gone = client.forget_class("left")
    assert client.classes() == {"right": 4} and gone["after"] == plainly((right[1:], "right"))
    assert client.undo()["after"] == one["after"] and client.undo()["after"] == before
    assert client.classes() == {"left": 5, "right": 5}


def test_new_sums_are_known_to_the_next_answer(taught):
    client, _ = taught
    left, _ = pictures(1, seed=3)
    said = client.learn(255 - left, ["odd"])
    answer = json.loads(asked(client, "/predict", npy(255 - left), Content_Type="application/x-npy")[2])
    assert said["answers_know_it"] and answer["model_sha256"] == said["after"]
    assert answer["answers"][0]["label"] == "odd"
    client.undo()


def test_no_answer_waits_for_those_who_wait_until_answers_know_what_they_taught(tmp_path, monkeypatch):
    left, _ = pictures(1)
    go, waiting = threading.Event(), threading.Semaphore(0)
    more = min(32, (os.cpu_count() or 1) + 4) + 1  # than asyncio has threads of its own
    with served(tmp_path / "m.safetensors") as (client, service):
        client.learn(left, ["left"])
        monkeypatch.setattr(service.keeper.solver, "wait", lambda version, seconds: waiting.release() or go.wait(60))
        learners = [threading.Thread(target=client.learn, args=(left, ["left"])) for _ in range(more)]
        for one in learners:
            one.start()
        assert all(waiting.acquire(timeout=20) for _ in learners)
        png = cv2.imencode(".png", left[0])[1].tobytes()
        assert asked(client, "/predict", png, Content_Type="image/png")[0] == 200
        go.set()
        for one in learners:
            one.join()


def test_a_model_of_the_same_beginning_is_merged_once(taught, tmp_path):
    client, _ = taught
    _, right = pictures(4, seed=4)
    before = client.model()["model_sha256"]
    with served(tmp_path / "friend.safetensors") as (friend, _):
        friend.learn(right, ["friend"] * 4)
        friend.download(tmp_path / "copy.safetensors")
    assert client.merge(tmp_path / "copy.safetensors")["examples"] == 4 and client.classes()["friend"] == 4
    with pytest.raises(InputError, match="in the sum already"):
        client.merge(tmp_path / "copy.safetensors")
    assert client.undo()["after"] == before
    Beginning().model(right, Reading()).partial_fit(right, [0] * 4).save(tmp_path / "numbers.safetensors")
    with pytest.raises(InputError, match="labels that are names"):
        client.merge(tmp_path / "numbers.safetensors")


@pytest.mark.parametrize(
    ("path", "kind", "body", "status", "said"),
    [
        ("/predict", "application/json", b"{", 400, "expected a JSON object"),
        ("/predict", "application/json", b"{}", 400, "at least one row"),
        ("/predict", "application/json", b'{"rows": [[1, 2], [3]]}', 400, "rows of one length"),
        ("/predict", "application/json", b'{"rows": [[1, 2, 3]]}', 400, "16x16"),
        ("/predict", "application/x-npy", b"\x93NUMPY", 400, "truncated"),
        ("/predict", "image/png", b"GIF89a", 400, "no picture"),
        ("/predict", "text/plain", b"x", 400, "got text/plain"),
        ("/predict", "multipart/form-data", b"x", 400, "expected a form"),
        ("/predict?top=0", "application/json", b'{"rows": [[1]]}', 400, "at least 1"),
        ("/learn", "application/json", b'{"rows": [[[0]]]}', 400, "expected"),
        ("/forget", "application/json", b'{"class": "nobody"}', 400, "never learned"),
        ("/merge", "application/octet-stream", b"nothing", 400, "the model to merge"),
        ("/forget", "application/json", b'{"class": true}', 400, "name of a class, got bool"),
        ("/forget", "Application/JSON", b'{"class": "nobody"}', 400, "never learned"),
        ("/predict?top=%C2%B2", "application/json", b'{"rows": [[1]]}', 400, "whole number"),
        ("/predict", "application/x-npy", npy_of("'|V0'", "(5,)"), 400, "no array of shape"),
        ("/predict", "application/x-npy", npy_of("'|u1'", "(0, 10000000000000000000000)"), 400, "no array of shape"),
        ("/predict", "application/x-npy", npy_of("'<M8[s]'", "(1,)", bytes(8)), 400, "expected numbers"),
        ("/predict", "application/json", b'{"rows": [["' + b"a" * 2000 + b'"]]}', 400, "texts of at most 1,000"),
        ("/learn", "application/json", b'{"rows": [[0]], "labels": ["' + b"a" * 200 + b'"]}', 400, "at most 100 char"),
        ("/learn", "application/json", b'{"rows": [[0]], "labels": [' + b"1," * 1000 + b"1]}", 400, "at most 1,000"),
        ("/nowhere", "application/json", b"{}", 404, "see /docs"),
    ],
)
def test_bad_requests_get_one_clear_line_and_change_nothing(taught, path, kind, body, status, said):
    client, _ = taught
    before = client.model()["model_sha256"]
    found, _, text = asked(client, path, body, Content_Type=kind)
    message = json.loads(text)["error"]
    assert found == status and said in message and "\n" not in message
    assert client.model()["model_sha256"] == before


def test_a_cell_that_is_no_number_and_a_label_that_is_none_are_refused_by_models_of_numbers(tmp_path):
    model = ContinualClassifier("3").fit(np.random.default_rng(0).uniform(size=(20, 2)), np.arange(20) % 2)
    gate = Gate(Limits(), model, [0, 1])
    for kind, body, said in (
        ("application/json", b'{"rows": [["x", 1]]}', "expected numbers, got text"),
        (
            "application/json",
            json.dumps({"rows": [{f"c{n}-{m}": 1 for m in range(9)} for n in range(900)]}).encode(),
            "same",
        ),
        ("application/x-npy", npy_of("'<c16'", "(1, 2)", bytes(32)), "expected numbers"),
        ("application/x-npy", npy_of("[('a', '<f8')]", "(1, 2)", bytes(16)), "expected numbers"),
    ):
        with pytest.raises(InputError, match=said):
            gate.examples(Given(kind, body), labelled=False)
    row = b'{"rows": [[1, 1]]}'
    for label in ("\u00b2", "--5"):  # digits to Python, and no number
        assert gate.examples(Given("application/json", row, labels=(label,)), labelled=True).labels.tolist() == [label]
    with pytest.raises(InputError, match="names of at most 100"):
        gate.examples(Given("application/json", row, labels=("9" * 5000,)), labelled=True)


def test_pictures_are_decoded_one_at_a_time(monkeypatch):
    """A form of small files may hold pictures of gigabytes together."""
    found, most = weakref.WeakSet(), 0

    def decoded(data, name):
        nonlocal most
        found.add(one := Decoded(np.zeros((8, 8), np.uint8)))
        most = max(most, len(found))
        return one

    monkeypatch.setattr("indeependence.serve.gate.decoded", decoded)
    for model in (None, Beginning().model(np.zeros((1, 8, 8), np.uint8), Reading())):
        given = Given("multipart/form-data", pictures=(("a", b""),) * 20)
        assert len(Gate(Limits(), model).examples(given, labelled=False).inputs) == 20 and most <= 2
    with pytest.raises(InputError, match="send fewer"):
        Gate(Limits(seconds=-1), model).examples(given, labelled=False)


def test_a_wrong_removal_is_refused(taught):
    client, _ = taught
    left, _ = pictures(9, seed=5)
    with pytest.raises(InputError, match="cannot remove more examples"):
        client.forget(left, ["left"] * 9)


def test_nothing_is_known_before_anything_was_taught(tmp_path):
    with served(tmp_path / "m.safetensors") as (client, _):
        status, _, body = asked(client, "/predict", npy(pictures(1)[0]), Content_Type="application/x-npy")
        assert status == 409 and "teach it first" in json.loads(body)["error"]
        assert client.classes() == {} and client.model()["input_shape"] is None
        with pytest.raises(InputError, match="teach it first"):
            client.undo()
    assert not (tmp_path / "m.safetensors").exists() and not list(tmp_path.iterdir())


def test_a_table_begins_with_enough_rows_and_is_read_as_files_are(tmp_path):
    table = b"length,kind\n" + b"".join(
        b"%d,%s\n" % (n * 7 % 20, b"long" if n * 7 % 20 > 9 else b"short") for n in range(20)
    )
    with served(tmp_path / "m.safetensors") as (client, _):
        status, _, body = asked(client, "/learn", b"length,kind\n1,short\n2,long\n", Content_Type="text/csv")
        assert status == 400 and "at least 10 rows" in json.loads(body)["error"]
        assert asked(client, "/learn", table, Content_Type="text/csv")[0] == 200
        assert client.classes() == {"long": 10, "short": 10} and client.model()["columns"] == ["length"]
        by_name = asked(client, "/predict", b'{"rows": [{"length": 3}]}', Content_Type="application/json")
        by_table = asked(client, "/predict", b"length\n3\n", Content_Type="text/csv")
        assert json.loads(by_name[2]) == json.loads(by_table[2])
        assert client.predict([[3.0], [16.0]])[1]["label"] == "long"


def test_without_a_model_drawings_are_28_pixels_wide_and_photographs_32_in_colour():
    grey, colour = np.full((90, 60), 9, np.uint8), np.arange(90 * 60 * 3).reshape(90, 60, 3).astype(np.uint8)
    for picture, shape in ((grey, (1, 28, 28)), (colour, (1, 32, 32, 3))):
        body = cv2.imencode(".png", picture)[1].tobytes()
        assert Gate(Limits()).examples(Given("image/png", body), labelled=False).inputs.shape == shape


def test_a_model_without_sums_only_answers(tmp_path):
    left, right = pictures(5)
    model = ContinualClassifier("8").fit(np.concatenate([left, right]), ["left"] * 5 + ["right"] * 5)
    write_predictor(tmp_path / "w.safetensors", model.predictor)
    with served(tmp_path / "w.safetensors") as (client, _):
        assert client.predict(left[:1])[0]["label"] == "left" and not client.model()["learns"]
        with pytest.raises(InputError, match="only answers"):
            client.learn(left[:1], ["left"])


def test_a_picture_of_a_class_is_asked_for_where_the_model_can_draw(taught, tmp_path):
    rows = np.random.default_rng(0).integers(0, 256, (40, 6, 6), np.uint8)
    LabelledAutoencoder([0, 1], "8").bootstrap(rows).learn([(rows, np.arange(40) % 2)]).save(tmp_path / "a.safetensors")
    with served(tmp_path / "a.safetensors") as (client, _):
        assert client.model()["draws"] and client.predict(rows[:2])[0]["label"] in (0, 1)
        status, headers, png = asked(client, "/draw?class=1")
        picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
        assert status == 200 and headers["content-type"] == "image/png" and picture.shape == (6, 6)
        assert asked(client, "/draw?class=1&seed=2")[2] != png
        assert asked(client, "/draw?class=7")[0] == 400
    status, _, body = asked(taught[0], "/draw?class=left")
    assert status == 400 and "cannot draw" in json.loads(body)["error"]


def test_the_history_says_who_taught_what_and_only_they_take_it_back(tmp_path):
    left, right = pictures(3)
    with served(tmp_path / "m.safetensors", tokens=TOKENS) as (client, _):
        ann, bob = (type(client)(client.address, token=secret) for secret in SECRETS)
        ann.learn(left, ["left"] * 3)
        bob.learn(right, ["right"] * 3)
        with pytest.raises(InputError, match="made by bob"):
            ann.undo()
        bob.undo()
        assert [(one["by"], one["what"], one["examples"]) for one in bob.history()] == [
            ("ann", "learn", 3),
            ("bob", "learn", 3),
            ("bob", "undo", -3),
        ]


def test_a_model_of_several_members_learns_and_forgets_in_service(tmp_path):
    left, right = pictures(4)
    model = ContinualClassifier("6", members=2, ledger="class").fit(
        np.concatenate([left, right]), ["l"] * 4 + ["r"] * 4
    )
    model.save(tmp_path / "m.safetensors")
    with served(tmp_path / "m.safetensors") as (client, _):
        before = client.model()["model_sha256"]
        assert client.learn(left[:2], ["l"] * 2)["before"] == before == model.moments_.fingerprint
        assert client.predict(left)[0]["label"] == "l" and client.forget(left[:2], ["l"] * 2)["after"] == before
