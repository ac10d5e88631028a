"""Ports that stand in for the world of a recorded run: a camera that delivers its frames without their pixels, a
detector that hands out what was seen in them, gates that say what they said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from edge.datapath import Detection, Feed, Frame, GateEvent, GatePulse, Record, Scene, StepInputs
from edge.trace.packing import Made


class Stage:
    """Answers the line's ports with one step's inputs, and keeps what it makes of them."""

    def __init__(self) -> None:
        self._inputs = StepInputs(0, (), None, ())
        self.made: list[Made] = []
        self.submitted: list[GatePulse] = []

    def give(self, inputs: StepInputs) -> None:
        self._inputs = inputs
        self.made.clear()
        self.submitted.clear()

    def take(self) -> Frame | None:
        return self._inputs.frame

    def dropped(self) -> int:
        return 0

    def detect(self, frame: Frame) -> Sequence[Detection]:
        return self._inputs.detections

    def scene(self, travel_um: int) -> Scene | None:
        return self._inputs.scene

    def submit(self, pulse: GatePulse) -> None:
        self.submitted.append(pulse)

    def scale(self, scale_ppm: int) -> None:
        pass

    def hold(self, held: bool) -> None:
        pass

    def ask(self, feed: Feed) -> None:
        pass

    def beat(self) -> None:
        pass

    def events(self, now_ns: int) -> Iterable[GateEvent]:
        return self._inputs.gate_events

    def put(self, record: Record) -> None:
        if isinstance(record, Made):
            self.made.append(record)
