"""What the pipeline is measured against: one straight loop, as short as the work can be written.

The same halving, mask and outlines as the device's, then one crop a fruit resized to the bundle's input and one
`invoke`. No records, no tracks, no quality measures, nothing fused, and no mask painted into the crop.
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.bundle import Bundle
from edge.detect.background import BeltColour

try:
    from ai_edge_litert.interpreter import Interpreter
except ImportError:
    from tflite_runtime.interpreter import Interpreter


def straight_loop(bundle: Bundle, first: NDArray[np.uint8], fruit: int) -> Callable[[NDArray[np.uint8]], None]:
    """A function of one frame, uint8 RGB (h, w, 3). The belt's colour is learnt once, here, from the `first` frame;
    `fruit` is how many of the largest outlines are graded."""
    net = Interpreter(model_path=str(bundle.weights), num_threads=1)
    net.allocate_tensors()
    given = net.get_input_details()[0]["index"]
    outputs = [output["index"] for output in net.get_output_details()]
    side = bundle.manifest.preprocessing.size_px
    size = (first.shape[1] // 2, first.shape[0] // 2)
    belt = BeltColour()
    belt.estimate(np.asarray(cv2.resize(first, size, interpolation=cv2.INTER_AREA), np.uint8), 1.0)
    kernel = np.ones((3, 3), np.uint8)

    def loop(pixels: NDArray[np.uint8]) -> None:
        half = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
        mask = cv2.morphologyEx(belt.mask(np.asarray(half, np.uint8)), cv2.MORPH_OPEN, kernel)
        outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        for outline in sorted(outlines, key=cv2.contourArea)[-fruit:]:
            x, y, w, h = cv2.boundingRect(outline)
            crop = pixels[2 * y : 2 * (y + h), 2 * x : 2 * (x + w)]
            net.set_tensor(given, cv2.resize(crop, (side, side))[np.newaxis])
            net.invoke()
            for output in outputs:
                net.get_tensor(output)

    return loop
