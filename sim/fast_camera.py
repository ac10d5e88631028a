"""The device's camera in virtual time: a port that the world answers on the timeline."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from edge.capture.mailbox import Mailbox
from sim.ahead import PaintedAhead
from sim.camera import BeltCamera
from sim.delivery import Delivery
from sim.perception import NO_PIXELS
from sim.scoreboard import Scoreboard
from sim.setup import Setup
from sim.timeline import START_NS
from sim.world import World

READOUT_NS = 8_000_000
"""From the end of the exposure until the frame lies in the device's memory."""


class FastCamera:
    """Answers edge.ports.Camera with the device's own mailbox, and is the actor that fills it at every period."""

    def __init__(self, setup: Setup, world: World, board: Scoreboard) -> None:
        camera = setup.profile.camera
        self._world = world
        self._board = board
        eye = BeltCamera(camera, world.camera_truth(), setup.seed) if setup.perception == "pixels" else None
        self._ahead = PaintedAhead(eye) if eye else None
        self._period_ns = 1e9 / camera.frames_hz
        self._after_ns = camera.exposure_us * 500 + READOUT_NS
        self._delivery = Delivery(world.faults, (camera.width_px, camera.height_px))
        self._mailbox = Mailbox(self._period_ns)
        self._number = 0
        self.delivered: Callable[[], None] = lambda: None
        self.take = self._mailbox.take
        self.dropped = self._mailbox.dropped

    def step(self, now_ns: int) -> int:
        """Deliver the frame that is due."""
        exposed_ns = now_ns - self._after_ns
        if self._number and (frame := self._delivery.frame(self._number, exposed_ns, self._picture)):
            self._mailbox.put(frame)
            if frame.exposed_at_ns == exposed_ns:
                self._board.exposed(exposed_ns)
            self.delivered()
        self._number += 1
        next_ns = START_NS + round(self._number * self._period_ns) + self._after_ns
        if self._ahead:
            exposed_ns = next_ns - self._after_ns
            self._ahead.order(exposed_ns, self._world.placed_at(exposed_ns), self._world.belt.travel_mm(exposed_ns))
        return next_ns

    def _picture(self, exposed_ns: int) -> NDArray[np.uint8]:
        return self._ahead.picture(exposed_ns) if self._ahead else NO_PIXELS
