"""The simulated machine lent to another command: belt, camera and wires in real time, and no device of its own.

`sorter doctor`, `calibrate`, `setup` and `run` find it by the environment that `environment` gives. As a step; belongs
to one thread.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.capture.opening import CAMERA_VARIABLE as CAMERA
from sim.board import Boards
from sim.camera import BeltCamera
from sim.delivery import Delivery
from sim.exits import ExitSensors
from sim.lines import Lines
from sim.pins import SOCKET_VARIABLE
from sim.rendezvous import PINS
from sim.ring import CAMERA_VARIABLE as RING
from sim.ring import FrameRing
from sim.setup import Setup
from sim.wires import Edge, Lost, Wires

MS = 1_000_000
LAG_NS, _AHEAD_NS, _SETTLE_NS = 250 * MS, 100 * MS, 20 * MS
"""As on the desk: the truth's lag behind the clock, how far ahead input edges are told, how often it settles."""

Laid = Literal["fruit", "board", "nothing"]
LAID: tuple[Laid, ...] = ("fruit", "board", "nothing")
"""What a person lays onto the belt: fruit in all lanes, or the board that `sorter calibrate board` prints."""


def environment(folder: Path) -> dict[str, str]:
    """By which another command drives these pins and sees through this camera."""
    return {"GPIOZERO_PIN_FACTORY": "sim", SOCKET_VARIABLE: str(folder / PINS), CAMERA: "sim", RING: str(folder)}


class LentMachine:
    """Runs from its making on. `folder`: a private one, for sockets and the ring."""

    def __init__(self, setup: Setup, folder: Path, now_ns: int) -> None:
        cv2.setNumThreads(1)
        camera = setup.profile.camera
        self.world = setup.world(now_ns)
        self.moved: list[tuple[str, int]] = []
        """Each time that a gate was told to open: its name, and when."""
        self._gates = {gate.pin: (name, int(gate.active_high)) for name, gate in setup.profile.gates.items()}
        self._upstream = {setup.profile.feed.inhibit_pin, setup.profile.feed.slow_pin}
        self._laid: Laid = "fruit"
        self._boards: Boards | None = None
        self._seed = setup.seed
        self._middle_mm = (setup.profile.lanes[0].from_mm + setup.profile.lanes[-1].to_mm) / 2
        self._lines = Lines({pin: 1 - opens for pin, (_, opens) in self._gates.items()})
        self._wires = Wires(folder / PINS)
        self._wires.levels.update(_standing(setup))
        self._ring = FrameRing(folder, camera.width_px, camera.height_px)
        self._eye = BeltCamera(camera, replace(self.world.camera_truth(), marked=True), setup.seed)
        self._delivery = Delivery(self.world.faults, (camera.width_px, camera.height_px))
        self._period_ns = 1e9 / camera.frames_hz
        self._number = 0

    def step(self, now_ns: int) -> int:
        """Do all that is due; returns the instant of the next step."""
        for edge in self._wires.take():
            self._hear(edge)
        for at_ns, settled in self._lines.settle(now_ns - LAG_NS):
            if isinstance(settled, Lost):
                self.world.drop_lines(at_ns)
                self.world.hold_feed(
                    self._laid != "fruit", now_ns
                )  # whoever lays fruit by hand does not ask what the feeder is told
            else:
                self.world.edge(settled.line, settled.level, at_ns)
        self.world.advance(now_ns - LAG_NS)
        self.world.take_falls()
        if self.world.wheel is not None:
            self._wires.tell(self.world.wheel.until(now_ns + _AHEAD_NS))
        if self.world.exits:
            self._wires.tell(self.world.exits.until(now_ns + _AHEAD_NS))
        if now_ns >= self._due_ns:
            self._expose(now_ns)
        return min(now_ns + _SETTLE_NS, self._due_ns)

    def lay(self, what: Laid, now_ns: int) -> None:
        """From now on, this."""
        self._laid = what
        self._boards = None
        if what == "board":
            self._boards = Boards(self._seed, self._middle_mm, self.world.belt.travel_mm(now_ns))
        self.world.hold_feed(what != "fruit", now_ns)

    def close(self) -> None:
        self._ring.close()
        self._wires.close()

    @property
    def _due_ns(self) -> int:
        return self.world.belt.start_ns + round(self._number * self._period_ns)

    def _hear(self, edge: Edge | Lost) -> None:
        self._lines.hear(edge)
        if isinstance(edge, Lost):
            return
        if edge.line in self._upstream:
            self.world.edge(edge.line, edge.level, edge.at_ns)
        elif edge.line in self._gates:
            name, opens = self._gates[edge.line]
            if edge.level == opens:
                self.moved.append((name, edge.at_ns))

    def _expose(self, now_ns: int) -> None:
        """Deliver the picture that is due. Behind by more than a period, the pictures between are never taken."""

        def expose(at_ns: int) -> NDArray[np.uint8]:
            travel_mm = self.world.belt.travel_mm(at_ns)
            boards = self._boards.placed_at(travel_mm, self.world.view_mm) if self._boards else ()
            return self._eye.render([*self.world.placed_at(at_ns), *boards], travel_mm)

        if frame := self._delivery.frame(self._number, self._due_ns, expose):
            self._ring.write(frame.number, frame.exposed_at_ns, frame.pixels)
        self._number += max(1, int((now_ns - self._due_ns) / self._period_ns))


def _standing(setup: Setup) -> dict[int, int]:
    """The levels at which the wiring holds the lines while nobody drives them: gates by their pulls, beams whole, the
    emergency stop not pressed."""
    profile = setup.profile
    levels = {gate.pin: int(not gate.active_high) for gate in profile.gates.values()}
    levels |= dict.fromkeys(ExitSensors(profile).pins.values(), 1)
    if profile.safety.e_stop_pin is not None:
        levels[profile.safety.e_stop_pin] = int(not profile.safety.e_stop_active_high)
    return levels
