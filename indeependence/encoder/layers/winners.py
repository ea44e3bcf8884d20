"""k-winners: of many units, the k strongest stay and all others become zero."""

import numpy as np


def winners(strengths: np.ndarray, k: int) -> np.ndarray:
    """Return the mask ``[..., K]`` of exactly the ``k`` largest strengths in each row.

    Of units that tie for the last places, those with the lower index win, in training and at inference alike, so
    that a code never depends on the machine. For a signed value before its mirror the strength is ``|v|``: the k
    strongest sides of the mirrored pairs are the k largest ``|v|``. Raise `ValueError` unless k is 1 to K.

    >>> winners(np.array([[5, 9, 5, 1]]), 2)
    array([[ True,  True, False, False]])
    """
    if not 0 < k <= strengths.shape[-1]:
        raise ValueError(f"expected 1 to {strengths.shape[-1]} winners, got {k}")
    last = np.partition(strengths, -k, axis=-1)[..., -k, None]
    above, tied = strengths > last, strengths == last
    places = k - above.sum(-1, keepdims=True)
    return above | (tied & (tied.cumsum(-1) <= places))
