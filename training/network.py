"""The grader's network: a depthwise-separable trunk for damage and strangeness, a colour branch for ripeness.

The colour branch sees single cells of the picture, never their neighbours: it is a learned histogram of colours, so
what it learns of ripeness cannot hang on shape or texture. ReLU6 throughout, which quantises without loss.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from training.recipe import Network

if TYPE_CHECKING:
    import keras

Untyped: TypeAlias = Any
"""TensorFlow and Keras come without types."""

SCORES = "scores"
FEATURES = "features"

_MOMENTUM = 0.9
"""Of the batch statistics: the shortest recipe takes two hundred steps, which the usual 0.99 would lag behind."""

_CELL = 4
"""Pixels a side that one cell of the colour branch averages: highlights and noise fade, patches of colour stay."""


def build(shape: Network, size_px: int) -> keras.Model:
    """Input (N, N, 3) of 0 to 255; outputs `scores` (5 logits: green, turning, red, damage, known) and `features`."""
    import keras  # noqa: PLC0415  (TensorFlow takes seconds, and the other commands do without)

    pixels = keras.Input((size_px, size_px, 3), name="pixels")
    scaled = keras.layers.Rescaling(1 / 127.5, offset=-1.0)(pixels)
    colour = _colour(keras.layers, scaled, shape.colour)
    mean, peak = _trunk(keras.layers, scaled, shape)
    layers = keras.layers
    ripeness = layers.Dense(3, name="ripeness")(_dense(layers, colour, 24))
    damage = layers.Dense(1, name="damage")(_dense(layers, layers.Concatenate()([mean, peak]), 32))
    known = layers.Dense(1, name="known")(_dense(layers, layers.Concatenate()([mean, peak, colour]), 32))
    scores = layers.Concatenate(name=SCORES)([ripeness, damage, known])
    features = layers.Concatenate(name=FEATURES)([mean, colour])
    return keras.Model(pixels, {SCORES: scores, FEATURES: features})


def _colour(layers: Untyped, x: Untyped, channels: int) -> Untyped:
    x = layers.AveragePooling2D(_CELL)(x)
    for _ in range(2):
        x = layers.Conv2D(channels, 1, use_bias=False)(x)
        x = layers.ReLU(6.0)(layers.BatchNormalization(momentum=_MOMENTUM)(x))
    return layers.GlobalAveragePooling2D()(x)


def _trunk(layers: Untyped, x: Untyped, shape: Network) -> tuple[Untyped, Untyped]:
    """Mean and peak of the last maps: a blemish is small, so its peak counts beside its share of the fruit. The first
    convolutions are full ones: depthwise ones took three times the looks to find cracks and wrinkles."""
    for channels in shape.stem:
        x = layers.Conv2D(channels, 3, strides=2, padding="same", use_bias=False)(x)
        x = layers.ReLU(6.0)(layers.BatchNormalization(momentum=_MOMENTUM)(x))
    for channels, stride in shape.blocks:
        x = layers.DepthwiseConv2D(3, strides=stride, padding="same", use_bias=False)(x)
        x = layers.ReLU(6.0)(layers.BatchNormalization(momentum=_MOMENTUM)(x))
        x = layers.Conv2D(channels, 1, use_bias=False)(x)
        x = layers.ReLU(6.0)(layers.BatchNormalization(momentum=_MOMENTUM)(x))
    peak = layers.Flatten()(layers.MaxPooling2D(x.shape[1])(x))
    return layers.GlobalAveragePooling2D()(x), peak


def _dense(layers: Untyped, x: Untyped, width: int) -> Untyped:
    return layers.ReLU(6.0)(layers.Dense(width)(x))
