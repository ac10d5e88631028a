"""EfficientNet-Lite0's first five stages with ImageNet weights: what the grader sees with.

Tan and Le, "EfficientNet" (2019), in its Lite variant: ReLU6, no squeeze-and-excite. `convert.py` made the weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Untyped: TypeAlias = Any
"""TensorFlow and Keras come without types."""

WEIGHTS = Path(__file__).with_name("efficientnet-lite0.npz")


@dataclass(frozen=True, slots=True)
class Block:
    """One stage: `repeats` inverted residuals, the first with the stride."""

    repeats: int
    kernel: int
    stride: int
    expand: int
    channels: int


STAGES = (
    Block(1, 3, 1, 1, 16),
    Block(2, 3, 2, 6, 24),
    Block(2, 5, 2, 6, 40),
    Block(3, 3, 2, 6, 80),
    Block(3, 5, 1, 6, 112),
)


def scaled(layers: Untyped, pixels: Untyped) -> Untyped:
    """Pixels of 0 to 255 as the trunk was trained to see them."""
    return layers.Rescaling(1 / 128, offset=-127 / 128)(pixels)


def stages(layers: Untyped, x: Untyped, first: int, last: int) -> Untyped:
    """The maps after stage `last` (1 to 5; strides 2, 4, 8, 16, 16) from those after stage `first`, or from scaled
    pixels where that is 0. Layers are named after the arrays of WEIGHTS; `load` fills them."""
    if first == 0:
        x = _conv(layers, x, "stem", 32, 3, 2)
    for stage in range(first, last):
        block = STAGES[stage]
        for repeat in range(block.repeats):
            x = _inverted(layers, x, f"{stage}_{repeat}_", block, block.stride if repeat == 0 else 1)
    return x


def own(model: Untyped) -> list[Untyped]:
    """The layers of `model` that `load` fills."""
    with np.load(WEIGHTS, allow_pickle=False) as stored:
        names = {key.split("/")[0] for key in stored.files}
    return [layer for layer in model.layers if layer.name in names]


def load(model: Untyped) -> None:
    """ImageNet's weights into every layer of `model` that is the trunk's."""
    with np.load(WEIGHTS, allow_pickle=False) as stored:
        for layer in own(model):
            parts: list[NDArray[Any]] = [stored[f"{layer.name}/{part}"] for part in ("kernel", "bias")]
            layer.set_weights([part.astype(np.float32) for part in parts])


def _inverted(layers: Untyped, x: Untyped, name: str, block: Block, stride: int) -> Untyped:
    given = x
    if block.expand > 1:
        x = _conv(layers, x, f"{name}expand", given.shape[-1] * block.expand, 1, 1)
    x = layers.DepthwiseConv2D(block.kernel, strides=stride, padding="same", name=f"{name}depthwise")(x)
    x = layers.ReLU(6.0)(x)
    x = layers.Conv2D(block.channels, 1, name=f"{name}project")(x)
    return layers.Add()([x, given]) if stride == 1 and given.shape[-1] == block.channels else x


def _conv(layers: Untyped, x: Untyped, name: str, channels: int, kernel: int, stride: int) -> Untyped:
    x = layers.Conv2D(channels, kernel, strides=stride, padding="same", name=name)(x)
    return layers.ReLU(6.0)(x)
