"""The device's camera and gates in virtual time: ports that the world answers on the timeline, an event away."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from edge.config import Profile
from edge.datapath import BeltSample, Frame, GatePulse, Outcome
from edge.sort.keeper import GateKeeper
from edge.sort.link import gate_settings
from sim.camera import BeltCamera
from sim.fast_encoder import encoder_of
from sim.perception import NO_PIXELS
from sim.scoreboard import Scoreboard
from sim.setup import Setup
from sim.timeline import Actor, Timeline
from sim.world import World

START_NS = 1_000_000_000
READOUT_NS = 8_000_000
"""From the end of the exposure until the frame lies in the device's memory."""


class FastCamera:
    """Answers edge.ports.Camera, and is the actor that fills it: a picture at every period, one slot, newest wins."""

    def __init__(self, setup: Setup, world: World, board: Scoreboard) -> None:
        camera = setup.profile.camera
        self._world = world
        self._board = board
        self._eye = BeltCamera(camera, world.camera_truth(), setup.seed) if setup.perception == "pixels" else None
        self._period_ns = 1e9 / camera.frames_hz
        self._after_ns = camera.exposure_us * 500 + READOUT_NS
        self._number = 0
        self._dropped = 0
        self._slot: Frame | None = None
        self.delivered: Callable[[], None] = lambda: None

    def take(self) -> Frame | None:
        frame, self._slot = self._slot, None
        return frame

    def dropped(self) -> int:
        return self._dropped

    def step(self, now_ns: int) -> int:
        """Deliver the frame that is due."""
        exposed_ns = now_ns - self._after_ns
        if self._number:
            self._dropped += self._slot is not None
            self._slot = Frame("sim", self._number, exposed_ns, self._picture(exposed_ns))
            self._board.exposed(exposed_ns)
            self.delivered()
        self._number += 1
        return START_NS + round(self._number * self._period_ns) + self._after_ns

    def _picture(self, exposed_ns: int) -> NDArray[np.uint8]:
        if self._eye is None:
            return NO_PIXELS
        return self._eye.render(self._world.placed_at(exposed_ns), self._world.belt.travel_mm(exposed_ns))


class FastGates:
    """Answers edge.ports.GateLink and GatePins: the gate keeper in this process, its pins wired to the world."""

    def __init__(self, profile: Profile, world: World, timeline: Timeline, priority: int) -> None:
        self._world = world
        self._timeline = timeline
        self._lines = {name: (gate.pin, gate.active_high) for name, gate in profile.gates.items()}
        self._said: list[BeltSample | Outcome] = []
        self._keeper = GateKeeper(gate_settings(profile), self, encoder_of(profile, world), self._said.append)
        self.actor = Actor(priority, self._keeper.step)

    def submit(self, pulse: GatePulse) -> None:
        self._keeper.submit(pulse, self._timeline.now_ns)
        self._timeline.wake(self.actor, self._timeline.now_ns)

    def beat(self, now_ns: int) -> None:
        self._keeper.beat(now_ns)

    def scale(self, scale_ppm: int) -> None:
        self._keeper.scale(scale_ppm)

    def events(self, now_ns: int) -> Iterable[BeltSample | Outcome]:
        said = tuple(self._said)
        self._said.clear()
        return said

    def command(self, gate: str, is_open: bool) -> int:
        pin, active_high = self._lines[gate]
        self._world.edge(pin, int(is_open == active_high), self._timeline.now_ns)
        return self._timeline.now_ns

    def release_all(self) -> None:
        for gate in self._lines:
            self.command(gate, False)
