"""The world as the device sees it: small protocols, each holding only what its one consumer calls.

Real adapters sit in the stage that uses them, in a file named after the device library; `sim/` answers the same
protocols. `tests/contract` holds both to the same claims.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from edge.datapath import BeltSample, Detection, Fall, Feed, Frame, GateEvent, GatePulse, Grades, Record, Scene


class Camera(Protocol):
    """Consumer: the line."""

    def take(self) -> Frame | None:
        """The newest frame that was not yet taken, or None. Never blocks. Frame numbers grow; exposures too.

        Raises CameraFault when the camera has stopped for good.
        """

    def dropped(self) -> int:
        """How many frames were replaced by a newer one before they were taken, or known lost, so far."""


class Detector(Protocol):
    """Consumer: the line."""

    def detect(self, frame: Frame) -> Sequence[Detection]:
        """Every fruit in the frame, in no particular order."""

    def scene(self, travel_um: int) -> Scene | None:
        """How the frame that was just searched shows the empty belt, whose travel it was exposed at; None where that is
        not measured."""


class Grader(Protocol):
    """Consumer: the line."""

    @property
    def bundle(self) -> str:
        """`name@digest` of the bundle that grades, as verdicts carry it."""

    def grade(self, detections: Sequence[Detection]) -> list[tuple[Grades, float]]:
        """The grades of each crop, and its sharpness (0 or more, larger is sharper), in the order of the crops."""


class Aside(Protocol):
    """Whoever looks over the line's shoulder. Consumer: the line."""

    def looked(self, seen: Sequence[tuple[str, Detection]]) -> None:
        """These looks were made, by track: all of a step that has time to spare, of one in a hurry those at fruit that
        the audit has drawn. Never blocks, never raises."""


class GateLink(Protocol):
    """The line's end of the road to the gate process."""

    def submit(self, pulse: GatePulse) -> None:
        """Hand a pulse over; what becomes of it comes back as an Outcome. Never blocks."""

    def scale(self, scale_ppm: int) -> None:
        """Belt travel is to be counted as so many millionths of the encoder's own from now on. Never blocks."""

    def hold(self, held: bool) -> None:
        """Release every gate at once and refuse every pulse, those that wait too; False: take pulses again. Never
        blocks."""

    def ask(self, feed: Feed) -> None:
        """What upstream is asked for from now on. The gate process holds it back by itself in its safe state. Never
        blocks."""

    def beat(self) -> None:
        """Say that the line is alive, now. Without it the gate process releases every gate. Often is no waste: what
        nobody needs is not passed on. Never blocks."""

    def events(self, now_ns: int) -> Iterable[GateEvent]:
        """What the gate process has said since the last call, in order. Raises GateFault when it is gone or silent."""


class GatePins(Protocol):
    """The gate process's end of the wires. Consumer: the scheduler."""

    def command(self, gate: str, is_open: bool) -> int:
        """Drive one gate's line; returns the instant of the edge. Raises GateFault where it cannot be driven."""

    def release_all(self) -> None:
        """Every gate to its released level. Never raises: it is the road to the safe state."""


class Encoder(Protocol):
    """Belt travel. Consumer: the scheduler."""

    def sample(self, now_ns: int) -> BeltSample:
        """The newest reading, at `now_ns` or shortly before it. `now_ns` is not before the last one asked for."""


class ExitSensors(Protocol):
    """What falls behind the gates. Consumer: the gate keeper."""

    def falls(self, now_ns: int) -> Iterable[Fall]:
        """The edges since it was last asked, in order."""


class FeedLines(Protocol):
    """The wires to the feed and to the belt's drive. Consumer: the gate keeper."""

    def ask(self, feed: Feed) -> None:
        """Ask upstream for this from now on. Never raises: no gate waits for it."""


class AliveLine(Protocol):
    """The wire to the relay that holds the gates' power. Consumer: the gate keeper."""

    def beat(self) -> None:
        """Change its level, as it must within a tenth of a second or the relay drops. Never raises."""


class StopContact(Protocol):
    """The emergency stop. Consumer: the gate keeper."""

    def pressed(self, now_ns: int) -> bool:
        """Whether it is pressed, or was since it was last asked for. What cannot be told is a stop. Never raises."""


class Throttle(Protocol):
    """The computer's own word on its speed. Consumer: the shell."""

    def throttled(self) -> bool:
        """Whether it runs slower than it can, from heat or for want of power. May take a moment. Never raises."""


class Publisher(Protocol):
    """The road to a broker. Consumer: the outbox."""

    def publish(self, topic: str, payload: bytes, retain: bool) -> int | None:
        """Send at least once. Returns a token that `acknowledged` will name, or None when nothing can be sent now."""

    def acknowledged(self) -> Iterable[int]:
        """Tokens of messages that the broker has taken since the last call."""

    def online(self) -> bool:
        """Whether the broker has answered lately."""


class RecordSink(Protocol):
    """Whoever listens to the records as they are made: telemetry, the recorder, the simulator's view and report."""

    def put(self, record: Record) -> None:
        """Take one record. Never blocks, never raises."""
