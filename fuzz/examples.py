"""Small files of every kind for `forge.py`, the commands that use them, and fingerprints that always hold."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import numpy as np

from indeependence import ContextualClassifier, ContinualClassifier
from indeependence.binary_codes.sdr import SDR
from indeependence.binary_codes.storage import SDRFile, write_sdr
from indeependence.commands import cli
from indeependence.encoder.encoder import Encoder
from indeependence.models.autoencoder.labelled import LabelledAutoencoder
from indeependence.models.classifier import kept
from indeependence.models.contexts import context
from indeependence.models.contexts import storage as contexts_storage
from indeependence.models.predictor import Predictor
from indeependence.models.weights_file import write_predictor
from indeependence.moments.average import Average
from indeependence.moments.moments import Moments

SAME = "5" * 64  # every fingerprint
RNG = np.random.default_rng(0)
PICTURES = RNG.integers(0, 256, (40, 8, 8), np.uint8)
VECTORS = RNG.normal(size=(40, 3))
LABELS = np.array(["a", "b"] * 20)
TABLE = "mass;when;kind;ok;label\n" + "".join(
    f"{i / 4};2024-01-{i + 1:02};{'red' if i % 3 else ''};{i % 2 == 0};{'ab'[i % 2]}\n" for i in range(25)
)


@contextlib.contextmanager
def signed() -> Iterator[None]:
    """Let the fingerprints of all sums, encoders and weights be `SAME` inside the block, so that all hold.

    The true one is computed, too, so that what makes it fail is found.
    """
    with contextlib.ExitStack() as stack:
        for owner, name in ((Encoder, "fingerprint"), (Moments, "fingerprint"), (Average, "fingerprint")):
            stack.enter_context(patch.object(owner, name, _same(vars(owner)[name])))
        for owner in (context.Open, context.Closed, Predictor):
            stack.enter_context(patch.object(owner, "fingerprint", _same(vars(owner)["fingerprint"])))
        for module in (kept, contexts_storage):
            stack.enter_context(patch.object(module, "_digest", _same_digest(module._digest)))
        yield


def _same(real) -> property:
    compute = getattr(real, "fget", None) or real.func

    def fingerprint(self) -> str:
        compute(self)
        return SAME

    return property(fingerprint)


def _same_digest(real: Callable[..., str]) -> Callable[..., str]:
    def digest(*parts) -> str:
        real(*parts)
        return SAME

    return digest


@dataclass(frozen=True)
class Kind:
    """How the file ``true`` of a kind is made in a folder, and the commands that use the file ``forged`` there."""

    make: Callable[[Path], None]
    commands: tuple[list[str], ...]


def _say(*words: str) -> None:
    with contextlib.redirect_stdout(None):
        cli.main([*words, "--quiet"], standalone_mode=False)


def _classifier(layers: str, x: np.ndarray, **parameters) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        np.savez(folder / "x.npz", x=x[:8], y=LABELS[:8])
        model = ContinualClassifier(layers, **parameters).fit(x, LABELS)
        ContinualClassifier(layers, **parameters).start(model.encoder_).partial_fit(x[:9], LABELS[:9]).save(
            folder / "other"
        )
        model.merge(ContinualClassifier(layers, **parameters).start(model.encoder_).partial_fit(x[:5], LABELS[:5]))
        _ = model.weights
        model.save(folder / "true", {"plan": "x", "done": 3, "of": 9, "first_task": 1})

    return make


def _contexts(folder: Path) -> None:
    np.savez(folder / "x.npz", x=PICTURES[:8], y=LABELS[:8])
    model = ContextualClassifier("2", contexts="task")
    model.partial_fit(PICTURES, LABELS).partial_fit(255 - PICTURES // 2, LABELS).save(folder / "true")


def _open_contexts(folder: Path) -> None:
    np.savez(folder / "x.npz", x=VECTORS[:8], y=LABELS[:8])
    ContextualClassifier("2", contexts="auto").partial_fit(VECTORS, LABELS).save(folder / "true")


def _autoencoder(**options) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        np.savez(folder / "x.npz", x=PICTURES[:8], y=LABELS[:8])
        model = LabelledAutoencoder(["a", "b"], "4,3", **options).bootstrap(PICTURES, LABELS)
        model.learn([(PICTURES, LABELS)]).save(folder / "true")

    return make


def _vector_autoencoder(folder: Path) -> None:
    np.savez(folder / "x.npz", x=VECTORS[:8], y=LABELS[:8])
    LabelledAutoencoder(["a", "b"], "2").bootstrap(VECTORS).learn([(VECTORS, LABELS)]).save(folder / "true")


def _weights(folder: Path) -> None:
    from indeependence.models.classifier.privacy import Privacy

    _classifier("3", VECTORS)(folder)
    found = ContinualClassifier.load(folder / "true").predictor
    write_predictor(folder / "true", Predictor(found.encoder, found.weights, Privacy(1.0, 1e-6), found.reading))


def _sdr(folder: Path) -> None:
    bits = RNG.random((6, 20)) < 0.2
    write_sdr(folder / "true", SDRFile(SDR.of(bits), LABELS[:6], {"layers": "3", "seed": 0, "data": "x"}))


def _table(folder: Path) -> None:
    (folder / "x.csv").write_text(TABLE)
    _say("train", "--data", f"{folder}/x.csv", "--layers", "3", "--model", f"{folder}/true", "--output", f"{folder}/r")


def _photos(folder: Path) -> None:
    import cv2

    for i in range(12):
        (folder / "x" / "ab"[i % 2]).mkdir(parents=True, exist_ok=True)
        picture = RNG.integers(0, 256, (9 + i % 3, 8, 3)).astype(np.uint16 if i % 4 == 3 else np.uint8)
        cv2.imwrite(str(folder / "x" / "ab"[i % 2] / f"{i}.png"), picture)
    words = ("train", "--data", f"{folder}/x", "--layers", "3", "--model", f"{folder}/true", "--output", f"{folder}/r")
    _say(*words, "--size", "8x8")


def _commands(data: str, *, mergeable: bool = False, only: str = "") -> tuple[list[str], ...]:
    """Return the commands that use a model; ``@`` stands for the folder."""
    work = ["--threads", "1", "--quiet"]
    use = [
        ["inspect", "@forged", "--json"],
        ["inspect", "@forged"],
        ["infer", "--model", "@forged", "--data", data, *work],
        ["test", "@forged", "--data", data, "--part", "all", "--output", "@report", *work],
        ["export", "@forged", "--output", "@new.safetensors", "--overwrite"],
        ["train", "--load", "--model", "@forged", "--data", data, "--output", "@report", *work],
    ]
    if mergeable:
        use += [
            ["merge", "@forged", "@other", "--again", "--output", "@new"],
            ["merge", "@other", "@forged", "--again", "--output", "@new"],
            ["inspect", "@other", "--held-out", "@forged"],
            ["forget", "--model", "@forged", "--class", "a"],
            ["forget", "--model", "@forged", "--task", "1"],
            ["forget", "--model", "@forged", "--examples", data, *work],
            ["forget", "--model", "@other", "--minus", "@forged"],
            ["forget", "--model", "@forged", "--minus", "@other"],
            ["sparse", "prune", "@forged", "--output", "@new"],
            ["train", "--resume", "--model", "@forged", "--data", data, "--output", "@report", *work],
            ["sparse", "embed", "--model", "@forged", "--data", data, "--units", "8", "--active", "2", "--output"]
            + ["@new", *work],
        ]
    return tuple(one for one in use if not only or one[0] == only)


DRAWS = (
    ["generate", "--model", "@forged", "--count", "2", "--output", "@new.png"],
    ["infer", "--model", "@forged", "--data", "@x.npz", "--mask", "top", "--output", "@new.png", "--quiet"],
)
NPZ = "@x.npz"
KINDS = {
    "classifier": Kind(_classifier("+boxes:2,+fourier:2,3:winners=1", VECTORS), _commands(NPZ, mergeable=True)),
    "pictures": Kind(_classifier("patches:2:size=3:pool=3:stride=3", PICTURES), _commands(NPZ)),
    "by_task": Kind(_classifier("2", PICTURES, ledger="task"), _commands(NPZ, mergeable=True)),
    "by_class": Kind(_classifier("2", PICTURES, ledger="class", penalty=0.5), _commands(NPZ, mergeable=True)),
    "contexts": Kind(_contexts, _commands(NPZ)),
    "open_contexts": Kind(_open_contexts, _commands(NPZ)),
    "autoencoder": Kind(_autoencoder(), (*_commands(NPZ), *DRAWS)),
    "averaged": Kind(_autoencoder(coeff=0.1, frozen=False), (*_commands(NPZ), *DRAWS)),
    "vector_autoencoder": Kind(_vector_autoencoder, (*_commands(NPZ), *DRAWS)),
    "weights": Kind(_weights, _commands(NPZ)),
    "sdr": Kind(_sdr, _commands(NPZ, only="inspect")),
    "table": Kind(_table, _commands("@x.csv")),
    "photos": Kind(_photos, _commands("@x")),
}
