"""What the line leaves undone when it cannot do all: frames first (the mailbox sees to that), then looks that a fruit
could do without, then whole fruit.

It is measured from the steps' own inputs. A frame that has waited for the line, or has replaced others, says that the
step before it ran until now: that step's length is known. No clock is read, so a recorded run repeats its every choice.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from edge.config import Profile
from edge.datapath import Detection, Frame
from edge.detect.tracks import Followed
from edge.incidents import Told
from edge.incidents_machine import OVERLOAD

Due = tuple[Followed, Detection]

_MOST = 64.0
_LESS, _MORE = 0.75, 1.0
"""Looks a step are cut by a factor and grow by a summand: what the step's length calls for is found within a few."""

_WAITED = 0.25
"""Of a frame's time: a frame older than the youngest by this has waited for the line."""

_AGES = 128
_CALM_NS = 1_000_000_000
"""For so long nothing must have been shed before the feed is asked for in full again."""


@dataclass(slots=True)
class Counts:
    """What the line has done since its run began."""

    frames: int = 0
    verdicts: int = 0
    looks: int = 0
    shed: int = 0


class LookBudget:
    """Chooses which looks a step makes. Belongs to the main thread.

    `fewest_looks` of a fruit are needed, more are better. The further ones are given up first, as soon as frames have
    to wait; needed ones only where a step would grow longer than `longest_ns`. Fruit that have had a look come before
    new ones, so that those which are begun are finished; what lacked a look that it needed is shed when it is decided.
    """

    def __init__(self, profile: Profile) -> None:
        camera, grade = profile.camera, profile.grade
        self._fewest = grade.fewest_looks
        self._frame_ns = 1e9 / camera.frames_hz
        self._spacing_um = round(camera.view_mm * 1000 / grade.most_looks)
        view_ns = camera.view_mm / profile.belt.speed_mm_s * 1e9
        self.longest_ns = min(
            profile.sort.latency_budget_ms * 1e6 / 2,
            max(self._frame_ns, view_ns / (self._fewest + 2)),
        )
        self._ages_ns: deque[int] = deque(maxlen=_AGES)
        self._before_ns: int | None = None
        self._number = self._lost = 0
        self._travel_um: int | None = None
        self._step_um = 0
        self._taken = 0
        self._needed = _MOST
        self._further = _MOST
        self._denied: set[str] = set()
        self._shed_at_ns: int | None = None
        self._inhibit = False
        self.step_ns = 0
        """How long the last step whose length is known took."""
        self.shed = 0

    def frame(self, now_ns: int, frame: Frame, travel_um: int) -> None:
        """A step with a frame begins: what does it say of the one before?"""
        age_ns = now_ns - frame.exposed_at_ns
        self._ages_ns.append(age_ns)
        # What the camera lost waited for nobody, and the time until it gave frames again is no step's.
        lost = frame.lost - self._lost
        replaced = frame.number - self._number - 1 > lost
        most_ns = _WAITED * self._frame_ns
        # No frame is younger than its exposure: only one that is old can have waited beside the youngest.
        waited = replaced or (age_ns > most_ns and age_ns - min(self._ages_ns) > most_ns)
        if self._before_ns is not None:
            took_ns = max(0, now_ns - self._before_ns - round(lost * self._frame_ns))
            self.step_ns = took_ns if waited else min(self.step_ns, took_ns)
            self._tune(waited, took_ns)
        if self._travel_um is not None:
            self._step_um = travel_um - self._travel_um
        self._before_ns, self._travel_um, self._number, self._lost = now_ns, travel_um, frame.number, frame.lost

    def choose(self, due: Sequence[Due], travel_um: int, leaves_um: Callable[[Followed], int]) -> list[Due]:
        """Which of the looks that are due are made. `leaves_um`: the belt travel at which a fruit is decided."""
        if len(due) <= min(self._needed, self._further):
            self._taken = len(due)
            return list(due)
        ranked = sorted(due, key=lambda one: self._rank(one[0], travel_um, leaves_um(one[0])))
        chosen: list[Due] = []
        for one in ranked:
            followed = one[0]
            needed = len(followed.looks) < self._fewest
            if len(chosen) < (self._needed if needed else self._further):
                chosen.append(one)
            elif needed:
                self._denied.add(followed.track_id)
        self._taken = len(chosen)
        return chosen

    @property
    def is_ample(self) -> bool:
        """Whether a step could make twice the looks that the last one made."""
        return 2 * self._taken <= min(self._needed, self._further)

    def sheds(self, followed: Followed, now_ns: int) -> bool:
        """Whether a fruit that is decided now had to go without looks that it needed. Asked once a fruit."""
        denied = followed.track_id in self._denied
        self._denied.discard(followed.track_id)
        return denied and len(followed.looks) < self._fewest and self.count(now_ns)

    def count(self, now_ns: int) -> bool:
        """A fruit is shed, for this or another lack of time."""
        self.shed += 1
        self._shed_at_ns = now_ns
        return True

    def news(self, now_ns: int) -> Iterable[Told]:
        """What the operator is told of the load, where that has changed: the feed is asked to hold back from the first
        fruit that is shed until none was for a second."""
        busy = self._shed_at_ns is not None and now_ns - self._shed_at_ns < _CALM_NS
        if busy == self._inhibit:
            return ()
        self._inhibit = busy
        return (Told(OVERLOAD.code, busy, {"shed": self.shed}),)

    def _tune(self, waited: bool, took_ns: int) -> None:
        if waited and took_ns > self.longest_ns:
            self._needed = max(1.0, min(self._needed, self._taken) * max(0.5, self.longest_ns / took_ns))
        else:
            self._needed = min(_MOST, self._needed + _MORE)
        if waited:
            self._further = max(1.0, min(self._further, self._taken) * _LESS)
        else:
            self._further = min(_MOST, self._further + _MORE)

    def _rank(self, followed: Followed, travel_um: int, leaves_um: int) -> tuple[int, int]:
        """The order in which looks are given: begun fruit that need more, those nearest to their decision first; new
        ones, those with most time first; then whoever has been looked at least. One that cannot be finished is last."""
        looks = len(followed.looks)
        if looks >= self._fewest:
            return 2, looks
        missing = self._fewest - looks - 1
        if leaves_um - travel_um < missing * max(self._spacing_um, self._step_um):
            return 3, 0
        return (0, leaves_um) if looks else (1, -leaves_um)
