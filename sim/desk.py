"""The machine on the desk: the device's own processes and the world around them, in real time, as one step.

The world looks through the camera now, and settles who fell where a fixed lag behind, when every edge up to then has
arrived. The belt starts when a hand holds every gate's line at its safe level and the camera is being read.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge import clock
from edge.datapath import Health, Incident
from edge.incidents import CATALOGUE
from sim import report
from sim.camera import BeltCamera
from sim.delivery import Delivery
from sim.hosted import HostedDevice, Spells
from sim.mishaps import Mishaps
from sim.ring import FrameRing
from sim.scoreboard import Scoreboard
from sim.setup import Setup
from sim.stream import Streamed
from sim.wires import Edge, Lost
from sim.world import World

MS = 1_000_000
LAG_NS = 250 * MS
"""The truth runs this far behind the clock: an edge is there by then, unless the whole computer stood still."""

_AHEAD_NS = 100 * MS
"""The encoder's edges are told this long before they are due, so that they are never late."""

_SETTLE_NS = 20 * MS
_WAIT_NS = 5 * MS
_AFTER_NS = 1_000 * MS
"""The run goes on for so long after the last fruit has left the belt: it lands, and the last records arrive."""


class Desk:
    """One live run as a step. Belongs to one thread."""

    def __init__(self, setup: Setup, device: HostedDevice, began_ns: int) -> None:
        """`device`: started or about to be; whoever made it closes it. `began_ns`: since when people wait."""
        cv2.setNumThreads(1)
        camera = setup.profile.camera
        self.setup = setup
        self.device = device
        self.began_ns = began_ns
        self.world: World | None = None
        self.board: Scoreboard | None = None
        self.spells: Spells | None = None
        self._mishaps: Mishaps | None = None
        self._upstream: dict[int, Edge] = {}
        self.records: list[Streamed] = []
        """What the device has said since the last step."""
        self.health: Health | None = None
        self.ended = False
        # Made now, while the device starts; the world's camera is the same whenever its belt starts.
        self._eye = BeltCamera(camera, setup.world(began_ns).camera_truth(), setup.seed)
        self._ring = FrameRing(Path(device.settings.folder), camera.width_px, camera.height_px)
        self._period_ns = 1e9 / camera.frames_hz
        self._delivery: Delivery | None = None
        self._number = 0
        self._empty_ns: int | None = None

    def step(self, now_ns: int) -> int:
        """Do all that is due; returns the instant of the next step."""
        supervisor = self.device.supervisor
        wake_ns = self.device.step(now_ns)
        self._listen()
        if supervisor.state in ("failed", "ended"):
            self.ended = True
        if self.world is None or self.board is None:
            if self.device.lines.known and self.device.lines.all_released and self._ring.awaited:
                self._start(now_ns)
            return min(wake_ns, now_ns + _WAIT_NS)
        if self._mishaps:
            self._mishaps.step(now_ns)
        self._settle(self.world, self.board, now_ns - LAG_NS)
        if self.world.wheel is not None:
            self.device.drive(self.world.wheel.until(now_ns + _AHEAD_NS))
        if self.world.exits:
            self.device.drive(self.world.exits.until(now_ns + _AHEAD_NS))
        exposed_ns = self.world.belt.start_ns + round(self._number * self._period_ns)
        if now_ns >= exposed_ns:
            self._expose(self.world, self.board, exposed_ns)
        return min(wake_ns, now_ns + _SETTLE_NS, self.world.belt.start_ns + round(self._number * self._period_ns))

    def report(self) -> dict[str, Any] | None:
        """The report; None before the belt has started. Of a run that was cut short it counts what has fallen."""
        if self.world is None or self.board is None:
            return None
        score, feed = self.board.finish(), self.world.feed
        now_ns = clock.now_ns()
        return report.build(
            report.Run(
                scenario=self.setup.scenario.name,
                seed=self.setup.seed,
                perception=self.setup.perception,
                profile=self.setup.profile,
                bundle=self.setup.bundle.identity if self.setup.bundle else "",
                sim_s=(now_ns - self.world.belt.start_ns) / 1e9,
                wall_s=(now_ns - self.began_ns) / 1e9,
                feed_s=self.world.fed_s,
                fed=feed.fed,
                fruit=score.fates.total() if self._empty_ns is None else feed.fed,
                fruit_images=self.setup.fruit_images,
                faults=self.setup.scenario.fault,
                start_ns=self.world.belt.start_ns,
            ),
            score,
            self.board.log,
        )

    def close(self) -> None:
        """Stop looking; the device is not this object's to close."""
        self._ring.close()
        if self._mishaps:
            self._mishaps.close()

    def _start(self, now_ns: int) -> None:
        self.world = self.setup.world(now_ns)
        camera = self.setup.profile.camera
        self._delivery = Delivery(self.world.faults, (camera.width_px, camera.height_px))
        self.board = Scoreboard(self.setup.profile, self.world)
        for edge in self._upstream.values():
            self.world.edge(edge.line, edge.level, now_ns)
        self.spells = Spells(now_ns)
        self._mishaps = Mishaps(self.world.faults, self.setup.profile, self.device)
        self.board.safe = self.spells.spells

    def _listen(self) -> None:
        self.records = self.device.listen()
        self._hear_edges()
        for record in self.records:
            if self.board:
                self.board.log.put(record)
            if isinstance(record, Health):
                self.health = record
            elif isinstance(record, Incident):
                told = CATALOGUE[record.code].say(record.figures, over=record.state == "cleared")
                self.device.events.append(f"{record.state}: {told}")
            if self.spells and self.spells.hear(record):
                self._first_verdict(self.spells)

    def _hear_edges(self) -> None:
        for edge in self.device.edges:
            if isinstance(edge, Edge):
                self._ask_upstream(edge)
            elif self.spells and not self.device.supervisor.stopping:
                self.spells.lose(edge)
                self.device.events.append("the gate process is gone: every line falls to its safe level")

    def _ask_upstream(self, edge: Edge) -> None:
        """Feeder and drive listen now: what they do is in the next pictures, long before the truth settles."""
        feed = self.setup.profile.feed
        if edge.line in (feed.inhibit_pin, feed.slow_pin):
            self._upstream[edge.line] = edge
            if self.world:
                self.world.edge(edge.line, edge.level, edge.at_ns)

    def _first_verdict(self, spells: Spells) -> None:
        now_ns = clock.now_ns()
        if len(spells.spells) == 1:
            self.device.events.append(f"first verdict {(now_ns - self.began_ns) / 1e9:.1f} s after start")
        else:
            self.device.events.append(
                f"sorting again, {(now_ns - spells.spells[-1][0]) / 1e9:.1f} s after the gates were lost"
            )

    def _settle(self, world: World, board: Scoreboard, until_ns: int) -> None:
        for at_ns, edge in self.device.lines.settle(until_ns):
            if isinstance(edge, Lost):
                world.drop_lines(at_ns)
            else:
                world.edge(edge.line, edge.level, at_ns)
        world.advance(until_ns)
        board.settle(until_ns)
        if self._empty_ns is None and world.empty:
            self._empty_ns = until_ns
        if self._empty_ns is not None and until_ns >= self._empty_ns + _AFTER_NS:
            self.ended = True

    def _expose(self, world: World, board: Scoreboard, exposed_ns: int) -> None:
        """Deliver the picture that is due. Behind by more than a period, the pictures between are never taken."""

        def expose(at_ns: int) -> NDArray[np.uint8]:
            return self._eye.render(world.placed_at(at_ns), world.belt.travel_mm(at_ns))

        if self._delivery and (frame := self._delivery.frame(self._number, exposed_ns, expose)):
            self._ring.write(frame.number, frame.exposed_at_ns, frame.pixels)
            if frame.exposed_at_ns == exposed_ns:
                board.exposed(exposed_ns)
        behind = (clock.now_ns() - exposed_ns) / self._period_ns
        self._number += max(1, int(behind))
