"""Every learner keeps what learners promise: one set of checks over all of them, and what the checks find."""

from functools import partial

import numpy as np
import pytest

from indeependence import ContextualClassifier, ContinualClassifier, check_learner
from indeependence.errors import InputError
from indeependence.models.autoencoder.labelled import LabelledAutoencoder
from indeependence.models.baselines import scikit
from indeependence.models.baselines.catalogue import KINDS
from indeependence.models.baselines.ewc import ElasticWeights
from indeependence.models.baselines.fine_tuning import FineTuning
from indeependence.models.baselines.joint import JointTraining
from indeependence.models.baselines.replay import Replay
from indeependence.models.baselines.streaming_lda import StreamingLDA
from indeependence.models.conceptors.learner import ConceptorPerceptron
from indeependence.models.conformance import CHECKS

pytestmark = pytest.mark.slow  # seconds, or many of them

LABELS = (0, 1, 2)
NETWORK = {"hidden": 16, "steps": 300}
PEER = {"hidden": 16, "steps": 30, "rate": 0.02}

LEARNERS = {
    "classifier": lambda: ContinualClassifier("8"),
    "patches": lambda: ContinualClassifier("patches:4:size=3:pool=2:stride=2,+sparse:10"),
    "ledger by class": lambda: ContinualClassifier("8", ledger="class", batch_size=7),
    "contexts": lambda: ContextualClassifier("8", keep_sums=True),
    "autoencoder": lambda: LabelledAutoencoder(LABELS, "8"),
    "conceptors": lambda: ConceptorPerceptron(LABELS, hidden=8, steps=300),
    "fine-tuning": lambda: FineTuning(LABELS, **NETWORK),
    "ewc": lambda: ElasticWeights(LABELS, **NETWORK),
    "replay": lambda: Replay(LABELS, examples=20, **NETWORK),
    "joint": lambda: JointTraining(LABELS, **NETWORK),
    "naive Bayes": lambda: scikit.naive_bayes(LABELS),
    "gradient steps": lambda: scikit.gradient_steps(LABELS),
    "lda": StreamingLDA,
    "deep-slda": partial(KINDS["deep-slda"].made, list(LABELS), **PEER),
    **{name: partial(KINDS[name].made, list(LABELS), examples=21, **PEER) for name in ("der++", "icarl")},
    "ranpac": partial(KINDS["ranpac"].made, list(LABELS), directions=200),
}


@pytest.mark.parametrize("name", LEARNERS)
def test_every_learner_keeps_what_it_promises(name):
    learner = LEARNERS[name]()
    passed = check_learner(learner)
    promised = [check for check, (promise, _) in CHECKS.items() if promise is None or promise in learner.promises]
    assert passed[: len(promised)] == promised


def test_names_and_vectors_are_learned_as_well():
    check_learner(ContinualClassifier("8"), labels=("b", "c", "a"), shape=(30,))


class Broken:
    """A classifier with one thing changed."""

    def __init__(self, what):
        self.inner, self.what = ContinualClassifier("8"), what

    promises = ContinualClassifier.promises

    def __getattr__(self, name):
        if name.startswith("__") or name == "inner":
            raise AttributeError(name)
        return getattr(self.inner, name)

    def restart(self, sample):
        if self.what != "keeps its past" or not hasattr(self.inner, "encoder_"):
            self.inner.restart(sample)
        return self

    def learn(self, batches, task=None):
        whole = list(batches) if self.what != "reads nothing" else []
        if self.what == "weighs by order":
            whole = whole[:1] + whole
        if self.what == "takes NaN":
            whole = [(np.nan_to_num(inputs).astype(np.uint8).reshape(len(inputs), 6, -1), y) for inputs, y in whole]
        self.inner.learn(whole)
        return self

    def merge(self, other):
        if self.what != "merges nothing":
            self.inner.merge(other.inner)
        return self

    def forget(self, X, y):
        if self.what != "forgets nothing":
            self.inner.forget(X, y)
        return self


@pytest.mark.parametrize(
    "what, message",
    [
        ("reads nothing", "the model has learned no examples yet"),
        ("keeps its past", "fingerprint after a restart"),
        ("weighs by order", "fingerprint of "),
        ("merges nothing", "fingerprint of a merge"),
        ("forgets nothing", "fingerprint after forgetting"),
    ],
)
def test_what_a_learner_does_not_keep_is_found(what, message):
    with pytest.raises((AssertionError, InputError), match=message):
        check_learner(Broken(what))


def test_a_promise_that_nobody_knows_is_refused():
    learner = ContinualClassifier("8")
    learner.promises = {"eternity"}
    with pytest.raises(InputError, match="expected promises among order, file, merge, forget, got 'eternity'"):
        check_learner(learner)
