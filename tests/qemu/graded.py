"""Run in the guest: the main process with the device's own line. What its camera and network would say was recorded
(`tests.qemu.sights`), for the guest has no NumPy, OpenCV or LiteRT; from there on, tracks to pulses, nothing is.

Standard input: anything: the recorded fruit comes, after an empty belt. Standard output: JSON lines.
"""

import json
import os
import select
import sys
from collections.abc import Sequence
from pathlib import Path

from edge.bundle import Thresholds
from edge.clock import now_ns
from edge.config import load_profile
from edge.datapath import Detection, EmergencyStop, Frame, Grades, Incident, Outcome, Record, Verdict
from edge.errors import GateFault
from edge.line import Line
from edge.sort.link import GateProcess, gate_settings
from tests.qemu.main import say
from tests.qemu.sights import SIGHTS, Sights

NS_PER_S = 1_000_000_000


class Recorded:
    """Answers Camera, Detector and Grader: an empty belt until it is fed, then the recorded frames, then an empty one.
    Each is exposed when it is due."""

    def __init__(self, sights: Sights, frames_hz: float) -> None:
        self.bundle: str = sights["bundle"]
        self._frames = sights["frames"]
        self._period_ns = round(NS_PER_S / frames_hz)
        self._number = 0
        self._first: int | None = None
        self._grades: dict[tuple[int, ...], tuple[Grades, float]] = {}
        self.due_ns = now_ns() + self._period_ns

    def feed(self) -> None:
        self._first = self._number + 1

    def take(self) -> Frame | None:
        if now_ns() < self.due_ns:
            return None
        exposed_at_ns, self._number = self.due_ns, self._number + 1
        self.due_ns += self._period_ns
        return Frame("recorded", self._number, exposed_at_ns, None)  # type: ignore[arg-type]  # nobody here looks at it

    def dropped(self) -> int:
        return 0

    def detect(self, frame: Frame) -> Sequence[Detection]:
        n = -1 if self._first is None else frame.number - self._first
        seen = self._frames[n] if 0 <= n < len(self._frames) else []
        self._grades = {
            tuple(one["box_px"]): (Grades(tuple(one["scores"]), one["unknown_score"]), one["sharpness"]) for one in seen
        }
        # Of a detection that nobody segments or grades here the pictures are left out.
        return [Detection(tuple(one["box_px"]), *one["place"], None, None) for one in seen]  # type: ignore[arg-type]

    def scene(self, travel_um: int) -> None:
        return None

    def grade(self, detections: Sequence[Detection]) -> list[tuple[Grades, float]]:
        return [self._grades[one.box_px] for one in detections]


class Told:
    """A RecordSink that says what is waited for."""

    def put(self, record: Record) -> None:
        match record:
            case Verdict():
                say("verdict", label=record.label, outlet=record.outlet, reason=record.reason, bundle=record.bundle)
            case Outcome():
                say("outcome", result=record.result, gate=record.pulse.gate)
            case EmergencyStop():
                say("stop", pressed=record.pressed)
            case Incident():
                say("incident", code=record.code, state=record.state)
            case _:
                pass


def main(profile: str) -> int:
    settings = load_profile(Path(profile))
    sights: Sights = json.loads(SIGHTS.read_text(encoding="utf-8"))
    try:
        gates = GateProcess(gate_settings(settings))
        say("ready", gate_pid=gates.pid)
        recorded = Recorded(sights, settings.camera.frames_hz)
        thresholds = Thresholds.model_validate(sights["thresholds"])
        serve(Line(settings, "guest", recorded, recorded, recorded, gates, Told(), thresholds), recorded)
        gates.close()
    except GateFault as fault:
        sys.stderr.write(f"{fault}\n")
        return fault.exit_status
    return 0


def serve(line: Line, recorded: Recorded) -> None:
    """Step the line by its own wakes and by every frame, until nobody asks any more."""
    os.set_blocking(0, False)
    while True:
        wake_ns = min(line.step(now_ns()), recorded.due_ns)
        if select.select([0], [], [], max(0, wake_ns - now_ns()) / NS_PER_S)[0]:
            if not os.read(0, 1024):
                return
            recorded.feed()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
