"""A calibration from its first frame to its last figure, as a step: what is to be laid onto the belt, part after part.

Which machine it runs on is decided by who makes its `Rig`. It reads no clock; whoever drives it waits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from edge.belt import NS, BeltHistory
from edge.calibrate.changes import Changes, changed
from edge.config import Profile
from edge.datapath import BeltSample, Frame, GateEvent
from edge.errors import CameraFault
from edge.ports import Camera, GateLink

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Laid = Literal["nothing", "board", "balls", "balls on the slow belt"]
"""What a part wants on the running belt."""

_POLL_NS = 5_000_000
_CLEAR_MM = 300.0
"""Beyond the picture's length: so much travel later, what was laid before has passed."""


class Hand(Protocol):
    """Whoever lays things onto the belt. Consumer: the session."""

    def lay(self, what: Laid) -> None:
        """From now on this and nothing else. May take its time: a person is asked."""


class Part(Protocol):
    """One measurement. Consumer: the session, which gives it every frame and event in order."""

    @property
    def lays(self) -> Laid:
        """What it wants on the belt; where that changes, the hand is asked again."""

    @property
    def done(self) -> bool: ...

    @property
    def lacks(self) -> str:
        """What it still waits for, in words for a message."""

    def see(self, frame: Frame, travel_um: int) -> None:
        """The next frame, and the belt's travel at its exposure."""

    def hear(self, event: GateEvent) -> None:
        """What the gate process has said."""

    def step(self, now_ns: int) -> None: ...

    def changes(self) -> Changes:
        """What was found, once it is done."""

    @property
    def plate(self) -> NDArray[np.uint8] | None:
        """The empty picture, uint8 RGB (h, w, 3), where it takes one, once it is done."""


class MakePart(Protocol):
    """A part on the profile as the parts before it have left it."""

    def __call__(self, profile: Profile, gates: GateLink, belt: BeltHistory) -> Part: ...


def _at_once(work: Callable[[], Changes]) -> Changes:
    return work()


@dataclass(frozen=True, slots=True)
class Rig:
    """The machine that is calibrated. `aside` works out what may take long, while somebody beats for this thread."""

    camera: Camera
    gates: GateLink
    hand: Hand
    aside: Callable[[Callable[[], Changes]], Changes] = _at_once


class Session:
    """One calibration. Steps from one thread; `profile` is the machine's with all that was found so far."""

    def __init__(self, profile: Profile, rig: Rig, parts: Sequence[MakePart], patience_s: float = 120.0) -> None:
        """`patience_s`: how long each part may take."""
        self.profile = profile
        self.changes: Changes = {}
        self.plate: NDArray[np.uint8] | None = None
        """The picture behind all pictures, uint8 RGB (h, w, 3), where it was taken."""
        self._rig = rig
        self._parts = list(parts)
        self._patience_ns = round(patience_s * NS)
        self._belt = BeltHistory()
        self._part: Part | None = None
        self._laid: Laid | None = None
        self._by_ns = 0
        self._clear_um = 0

    @property
    def done(self) -> bool:
        return self._part is None and not self._parts

    def step(self, now_ns: int) -> int:
        """Take in what is there; returns when to be called again. Raises CameraFault where a part does not get what it
        waits for, GateFault where the gate process is lost."""
        self._rig.gates.beat()
        for event in self._rig.gates.events(now_ns):
            if isinstance(event, BeltSample):
                self._belt.observe(event)
            if self._part:
                self._part.hear(event)
        frame = self._rig.camera.take()
        if self._belt.known and not self.done:
            self._measure(now_ns, frame)
        return now_ns + _POLL_NS

    def _measure(self, now_ns: int, frame: Frame | None) -> None:
        part = self._part
        if part is None:
            part = self._part = self._parts.pop(0)(self.profile, self._rig.gates, self._belt)
            self._by_ns = now_ns + self._patience_ns
        if part.lays != self._laid:
            self._laid = part.lays
            self._rig.hand.lay(part.lays)
            self._clear_um = self._belt.um_at(now_ns) + round((self.profile.camera.view_mm + _CLEAR_MM) * 1000)
        if frame is not None:
            travel_um = self._belt.um_at(frame.exposed_at_ns)
            if travel_um >= self._clear_um:
                part.see(frame, travel_um)
        part.step(now_ns)
        if part.done:
            found = self._rig.aside(part.changes)
            self.plate = part.plate if part.plate is not None else self.plate
            self.profile = changed(self.profile, found)
            for section, keys in found.items():
                self.changes.setdefault(section, {}).update(keys)
            self._part = None
        elif now_ns > self._by_ns:
            raise CameraFault(f"after {self._patience_ns // NS} s still without {part.lacks}; nothing was changed")
