"""The gate process itself, on gpiozero's mock factory. Deadlines are generous: the claims are about order, not time."""

import json
import os
import select
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

from edge.clock import now_ns
from edge.datapath import BeltSample, Outcome
from edge.sort.wire import Beat, Bye, Fault, GateLine, LineBuffer, Ready, to_line
from tests.edge.sort.fakes import MS, SPEED_UM_S, pulse, settings

pytestmark = pytest.mark.live

WITHIN_S = 20.0
ENV = {**os.environ, "GPIOZERO_PIN_FACTORY": "mock"}

PATIENT = settings(heartbeat_ns=10_000 * MS, late_um=1_200_000)
"""Of a busy test machine: two seconds late is still in time."""

HEAVY = ("numpy", "cv2", "pydantic", "paho", "ai_edge_litert", "tflite_runtime", "edge.config", "edge.detect", "sim")

# Runs the module as `python -m` does, and says at its end which modules it had loaded.
WITNESS = """
import atexit, json, runpy, sys
atexit.register(lambda: print(json.dumps(sorted(sys.modules)), file=sys.stderr))
runpy.run_module("edge.sort.gates", run_name="__main__", alter_sys=True)
"""

# Takes away what macOS does not have.
BARE = """
import builtins, os, time
for name in [name for name in dir(os) if name.startswith(("sched_", "eventfd", "memfd_create"))]:
    delattr(os, name)
if hasattr(time, "CLOCK_BOOTTIME"):
    del time.CLOCK_BOOTTIME
def refusing(real):
    def opener(path, *rest, **options):
        if str(path).startswith("/proc"):
            raise FileNotFoundError(2, "refused", str(path))
        return real(path, *rest, **options)
    return opener
builtins.open, os.open = refusing(builtins.open), refusing(os.open)
"""


class Spoken:
    """A gate process and what it has said."""

    def __init__(self, process):
        self.process, self.buffer, self.heard = process, LineBuffer(), []

    def tell(self, *messages):
        self.process.stdin.write(b"".join(map(to_line, messages)))

    def hear(self, kind):
        """The first message of a kind."""
        deadline_ns = now_ns() + round(WITHIN_S * 1e9)
        while not (found := [message for message in self.heard if isinstance(message, kind)]):
            left_s = (deadline_ns - now_ns()) / 1e9
            assert left_s > 0 and select.select([self.process.stdout], [], [], left_s)[0], f"no {kind.__name__}"
            data = os.read(self.process.stdout.fileno(), 65_536)
            assert data, f"ended before a {kind.__name__}: {self.heard}"
            self.heard += self.buffer.take(data)
        return found[0]


@contextmanager
def gate_process(*command):
    command = command or ("-m", "edge.sort.gates")
    with subprocess.Popen(
        [sys.executable, *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        env=ENV,
    ) as process:
        try:
            yield Spoken(process)
        finally:
            process.kill()


def soon(track_id="run.1", ahead_ms=80):
    """A pulse that opens `ahead_ms` from now."""
    mm = (now_ns() + ahead_ms * MS) * SPEED_UM_S // 10**9 / 1000
    return pulse(track_id, open_mm=mm, close_mm=mm + 1_500, lead_ms=0)


def test_a_pulse_is_fired_not_before_its_deadline_and_the_belt_is_sampled():
    with gate_process() as spoken:
        spoken.tell(PATIENT)
        spoken.hear(Ready)
        one = soon()
        spoken.tell(Beat(), one)
        outcome = spoken.hear(Outcome)
        assert outcome.pulse == one
        assert (outcome.result, outcome.late_ns >= 0) == ("fired", True)
        assert spoken.hear(BeltSample).speed_um_s == SPEED_UM_S


def test_a_main_process_that_falls_silent_is_told_of_the_safe_state():
    with gate_process() as spoken:
        spoken.tell(settings(heartbeat_ns=100 * MS), Beat(), soon(ahead_ms=60_000))
        assert spoken.hear(Fault).why.startswith("no heartbeat from the main process for 1")
        assert spoken.hear(Outcome).result == "refused"


@pytest.mark.parametrize("end", ["standard input closed", "bye", "SIGTERM"])
def test_it_ends_when_it_should(end):
    with gate_process() as spoken:
        spoken.tell(settings())
        spoken.hear(Ready)
        if end == "bye":
            spoken.tell(Bye())
        elif end == "SIGTERM":
            spoken.process.send_signal(signal.SIGTERM)
        else:
            spoken.process.stdin.close()
        assert spoken.process.wait(WITHIN_S) == 0


def test_the_terminals_interrupt_is_left_to_the_main_process():
    with gate_process() as spoken:
        spoken.tell(PATIENT)
        spoken.hear(Ready)
        spoken.process.send_signal(signal.SIGINT)
        spoken.tell(Beat(), soon())
        assert spoken.hear(Outcome).result == "fired"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (b"hello\n", "not a message of the gate process: b'hello'"),
        (to_line(Beat()), "expected the settings first, got Beat"),
        (
            to_line(settings(gates=(GateLine("a", 17, True, MS), GateLine("b", 17, True, MS)))),
            "[gates.b] pin = 17: cannot",
        ),
    ],
    ids=["no message", "no settings", "a pin twice"],
)
def test_a_bad_start_is_told_in_one_clear_line(said, told):
    with gate_process() as spoken:
        spoken.process.stdin.write(said)
        assert spoken.hear(Fault).why.startswith(told)
        assert spoken.process.wait(WITHIN_S) == 3
        assert spoken.process.stderr.read() == b""  # the main process says it, once


def test_started_by_hand_it_says_who_starts_it():
    ended = subprocess.run(
        [sys.executable, "-m", "edge.sort.gates"], input=b"", capture_output=True, env=ENV, check=False
    )
    assert ended.returncode == 3
    assert b"`sorter run` starts this process" in ended.stdout


@pytest.mark.parametrize("before", ["", BARE], ids=["as it is", "without what macOS lacks"])
def test_it_sorts_with_none_of_the_heavy_libraries_loaded(before):
    with gate_process("-c", before + WITNESS) as spoken:
        spoken.tell(PATIENT)
        spoken.hear(Ready)
        spoken.tell(Beat(), soon())
        assert spoken.hear(Outcome).result == "fired"
        spoken.tell(Bye())
        assert spoken.process.wait(WITHIN_S) == 0
        modules = json.loads(spoken.process.stderr.read())
    assert "gpiozero" in modules
    assert [name for name in modules if name.startswith(tuple(f"{heavy}." for heavy in HEAVY)) or name in HEAVY] == []
