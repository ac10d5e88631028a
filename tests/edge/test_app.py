"""The shell of one run, in this process, with ports made of paper: how it starts, and every way out of it."""

import os
import signal
import socket
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge import clock
from edge.app import run
from edge.bundle import Thresholds
from edge.config import Profile, load_profile
from edge.datapath import BeltSample, Detection, EmergencyStop, Frame, Grades, Health, Incident, Record, Verdict
from edge.derating import Measured
from edge.errors import CameraFault, GateFault
from edge.limits import Limits
from edge.machine import Machine
from tests.edge.profiles import demo

DEMO = Path(__file__).parents[2] / "firmware_config" / "profiles" / "demo.toml"
SCENE = np.zeros((480, 640, 3), np.uint8)
SEEN = Detection((300, 100, 80, 80), 240.0, 108.0, 56.0, 56.0, False, SCENE[:80, :80], SCENE[:40, :40, 0])


class Paper:
    """Every port of a machine, and a diary of what happened in which order."""

    bundle = "paper@0"

    def __init__(self) -> None:
        self.diary: list[str] = []
        self.healths: list[Health] = []
        self.gate_fault: GateFault | None = None
        self.camera_fault: CameraFault | None = None
        self.grade_fault: Exception | None = None
        self.before_fault: Callable[[], None] = lambda: None
        self.on_health: Callable[[Health], None] = lambda health: None
        self.slower = 1
        self.stops: list[EmergencyStop] = []
        self.closed_at_ns = 0
        self._number = 0

    # FrameSource
    def next_frame(self, deadline_ns: int) -> Frame | None:
        if self.camera_fault and self._number:
            raise self.camera_fault
        clock.sleep_until(clock.now_ns() + 2_000_000)
        self._number += 1
        return Frame("paper", self._number, clock.now_ns(), SCENE)

    def lost(self) -> int:
        return 0

    # Detector, Grader
    def detect(self, frame: Frame) -> list[Detection]:
        return [SEEN]

    def scene(self, travel_um: int) -> None:
        return None

    def grade(self, detections: Sequence[Detection]) -> list[tuple[Grades, float]]:
        if self.grade_fault:
            raise self.grade_fault
        return [(Grades((1.0, 0.0, 0.0, 0.0), 0.0), 1.0)] * len(detections)

    # Gates
    def beat(self) -> None: ...

    def submit(self, pulse: object) -> None: ...

    def scale(self, scale_ppm: int) -> None: ...

    def hold(self, held: bool) -> None: ...

    def ask(self, feed: object) -> None: ...

    def events(self, now_ns: int) -> list[BeltSample]:
        if self.gate_fault and self.healths:
            self.before_fault()
            raise self.gate_fault
        stops, self.stops = self.stops, []
        return [BeltSample(now_ns, now_ns // 100 // self.slower, 10_000_000 // self.slower), *stops]

    # RecordSink
    def put(self, record: Record) -> None:
        if isinstance(record, Health):
            self.healths.append(record)
            self.diary.append(f"health {record.state}")
            self.on_health(record)
        elif isinstance(record, Verdict):
            self.diary.append("verdict")
        elif isinstance(record, Incident):
            self.diary.append(f"{record.code} {record.state}")


class Gates(Paper):
    """The paper's gates close on their own: `close` is also what ends the source."""

    def __init__(self, paper: Paper) -> None:
        self.beat, self.submit, self.events = paper.beat, paper.submit, paper.events
        self.scale, self.hold, self.ask = paper.scale, paper.hold, paper.ask
        self._diary = paper.diary

    def close(self) -> None:
        self._diary.append("gates released")


class Source:
    def __init__(self, paper: Paper) -> None:
        self.next_frame, self.lost = paper.next_frame, paper.lost
        self._paper = paper

    def close(self) -> None:
        self._paper.closed_at_ns = clock.now_ns()
        self._paper.diary.append("camera closed")


def fast_belt() -> Profile:
    demo = load_profile(DEMO)
    fast = demo.belt.model_copy(update={"speed_mm_s": 10_000})
    telemetry = demo.telemetry.model_copy(update={"metrics_s": 0.1})
    return demo.model_copy(update={"belt": fast, "telemetry": telemetry})


@pytest.fixture(scope="module")
def profile() -> Profile:
    return fast_belt()


def machine(paper: Paper, profile: Profile) -> Machine:
    thresholds = Thresholds(least_confidence=0.5, most_unknown=0.5, damaged=0.5)
    return Machine(profile, "r", Source(paper), paper, paper, thresholds, Gates(paper), None, (paper,))


def end_at_second_health(paper: Paper, number: signal.Signals) -> None:
    paper.on_health = lambda health: len(paper.healths) == 2 and os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_run_through_the_safe_state_with_status_0(profile, capsys, number):
    paper = Paper()
    end_at_second_health(paper, number)
    before = signal.getsignal(number)
    assert run(machine(paper, profile)) == 0
    assert paper.diary[-3:] == ["gates released", "health stopped", "camera closed"]
    assert capsys.readouterr().err == ""
    assert signal.getsignal(number) is before


def test_a_gate_process_that_is_stopped_along_with_this_one_is_no_fault(profile, capsys):
    paper = Paper()

    paper.gate_fault = GateFault("gate process 7: gone")
    paper.before_fault = lambda: os.kill(os.getpid(), signal.SIGTERM)
    assert run(machine(paper, profile)) == 0
    assert capsys.readouterr().err == ""


def test_a_lost_gate_process_ends_the_run_with_status_3_and_one_line(profile, capsys):
    paper = Paper()
    paper.gate_fault = GateFault("gate process 7: gone")
    assert run(machine(paper, profile)) == 3
    assert paper.diary[-4:] == ["gates released", "gates_lost raised", "health safe", "camera closed"]
    assert capsys.readouterr().err == "gate process 7: gone\n"


def test_a_stopped_camera_ends_the_run_with_status_3_once_the_fruit_it_has_seen_are_past_their_gates(profile, capsys):
    paper = Paper()
    paper.camera_fault = CameraFault("the camera is unplugged")
    assert run(machine(paper, profile)) == 3
    after = paper.diary[paper.diary.index("camera closed") :]
    assert "verdict" in after
    assert paper.diary[-3:] == ["gates released", "camera_lost raised", "health safe"]
    assert capsys.readouterr().err == "the camera is unplugged\n"


def test_a_line_without_its_camera_waits_for_its_fruit_by_the_belts_travel(profile):
    paper = Paper()
    paper.slower = 2
    paper.camera_fault = CameraFault("the camera is unplugged")
    assert run(machine(paper, profile)) == 3
    travelled_um = (clock.now_ns() - paper.closed_at_ns) * 10_000_000 // paper.slower // 1_000_000_000
    assert travelled_um > 940_000


def test_a_mistake_of_the_programs_own_ends_in_the_safe_state_too(profile, capsys):
    paper = Paper()
    paper.grade_fault = ZeroDivisionError("oh")
    assert run(machine(paper, profile)) == 3
    assert paper.diary[-4:] == ["gates released", "internal_fault raised", "health safe", "camera closed"]
    assert "internal fault: ZeroDivisionError: oh" in capsys.readouterr().err.splitlines()[-1]


def test_a_machine_that_has_begun_to_sort_says_so_at_once(profile):
    paper = Paper()
    seldom = profile.telemetry.model_copy(update={"metrics_s": 3_600.0})
    end_at_second_health(paper, signal.SIGTERM)
    assert run(machine(paper, profile.model_copy(update={"telemetry": seldom}))) == 0
    assert [health.state for health in paper.healths] == ["starting", "sorting", "stopped"]


def test_health_tells_of_the_frames_and_fruit_so_far(profile):
    paper = Paper()
    end_at_second_health(paper, signal.SIGTERM)
    run(machine(paper, profile))
    assert [health.state for health in paper.healths] == ["starting", "sorting", "stopped"]
    assert paper.healths[1].frames > 0
    assert paper.healths[1].step_p50_ms > 0


def test_a_throttled_computer_is_told_of_with_what_it_may_be_given(profile, monkeypatch):
    class Hot:
        def throttled(self):
            return True

    monkeypatch.setattr("edge.beside._FEEL_S", 0.001)
    paper = Paper()
    paper.on_health = lambda health: health.throttled and os.kill(os.getpid(), signal.SIGTERM)
    limits = Limits(demo(), Measured(0, 0, 70_000_000, 2_000_000))
    assert run(replace(machine(paper, profile), limits=limits, throttle=Hot())) == 0
    assert limits.allowed.speed_mm_s < 600
    assert paper.healths[-1].speed_allowed_mm_s == pytest.approx(limits.allowed.speed_mm_s, abs=0.1)


def test_systemd_hears_ready_after_the_first_frame_then_the_watchdog_and_the_end(profile, monkeypatch):
    paper = Paper()
    paper.on_health = lambda health: len(paper.healths) == 3 and os.kill(os.getpid(), signal.SIGTERM)
    with tempfile.TemporaryDirectory(dir="/tmp") as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(f"{folder}/n")
        told.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", f"{folder}/n")
        # Four a time-out, and few enough that none is lost: a datagram socket may hold ten and no more.
        monkeypatch.setenv("WATCHDOG_USEC", "400000")
        run(machine(paper, profile))
        heard = []
        while not heard or not heard[-1].startswith(b"STOPPING=1"):
            heard.append(told.recv(200))
    assert heard.count(b"READY=1\nSTATUS=sorting") == 1
    assert b"WATCHDOG=1" in heard[heard.index(b"READY=1\nSTATUS=sorting") :]
