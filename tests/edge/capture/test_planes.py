"""What the formats of libcamera mean in memory."""

import numpy as np
import pytest

from edge.capture.planes import to_rgb
from tests.edge.capture.fake_picamera2 import in_memory

SIZE = (48, 32)


@pytest.mark.parametrize("name", ["BGR888", "RGB888", "NV12", "YUV420"])
@pytest.mark.parametrize("colours", [(200, 40, 30), (40, 180, 60), (20, 60, 210), (128, 128, 128)])
def test_red_is_red_in_every_format_and_the_padding_of_the_rows_is_gone(
    name: str, colours: tuple[int, int, int]
) -> None:
    pixels = to_rgb(in_memory(name, colours, *SIZE), name, SIZE)
    assert (pixels.shape, pixels.dtype, pixels.flags.c_contiguous) == ((32, 48, 3), np.uint8, True)
    assert np.abs(pixels.astype(int) - colours).max() <= 4


@pytest.mark.parametrize(
    ("said", "given"),
    [("BGR888", "NV12"), ("NV12", "BGR888"), ("YUV420", "MJPEG"), ("MJPEG", "MJPEG"), ("BGR888", "MJPEG")],
)
def test_an_array_that_is_not_what_was_said_is_refused(said: str, given: str) -> None:
    with pytest.raises(ValueError, match=r"an array of|the format"):
        to_rgb(in_memory(given, (1, 2, 3), *SIZE), said, SIZE)
