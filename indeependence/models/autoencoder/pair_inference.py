"""What a model of pairs infers: codes, the other side, what is missing of one, and pairs that are drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from indeependence.errors import InputError
from indeependence.exact import TOP
from indeependence.models.autoencoder.model import Autoencoder
from indeependence.models.autoencoder.side_inference import SideInference, encoder_of_part
from indeependence.models.autoencoder.sides import Side
from indeependence.models.autoencoder.two_sides import Pairs, other_side
from indeependence.models.inputs import checked_inputs
from indeependence.models.parameters import one_of, whole


class InfersPairs:
    """All that follows from the sums of pairs, in the units of both sides."""

    autoencoder: Autoencoder  # of both sides in bytes
    sides_: tuple[Side, Side]  # shapes and limits

    def transform(self, X: Any) -> np.ndarray:
        """Return the top codes ``[N, H]`` of inputs alone, whole numbers of 0..255 as float64."""
        check_is_fitted(self, "sides_")
        return self.autoencoder.encode(self.sides_[0].rows(checked_inputs(self, X))).astype(np.float64)

    def inverse_transform(self, X: Any) -> np.ndarray:
        """Return the inputs ``[N, ...]`` that the bases decode from codes ``[N, H]``, in the units of the inputs."""
        check_is_fitted(self, "sides_")
        codes, units = np.asarray(X, np.float32), self.autoencoder.tied.encoder.units
        if codes.ndim != 2 or codes.shape[1] != units:
            raise InputError(f"expected codes of {units} units, as transform makes them, got shape {codes.shape}")
        return self.sides_[0].values(self.autoencoder.decode(codes)[0])

    def infer(
        self,
        X: Any = None,
        targets: Any = None,
        mask: np.ndarray | None = None,
        *,
        method: str = "mean",
        steps: int = 100,
    ) -> Pairs:
        """Return whole pairs from one side, or from the inputs of which ``mask`` says what is known.

        ``method`` and ``steps`` are those of `Autoencoder.infer`.
        """
        check_is_fitted(self, "sides_")
        inputs = None if X is None else self.sides_[0].rows(X)
        others = None if targets is None else self.sides_[1].rows(targets)
        found = self.autoencoder.infer(inputs, others, mask, method=method, steps=steps)
        return self._pairs(found.inputs, found.targets)

    def inference(self, given: str = "A") -> SideInference:
        """Return what infers one side from the ``given`` one, "A" or "B", without sums; for export."""
        check_is_fitted(self, "sides_")
        if not self.sides_[1].size:
            raise InputError("expected a model of two sides, got one of one side: there is no other side to infer")
        model, side = self.autoencoder, "AB".index(one_of("given", given, ("A", "B")))
        part = (model.layout.inputs, model.layout.targets)[side]
        own, units = self.sides_[side], model.summed.kept[side]
        encoder = encoder_of_part(model.tied, part, own.shape, own.quantiser, units)
        weights = model.readout_of_inputs if side else model.readout
        return SideInference(encoder, weights, self.sides_[1 - side])

    def denoise(self, X: Any = None, targets: Any = None, *, noise: float) -> np.ndarray:
        """Return clean inputs ``[N, ...]`` from noisy ones, or clean targets: give one of them.

        ``noise`` is the standard deviation of the noise, 1 for the whole range of a value (255 for bytes).
        """
        check_is_fitted(self, "sides_")
        noisy = [
            None if part is None else side.rows(part) for side, part in zip(self.sides_, (X, targets), strict=True)
        ]
        return self.sides_[int(X is None)].values(self.autoencoder.denoise(*noisy, noise=noise))

    def score(self, X: Any, y: Any = None, targets: Any = None) -> float:
        """Return R²: the share of the variance of ``targets`` that is inferred from ``X``.

        Without targets it is that of the inputs themselves, decoded from their codes.
        """
        inputs = checked_inputs(self, X)
        if targets is None:
            found, right = self.inverse_transform(self.transform(X)), np.asarray(inputs)
        else:
            found, right = self.infer(inputs).targets, other_side(targets, len(inputs))
        flat, seen = np.asarray(right, np.float64).reshape(len(right), -1), found.reshape(len(found), -1)
        spread = float(((flat - flat.mean(0)) ** 2).sum())
        return 1 - float(((flat - seen) ** 2).sum()) / max(spread, 1e-300)

    def generate(self, count: int, *, spread: float = 1.0, seed: int = 0) -> Pairs:
        """Return ``count`` pairs drawn by ``seed`` from all that was learned; with ``spread`` 0 their mean."""
        check_is_fitted(self, "sides_")
        return self._pairs(*self.autoencoder.generate_pairs(whole("count", count), spread=spread, seed=seed))

    def _pairs(self, inputs: np.ndarray, targets: np.ndarray) -> Pairs:
        return Pairs(self.sides_[0].values(inputs), self.sides_[1].values(targets))

    def mean(self) -> Pairs:
        """Return the mean of all pairs that were learned, one of each side."""
        layout, mean = self.autoencoder.layout, self.autoencoder.joint.mean[None] / TOP
        return self._pairs(mean[:, layout.inputs], mean[:, layout.targets])
