"""Threads that change one model: nothing is lost, whoever comes first; and who is changed by itself is told."""

import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Thread

import numpy as np
import pytest

from indeependence import Autoencoder, ContextualClassifier, ContinualClassifier
from indeependence.errors import InputError
from indeependence.models.alone import alone_with
from indeependence.models.autoencoder.labelled import LabelledAutoencoder

X, Y = np.random.default_rng(0).integers(0, 256, (64, 6), np.uint8), np.arange(64) % 2


@pytest.fixture(autouse=True)
def hasty_switches():
    """Threads that take turns as often as Python can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def at_once(acts):
    """Run all of ``acts``, each in a thread of its own that starts with the others."""
    start = Barrier(len(acts))

    def run(act):
        start.wait()
        act()

    with ThreadPoolExecutor(len(acts)) as pool:
        list(pool.map(run, acts))


def parts(count=8):
    return [slice(start, start + 64 // count) for start in range(0, 64, 64 // count)]


def test_eight_threads_that_learn_and_forget_lose_nothing():
    model = ContinualClassifier("4", n_jobs=1).bootstrap(X)
    empty = model.moments_.fingerprint
    at_once([lambda part=part: model.partial_fit(X[part], Y[part]) for part in parts()])
    assert model.moments_.fingerprint == ContinualClassifier("4").fit(X, Y).moments_.fingerprint
    at_once([lambda part=part: model.forget(X[part], Y[part]) for part in parts()])
    assert model.moments_.fingerprint == empty


def test_two_threads_that_begin_a_model_make_one_encoder():
    model = ContinualClassifier("4", n_jobs=1)
    at_once([lambda part=part: model.partial_fit(X[part], Y[part]) for part in parts(4)])
    assert model.moments_.count == 64


def test_contexts_and_autoencoders_lose_nothing_either():
    contexts = ContextualClassifier("4", contexts="auto", keep_sums=True, n_jobs=1).bootstrap(X)
    labelled = LabelledAutoencoder([0, 1], "4", n_jobs=1).bootstrap(X)
    for model in (contexts, labelled):
        at_once([lambda part=part, model=model: model.learn([(X[part], Y[part])]) for part in parts()])
    assert sum(part.sums.count for part in contexts.moments_.parts) == 64
    assert (
        labelled.moments_.fingerprint
        == LabelledAutoencoder([0, 1], "4").bootstrap(X).learn([(X, Y)]).moments_.fingerprint
    )


def test_threads_that_read_waiting_sums_add_them_once():
    for _ in range(20):
        model = Autoencoder(6, 2, (4,)).bootstrap(X, np.eye(2)[Y])
        for row in range(16):
            model.learn(X[row : row + 1], np.eye(2)[Y[row : row + 1]])
        counts = []
        at_once([lambda model=model, counts=counts: counts.append(model.sums.count)] * 8)
        assert counts == [16] * 8


def test_answers_while_another_thread_learns_are_of_whole_models():
    model = ContinualClassifier("4", n_jobs=1).fit(X[:32], Y[:32])
    known = [
        ContinualClassifier("4", n_jobs=1).start(model.encoder_).partial_fit(X[:end], Y[:end])
        for end in range(32, 65, 8)
    ]
    expected = [one.predict_proba(X).tolist() for one in known]
    found = []
    learn = [lambda: [model.partial_fit(X[end : end + 8], Y[end : end + 8]) for end in range(32, 64, 8)]]
    ask = [lambda: found.extend(model.predict_proba(X).tolist() for _ in range(30))] * 3
    at_once(learn + ask)
    assert all(answer in expected for answer in found)
    assert model.predict_proba(X).tolist() == expected[-1]


@pytest.mark.parametrize("kind", [ContinualClassifier, ContextualClassifier])
def test_a_source_of_batches_that_changes_the_model_is_refused(kind):
    model = kind("4", n_jobs=1).fit(X, Y)

    def batches():
        yield X[:8], Y[:8]
        model.partial_fit(X[8:16], Y[8:16])
        yield X[16:24], Y[16:24]

    with pytest.raises(InputError, match="the model was changed by the source of its batches"):
        model.learn(batches())


def test_a_block_keeps_other_threads_out_and_other_models_in():
    model, other, inside, done = ContinualClassifier(), ContinualClassifier(), Event(), []

    def change(which):
        inside.set()
        with alone_with(which):
            done.append(which)

    with alone_with(model):
        waiting, free = Thread(target=change, args=(model,)), Thread(target=change, args=(other,))
        waiting.start()
        free.start()
        free.join()
        assert inside.is_set() and done == [other]
    waiting.join()
    assert done == [other, model]
