"""A camera's buffer as rows of red, green and blue: what the formats of libcamera mean in memory."""

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

RGB = "BGR888"
"""libcamera names colours from a word's high byte down: this one is R, G, B in memory, and is taken as it is."""

KNOWN = (RGB, "RGB888", "NV12", "YUV420")


def to_rgb(buffer: Pixels, name: str, size: tuple[int, int]) -> Pixels:
    """uint8 RGB (height, width, 3), contiguous, of a stream's array as picamera2 makes it: planes of luma and chroma
    one below the other, rows as long as the hardware wants them. Colours by BT.601 in its narrow range, as cameras give
    it below 1280x720; above they may mean BT.709, which shifts hues by a few degrees and no outline.

    Raises ValueError where the array does not hold such a picture.
    """
    width, height = size
    if name in (RGB, "RGB888"):
        if buffer.ndim != 3 or buffer.shape[0] < height or buffer.shape[1] < width or buffer.shape[2] != 3:
            raise ValueError(f"an array of {buffer.shape} is no {width}x{height} in {name}")
        pixels = buffer[:height, :width]
        return np.ascontiguousarray(pixels if name == RGB else pixels[..., ::-1])
    if name not in KNOWN:
        raise ValueError(f"the format {name} is none of {', '.join(KNOWN)}")
    rows = height * 3 // 2
    if buffer.ndim != 2 or buffer.shape[0] < rows or buffer.shape[1] < width:
        raise ValueError(f"an array of {buffer.shape} is no {width}x{height} in {name}")
    if name == "NV12":
        return np.asarray(cv2.cvtColor(np.ascontiguousarray(buffer[:rows, :width]), cv2.COLOR_YUV2RGB_NV12), np.uint8)
    # Two rows of a chroma plane lie in one of the array, each padded to half of its length.
    chroma = buffer[height:rows].reshape(height, -1)[:, : width // 2].reshape(height // 2, width)
    whole = np.vstack((buffer[:height, :width], chroma))
    return np.asarray(cv2.cvtColor(whole, cv2.COLOR_YUV2RGB_I420), np.uint8)
