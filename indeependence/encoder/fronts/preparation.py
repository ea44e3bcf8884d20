"""Inputs as a network wants them: its channels, its size, its scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indeependence.errors import InputError

Shape = tuple[int | None, ...]  # of one input, channels last; None where any size is accepted


@dataclass(frozen=True)
class Scale:
    """Values of 0 to 255 as a network was trained on them: ``(x / divisor - mean) / deviation``, red first or last."""

    divisor: float = 1.0
    mean: tuple[float, ...] = (0.0,)
    deviation: tuple[float, ...] = (1.0,)
    red_last: bool = False

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        """Return pictures float32 ``[N, H, W, C]`` of 0 to 255, scaled.

        >>> SCALES["signed"](np.array([[[[0.0, 127.5, 255.0]]]], np.float32)).ravel()
        array([-1.,  0.,  1.], dtype=float32)
        """
        ordered = pictures[..., ::-1] if self.red_last else pictures
        mean, deviation = (np.array(one, np.float32) for one in (self.mean, self.deviation))
        return (ordered / np.float32(self.divisor) - mean) / deviation


PLAIN = "none"
# By the names that Keras has for the last three: tf, torch, caffe (`keras.applications.imagenet_utils`).
SCALES = {
    PLAIN: Scale(),
    "unit": Scale(255.0),
    "signed": Scale(127.5, (1.0,)),
    "torch": Scale(255.0, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "caffe": Scale(1.0, (103.939, 116.779, 123.68), red_last=True),
}


def prepared(inputs: np.ndarray, asked: Shape, scale: str) -> np.ndarray:
    """Return ``inputs [N, ...]`` float32 in the shape that a network ``asked`` for, and in its ``scale``.

    Grey pictures get one channel or three equal ones, and pictures are resized; raise `InputError` for all other
    differences, and for a scale of colours where there are none.
    """
    colours = len(asked) == 3 and asked[-1] in (1, 3)
    if inputs.ndim == 3 and colours:
        inputs = np.repeat(inputs[..., None], asked[-1], axis=-1)  # type: ignore[arg-type]
    pictures = len(asked) > 1 and inputs.ndim == len(asked) + 1
    _check(inputs.shape[1:], (None, None, *asked[2:]) if pictures else asked, asked)
    values = np.asarray(inputs, np.float32)
    if pictures:
        values = resized(values, *(want or have for want, have in zip(asked[:2], values.shape[1:3], strict=True)))
    if scale == PLAIN:
        return values
    channels = values.shape[-1] if values.ndim == 4 else 1
    if not pictures or len(SCALES[scale].mean) not in (1, channels):
        raise InputError(f"--encoder-scale {scale}: expected a network of colour pictures, got one of {times(asked)}")
    return SCALES[scale](values)


def _check(shape: tuple[int, ...], accepted: Shape, asked: Shape) -> None:
    """Raise `InputError` unless one input's ``shape`` is an ``accepted`` one."""
    if len(shape) == len(accepted) and all(want in (None, got) for want, got in zip(accepted, shape, strict=True)):
        return
    hint = (
        "make all pictures grey"
        if accepted[2:] == (1,) and len(shape) == 3
        else "take data or a network of another kind"
    )
    raise InputError(f"expected inputs of shape {times(asked)}, as the network asks for, got {times(shape)}: {hint}")


def resized(pictures: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return pictures float32 ``[N, H, W]`` or ``[N, H, W, C]`` of another size: bilinear, as Keras and Pillow do.

    Where a side becomes shorter, the pixels that fall together are averaged.
    """
    count, high, wide = pictures.shape[:3]
    if (high, wide) == (height, width):
        return pictures
    down = line_weights(high, height) @ pictures.reshape(count, high, -1)
    across = line_weights(wide, width) @ down.reshape(count * height, wide, -1)
    return across.reshape(count, height, width, *pictures.shape[3:])


def line_weights(old: int, new: int) -> np.ndarray:
    """Return the shares float32 ``[new, old]`` of old pixels in new ones, along one side.

    >>> line_weights(4, 2)
    array([[0.42857143, 0.42857143, 0.14285715, 0.        ],
           [0.        , 0.14285715, 0.42857143, 0.42857143]], dtype=float32)
    """
    step = old / new
    centres = (np.arange(new)[:, None] + 0.5) * step - 0.5
    shares = np.maximum(0, 1 - np.abs(np.arange(old) - centres) / max(step, 1.0))
    return (shares / shares.sum(1, keepdims=True)).astype(np.float32)


def times(shape: Shape) -> str:
    """Return a shape as text.

    >>> times((None, None, 3))
    'anyxanyx3'
    """
    return "x".join("any" if size is None else str(size) for size in shape)
