"""Shards and blocks: any number of them adds up to the same bits, and changed files are refused."""

import os
import pickle
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indeependence import ContinualClassifier, load_dataset
from indeependence.data.examples import Examples
from indeependence.data.selection import Source
from indeependence.distributed import blocks as gram_blocks
from indeependence.distributed import shards as distributed
from indeependence.distributed.cluster import workers_now
from indeependence.distributed.tasks import submit
from indeependence.errors import InputError
from indeependence.models.autoencoder.labelled import LabelledAutoencoder
from indeependence.moments.moments import Moments

pytestmark = pytest.mark.slow  # seconds, or many of them

pytest.importorskip("distributed")


class Answer:
    def __init__(self, value):
        self.value = value


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Answers are there at once."""
    for module in (distributed, gram_blocks):
        monkeypatch.setattr(module, "result_of", lambda client, answer: answer.value)


class OneProcess:
    """Does what a Dask client does, at once and here; counts what was asked for."""

    def __init__(self, workers):
        self.workers, self.asked = workers, []

    @property
    def scheduler(self):
        return SimpleNamespace(identity=lambda: {"workers": dict.fromkeys(range(self.workers))})

    def sync(self, function, callback_timeout):
        return function()

    def submit(self, function, *given, pure, key, workers=None, allow_other_workers=True, **named):
        assert workers is None or (workers in range(self.workers) and allow_other_workers)
        self.asked.append(given[1])
        return Answer(function(*[one.value if isinstance(one, Answer) else one for one in given], **named))


@pytest.mark.parametrize("workers", [0, 1, 3])
@pytest.mark.parametrize("rows", [slice(None), slice(0, 2), slice(100, 300), slice(1, None, 7)])
def test_any_number_of_shards_adds_up_to_the_same_bits(workers, rows):
    digits = load_dataset("digits")
    model = ContinualClassifier("10").bootstrap(digits.x_train[:100])
    rows = np.arange(len(digits.y_train))[rows]
    client = OneProcess(workers)
    sums = distributed.sum_shards(client, model.encoder_, distributed.Located("digits"), rows)
    expected = model.partial_fit(digits.x_train[rows], digits.y_train[rows])
    assert sums.fingerprint == expected.moments_.fingerprint
    assert client.asked.count(distributed.added) == client.asked.count(distributed.sum_shard) - 1
    assert client.asked.count(distributed.sum_shard) == min(
        distributed.shards_of(len(rows), 20, workers=max(workers, 1)), len(rows)
    )


@pytest.mark.parametrize("blocks", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("codes", [2000, 1 << 26])
def test_any_number_of_blocks_of_products_gives_the_same_bits(monkeypatch, blocks, codes):
    monkeypatch.setattr(gram_blocks, "CODES", codes)  # few codes: many tasks, one after another
    digits = load_dataset("digits")
    model = ContinualClassifier("10").bootstrap(digits.x_train[:100])
    client, rows = OneProcess(2), np.arange(50, 450)
    sums = gram_blocks.sum_blocks(client, model.encoder_, distributed.Located("digits"), rows, blocks=blocks)
    expected = model.partial_fit(digits.x_train[rows], digits.y_train[rows])
    assert sums.fingerprint == expected.moments_.fingerprint
    strips = min(blocks, 20)
    pieces = client.asked.count(gram_blocks.encoded)
    assert pieces == max(2, 400 * 20 // codes)
    assert client.asked.count(gram_blocks.block) == pieces * strips * (strips + 1) // 2


def test_sums_travel_as_one_triangle_of_narrow_numbers():
    digits = load_dataset("digits")
    encoder = ContinualClassifier("64").bootstrap(digits.x_train).encoder_
    source = distributed.Located("digits")
    one, other = (distributed.sum_shard(encoder, source, range(*part), batch_size=99) for part in ((0, 7), (7, 400)))
    for packed in (one, other, distributed.added(one, other)):
        products = pickle.dumps(packed[1]["products"])
        assert len(products) < 4 * 128 * 129 // 2 + 1000  # 66 kB instead of the 8 H² = 131 kB in memory


def test_sums_that_pictures_are_drawn_from_travel_too():
    digits = load_dataset("digits")
    model = LabelledAutoencoder(range(10), "20", n_jobs=1).bootstrap(digits.x_train)
    packed = [
        distributed.sum_shard(model.coder, distributed.Located("digits"), range(*part), batch_size=99)
        for part in ((0, 150), (150, 400))
    ]
    found = model.add(distributed.unpack(*distributed.added(*packed))).autoencoder.regions
    again = LabelledAutoencoder(range(10), "20", n_jobs=1).bootstrap(digits.x_train)
    right = again.learn([(digits.x_train[:400], digits.y_train[:400])]).autoencoder.regions
    assert found.count == 400 and found.fingerprint == right.fingerprint


def test_pictures_that_stay_in_their_files_are_summed_by_their_paths(tmp_path, monkeypatch):
    digits = load_dataset("digits")
    for number, (picture, label) in enumerate(zip(digits.x_train[:60], digits.y_train[:60] % 2, strict=True)):
        (tmp_path / str(label)).mkdir(exist_ok=True)
        (tmp_path / str(label) / f"{number}.pgm").write_bytes(b"P5 8 8 255\n" + picture.tobytes())
    held = load_dataset(tmp_path)
    monkeypatch.setattr("indeependence.data.readers.pictures.IN_MEMORY", 100)
    data = load_dataset(tmp_path)
    source, rows = distributed.Located(str(tmp_path)), np.arange(3, 40)
    examples = Examples("train", data.x_train, data.y_train, rows)
    assert distributed.source_of(source, replace(examples, x=held.x_train)) is source
    monkeypatch.setattr(distributed.Located, "load", None)  # no worker looks through the folder again
    model = ContinualClassifier("10").bootstrap(held.x_train)
    sums = distributed.sum_shards(OneProcess(2), model.encoder_, distributed.source_of(source, examples), rows)
    assert sums.fingerprint == model.partial_fit(held.x_train[rows], held.y_train[rows]).moments_.fingerprint


def test_consecutive_rows_are_sent_as_a_range_and_paths_as_absolute_ones(monkeypatch, tmp_path):
    assert distributed.compact(np.arange(5, 9)) == range(5, 9)
    np.testing.assert_array_equal(distributed.compact(np.array([3, 1])), [3, 1])
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "x").write_bytes(b"123")
    located = distributed.Located.of(Source("here", "y"))
    assert located.data == str(tmp_path / "here") and located.label == "y" and located.identity.size == 3
    assert distributed.Located.of(Source("digits")).data == "digits"


def rewritten(path, day):
    """Write other inputs and labels of the same size to ``path``, and give it the time that it had."""
    before = path.stat() if path.exists() else None
    rng = np.random.default_rng(day)
    np.savez(path, x=rng.integers(0, 256, (40, 6), np.uint8), y=np.arange(40) % 2)
    if before is not None:
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("named", [True, False], ids=["a new plan", "the old plan"])
def test_a_worker_that_lives_for_days_learns_no_file_of_yesterday(tmp_path, named):
    path = tmp_path / "today.npz"
    rewritten(path, 1)
    encoder = ContinualClassifier("3").bootstrap(np.load(path)["x"]).encoder_
    yesterday = distributed.Located.of(Source(str(path), test_fraction=0))
    distributed.sum_shard(encoder, yesterday, range(40), batch_size=9)
    rewritten(path, 2)
    if not named:
        with pytest.raises(InputError, match="today.npz is not on this worker what the run was planned from"):
            distributed.sum_shard(encoder, yesterday, range(40), batch_size=9)
        return
    today = distributed.Located.of(Source(str(path), test_fraction=0))
    summed = distributed.unpack(*distributed.sum_shard(encoder, today, range(40), batch_size=9))
    there = np.load(path)
    assert (
        summed.fingerprint
        == ContinualClassifier().start(encoder).partial_fit(there["x"], there["y"]).moments_.fingerprint
    )


def test_a_mapped_file_that_changes_in_the_middle_of_a_shard_is_refused(tmp_path, monkeypatch):
    digits = load_dataset("digits")
    for part in ("x_train", "y_train", "x_test", "y_test"):
        np.save(tmp_path / f"{part}.npy", getattr(digits, part))
    encoder = ContinualClassifier("3").bootstrap(digits.x_train).encoder_
    source = distributed.Located.of(Source(str(tmp_path)))
    codes = distributed.codes_of(encoder, source, range(200), 100)
    next(codes)
    np.save(tmp_path / "x_train.npy", 255 - digits.x_train)
    with pytest.raises(InputError, match="is not on this worker what the run was planned from"):
        list(codes)


def test_picture_files_with_other_bytes_than_the_plan_saw_are_refused(tmp_path, monkeypatch):
    for label in "ab":
        (tmp_path / label).mkdir()
        for number in range(4):
            (tmp_path / label / f"{number}.pgm").write_bytes(b"P5 8 8 255\n" + bytes([number]) * 64)
    monkeypatch.setattr("indeependence.data.readers.pictures.IN_MEMORY", 100)
    data = load_dataset(tmp_path, test_fraction=0)
    (tmp_path / "a" / "2.pgm").write_bytes(b"P5 8 8 255\n" + bytes([9]) * 64)
    with pytest.raises(InputError, match="2.pgm has changed while it was in use"):
        data.x_train[np.arange(8)]


def test_sums_of_another_encoder_and_of_another_kind_of_labels_are_not_added():
    model = ContinualClassifier("2").fit(np.eye(4, dtype=np.uint8), [0, 1, 0, 1])
    with pytest.raises(InputError, match="one and the same encoder, got two"):
        model.add(Moments.empty("another", 4))
    names = ContinualClassifier().start(model.encoder_).partial_fit(np.eye(4, dtype=np.uint8), list("abab"))
    with pytest.raises(InputError, match="expected labels that are numbers, as learned before, got names"):
        model.add(names.moments_)


@given(st.integers(1, 40), st.integers(1, 12))
def test_sums_of_one_worker_meet_before_those_of_others(shards, workers):
    """Each shard is ``(where, what)``; two sums meet where the first one is, and one from elsewhere is a message."""
    messages = []

    def join(one, other):
        messages.extend([other] * (one[0] != other[0]))
        return one[0], one[1] + other[1]

    where, all_of_them = distributed.joined([(i % workers, [i]) for i in range(shards)], workers, join)
    assert where == 0 and sorted(all_of_them) == list(range(shards))
    assert len(messages) == min(workers, shards) - 1


def test_a_task_is_done_at_the_worker_that_it_is_meant_for():
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        for place in workers_now(client):
            assert submit(client, address, near=place).result() == place


def address():
    """Return the address of the worker that this runs on."""
    from distributed import get_worker

    return get_worker().address
