"""The grader's network: a trunk for damage and strangeness, a colour branch for ripeness, and a head for each.

The trunk is ImageNet's (`training.trunk`) or a small one of our own. Its first stages may stay frozen: then they are
run once, as int8 on the device's own runtime, and all that is trained is trained on what they gave (`training.looks`).

The colour branch sees single cells of the picture, never their neighbours: it is a learned histogram of colours, so
what it learns of ripeness cannot hang on shape or texture. ReLU6 throughout, which quantises without loss.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from training.recipe import Network
from training.trunk import network as imagenet
from training.trunk.network import Untyped

if TYPE_CHECKING:
    import keras

SCORES = "scores"
FEATURES = "features"

CELL = 4
"""Pixels a side that one cell of the colour branch averages: highlights and noise fade, patches of colour stay."""

_MEAN = 1 / 8
"""Brings the trunk's last maps, which no activation bounds, to the range of what ReLU6 gives."""

_MOMENTUM = 0.9
"""Of the batch statistics: the shortest recipe takes two hundred steps, which the usual 0.99 would lag behind."""


@dataclass(frozen=True, slots=True)
class Grader:
    """`frozen`: pixels (N, N, 3) of 0 to 255 to the maps that training starts from. `top`: those maps and the colour
    cells (N/4, N/4, 3) to the outputs. `whole`: pixels to the outputs, through the same layers. `trunk`: the layers of
    `top` that carry ImageNet's weights."""

    frozen: keras.Model
    top: keras.Model
    whole: keras.Model
    trunk: list[Untyped]


def build(shape: Network, size_px: int) -> Grader:
    """Outputs `scores` (5 logits: green, turning, red, damage, known) and `features`."""
    import keras  # noqa: PLC0415  (TensorFlow takes seconds, and the other commands do without)

    layers = keras.layers
    pixels = keras.Input((size_px, size_px, 3), name="pixels")
    first = imagenet.scaled(layers, pixels) if shape.trunk == "lite0" else pixels
    frozen = keras.Model(pixels, imagenet.stages(layers, first, 0, shape.frozen) if shape.frozen else pixels)
    maps = keras.Input(frozen.output.shape[1:], name="maps")
    cells = keras.Input((size_px // CELL, size_px // CELL, 3), name="cells")
    top = keras.Model([maps, cells], _top(layers, maps, cells, shape))
    whole = keras.Model(pixels, top([frozen(pixels), layers.AveragePooling2D(CELL)(pixels)]))
    if shape.pretrained:
        imagenet.load(frozen)
        imagenet.load(top)
    return Grader(frozen, top, whole, imagenet.own(top) if shape.pretrained else [])


def _top(layers: Untyped, maps: Untyped, cells: Untyped, shape: Network) -> dict[str, Untyped]:
    from training.dropout import Dropout  # noqa: PLC0415  (as above)

    if shape.trunk == "lite0":
        given = maps if shape.frozen else imagenet.scaled(layers, maps)
        before = max(shape.frozen, shape.stages - 1)
        finer = imagenet.stages(layers, given, shape.frozen, before)
        seen = imagenet.stages(layers, finer, before, shape.stages)
    else:
        finer = seen = _student(layers, layers.Rescaling(1 / 127.5, offset=-1.0)(maps), shape)
    colour = _colour(layers, layers.Rescaling(1 / 127.5, offset=-1.0)(cells), shape.colour)
    # int8 has one scale for all that is joined: without this, colours would come in a dozen steps beside it.
    mean = layers.Rescaling(_MEAN)(layers.GlobalAveragePooling2D()(seen))
    peak, share = _local(layers, Dropout(0.1, whole_maps=True)(seen), shape.local)
    spots = [peak, share]
    if finer is not seen:
        # What is as thin as a crack is lost on the way to the last stage, which sees in coarser places.
        spots += _local(layers, Dropout(0.1, whole_maps=True)(finer), shape.local // 2)
    spotted = Dropout(0.2)(layers.Concatenate()(spots))
    if shape.heads == "one":
        scores = _one_head(layers, layers.Concatenate()([spotted, mean, colour]))
    else:
        ripeness = layers.Dense(3, name="ripeness")(_dense(layers, colour, 24))
        damage = layers.Dense(1, name="damage")(_dense(layers, spotted, 48))
        known = layers.Dense(1, name="known")(_dense(layers, layers.Concatenate()([mean, peak, colour]), 48))
        scores = layers.Concatenate(name=SCORES)([ripeness, damage, known])
    return {SCORES: scores, FEATURES: layers.Identity(name=FEATURES)(colour)}


def _local(layers: Untyped, seen: Untyped, channels: int) -> tuple[Untyped, Untyped]:
    """What the maps say in each place: the highest and the mean over all places."""
    places = layers.ReLU(6.0)(layers.Conv2D(channels, 1)(seen))
    return layers.Flatten()(layers.MaxPooling2D(places.shape[1])(places)), layers.GlobalAveragePooling2D()(places)


def _one_head(layers: Untyped, x: Untyped) -> Untyped:
    """A softmax of five (three grades, damaged, unknown) in the five logits that the device expects: the last two
    against the likeliest of those before them."""
    x = _dense(layers, x, 64)
    grades, damaged, unknown = (layers.Dense(width)(x) for width in (3, 1, 1))
    ripest = _highest(layers, grades)
    best = layers.Maximum()([ripest, damaged])
    return layers.Concatenate(name=SCORES)(
        [grades, layers.Subtract()([damaged, ripest]), layers.Subtract()([best, unknown])]
    )


def _highest(layers: Untyped, grades: Untyped) -> Untyped:
    return layers.Flatten()(layers.MaxPooling2D((1, 3))(layers.Reshape((1, 3, 1))(grades)))


def _colour(layers: Untyped, x: Untyped, channels: int) -> Untyped:
    for _ in range(2):
        x = layers.Conv2D(channels, 1, use_bias=False)(x)
        x = layers.ReLU(6.0)(layers.BatchNormalization(momentum=_MOMENTUM)(x))
    return layers.GlobalAveragePooling2D()(x)


def _student(layers: Untyped, x: Untyped, shape: Network) -> Untyped:
    """The first convolutions are full ones: depthwise ones took three times the looks to find cracks and wrinkles."""
    for channels in shape.stem:
        x = layers.Conv2D(channels, 3, strides=2, padding="same", use_bias=False)(x)
        x = layers.ReLU(6.0)(layers.BatchNormalization(momentum=_MOMENTUM)(x))
    for channels, stride in shape.blocks:
        x = layers.DepthwiseConv2D(3, strides=stride, padding="same", use_bias=False)(x)
        x = layers.ReLU(6.0)(layers.BatchNormalization(momentum=_MOMENTUM)(x))
        x = layers.Conv2D(channels, 1, use_bias=False)(x)
        x = layers.ReLU(6.0)(layers.BatchNormalization(momentum=_MOMENTUM)(x))
    return x


def _dense(layers: Untyped, x: Untyped, width: int) -> Untyped:
    return layers.ReLU(6.0)(layers.Dense(width)(x))
