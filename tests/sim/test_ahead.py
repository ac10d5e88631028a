"""Painting ahead changes no picture."""

import numpy as np
import pytest

from edge.config import Camera
from sim.ahead import PaintedAhead
from sim.camera import BeltCamera, CameraTruth, Placed
from sim.fruit import load_builtin

SETTINGS = Camera(width_px=160, height_px=120, frames_hz=30, exposure_us=500, mm_per_px=0.7)


def eye() -> BeltCamera:
    return BeltCamera(SETTINGS, CameraTruth(0.7), 3)


def test_pictures_are_the_same_as_painted_when_they_are_due_fetched_or_not():
    skin = load_builtin("held")[0]
    orders = [([Placed(skin, n, 20.0 + 10 * n, 40, 55, 55)], 10.0 * n) for n in range(6)]
    now, ahead = eye(), PaintedAhead(eye())
    due = [now.render(*order) for order in orders]
    for n, order in enumerate(orders):
        ahead.order(n, *order)
        if n % 2:
            assert np.array_equal(ahead.picture(n), due[n])
            assert np.array_equal(ahead.picture(n), due[n])


def test_what_goes_wrong_on_the_painters_thread_is_raised_where_the_picture_is_fetched():
    ahead = PaintedAhead(eye())
    ahead.order(0, [None], 0.0)
    with pytest.raises(AttributeError):
        ahead.picture(0)
