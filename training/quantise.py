"""From the trained network to the device's weights: full int8, uint8 pixels in."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from training.quiet import quiet
from training.trunk.network import Untyped

if TYPE_CHECKING:
    import keras

CALIBRATION_LOOKS = 300


def to_int8(tensorflow: Untyped, model: keras.Model, tensors: NDArray[np.uint8]) -> bytes:
    """The TFLite flatbuffer. `tensors` are the looks whose ranges decide the scales."""
    side = tensors.shape[1]
    # Black and white in one look pin the input's scale to 1: raw bytes go in as they are.
    extremes = np.zeros((1, side, side, 3), np.float32)
    extremes[:, : side // 2] = 255

    def calibration() -> Iterator[list[NDArray[np.float32]]]:
        yield [extremes]
        for tensor in tensors[:CALIBRATION_LOOKS]:
            yield [tensor[None].astype(np.float32)]

    with quiet(), warnings.catch_warnings(action="ignore"):
        return _converted(tensorflow, model, calibration)


def _converted(tensorflow: Untyped, model: keras.Model, calibration: Callable[[], Iterator[Untyped]]) -> bytes:
    converter = tensorflow.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tensorflow.lite.Optimize.DEFAULT]
    converter.representative_dataset = calibration
    converter.target_spec.supported_ops = [tensorflow.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tensorflow.uint8
    converter.inference_output_type = tensorflow.int8
    return bytes(converter.convert())
