"""Detections become tracks: a fruit keeps its place on the belt, so belt travel says where to look for it next."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import chain
from statistics import median

from edge.belt import belt_um_at_origin
from edge.config import Profile
from edge.datapath import Detection, Look, Track, Verdict

_NEAR_UM = 18_000
"""How far from its place a fruit may be seen and still be the same one: slip and noise are a few millimetres, the
smallest pitch of two middles is a fruit's diameter."""

_NEWEST = 0.4
"""Weight of the newest sight in a track's place: the last ones lie nearest to the gates, one alone is noisy."""


_REMEMBERED = 3
"""Decided tracks kept a lane: a fruit may be seen once more after it was decided, and is a neighbour still."""


_STEADY = 3
_FEWEST_SIGHTS, _LEAST_UM = 6, 150_000
"""A fruit's way against the belt is told from its third sight on, over so many and so much travel at least."""

_ROLLS, _ROLLS_ALONE = 0.03, 0.06
"""A fruit that gains or loses so much of the belt's travel against the others of late rolls; without others to hold it
to, so much against the belt itself."""

_OTHERS, _FEWEST_OTHERS = 9, 5
_VANISHED_FRAMES, _VANISHED_MM = 3, 60.0
"""A fruit that was not seen in so many frames' travel before it left the picture has vanished: it is looked for within
so much of where it should be."""


class Followed:
    """A track in the making. Owned by the Tracker; the line adds looks."""

    __slots__ = (
        *("astray_mm", "belt_um", "lane", "length_mm", "look_um", "looks", "merged", "seen", "seen_um", "steady"),
        *("bundle", "track_id", "verdict", "y_mm"),
    )

    def __init__(self, track_id: str, lane: int, belt_um: int, detection: Detection) -> None:
        self.track_id = track_id
        self.lane = lane
        self.belt_um = belt_um
        self.y_mm = detection.y_mm or 0.0
        self.length_mm = detection.length_mm or 0.0
        self.bundle = ""
        """Whose looks these are; empty before the first."""
        self.looks: list[Look] = []
        self.look_um: int | None = None
        self.seen = 0
        self.merged = 0
        self.verdict: Verdict | None = None
        """What was decided, once it was."""
        self.astray_mm = 0.0
        """How far from its place it may be by the last gate: 0 while it keeps to the belt. As of its leaving."""
        self.seen_um = 0
        self.steady: tuple[int, int] | None = None

    def record(self) -> Track:
        return Track(self.track_id, self.lane, self.belt_um, self.y_mm, self.length_mm, tuple(self.looks))

    @property
    def crowded(self) -> bool:
        """Whether it was hardly ever seen apart from another fruit."""
        return 2 * self.merged > self.seen

    @property
    def gain(self) -> float | None:
        """The share of the belt's travel by which it falls behind the belt; None where that cannot be told."""
        if self.steady is None or self.merged or self.seen < _FEWEST_SIGHTS:
            return None
        over_um = self.seen_um - self.steady[0]
        return (self.belt_um - self.steady[1]) / over_um if over_um >= _LEAST_UM else None

    def _sight(self, belt_um: int, detection: Detection, travel_um: int) -> None:
        self.seen += 1
        self.seen_um = travel_um
        self.merged += detection.merged
        self.belt_um += round(_NEWEST * (belt_um - self.belt_um))
        if self.seen == _STEADY:
            self.steady = travel_um, self.belt_um
        share = 1 / self.seen
        self.y_mm += share * ((detection.y_mm or 0.0) - self.y_mm)
        self.length_mm += share * ((detection.length_mm or 0.0) - self.length_mm)


class Tracker:
    """All fruit between the picture's two ends. Numbers tracks `run_id.n`, never again."""

    def __init__(self, profile: Profile, run_id: str) -> None:
        self._profile = profile
        self._run_id = run_id
        self._view_um = round(profile.camera.view_mm * 1000)
        # A fruit that would touch the picture's end in the next frame has been seen whole for the last time.
        self._ahead_um = round(profile.speed_um_s / profile.camera.frames_hz)
        self._lanes: list[list[Followed]] = [[] for _ in profile.lanes]
        self._left: list[list[Followed]] = [[] for _ in profile.lanes]
        self._beyond_mm = max(gate.x_mm for gate in profile.gates.values())
        self._gains: deque[float] = deque(maxlen=_OTHERS)
        self._frame_um = 0
        self._since_um: int | None = None
        self._next_um: int | None = None
        self._moved = False
        self.started = 0

    def see(self, travel_um: int, detections: Sequence[Detection]) -> list[tuple[Followed, Detection]]:
        """Match one frame's detections, taken at this belt travel, and return each with the track it belongs to.

        A detection cut off by the picture's edge is passed over: its middle is not the fruit's.
        """
        sights: list[list[tuple[int, Detection]]] = [[] for _ in self._lanes]
        lane_of, since_um = self._profile.lane_of, self._since_um
        self._moved = True
        self._frame_um = travel_um
        for detection in detections:
            x_mm, y_mm = detection.x_mm, detection.y_mm
            if detection.touches_edge or x_mm is None or y_mm is None:
                continue
            lane, belt_um = lane_of(y_mm), belt_um_at_origin(x_mm, travel_um)
            if lane is not None and (since_um is None or belt_um > since_um):
                sights[lane].append((belt_um, detection))
        pairs: list[tuple[Followed, Detection]] = []
        for lane, seen in enumerate(sights):
            if seen:
                pairs += self._match(lane, seen)
        return pairs

    def leaving(self, travel_um: int) -> list[Followed]:
        """Take out those that will not be seen whole again, downstream first."""
        gone: list[Followed] = []
        next_um = self.next_um()
        if next_um is None or travel_um < next_um:
            return gone
        self._moved = True
        for followed, left in zip(self._lanes, self._left, strict=True):
            leaving = [f for f in followed if self.leaves_um(f) <= travel_um]
            if leaving:
                followed[:] = [f for f in followed if f not in leaving]
                left[:] = (left + leaving)[-_REMEMBERED:]
                for one in leaving:
                    self._hold_to_others(one)
                gone += leaving
        gone.sort(key=lambda f: f.belt_um)
        return gone

    def forget(self, travel_um: int) -> None:
        """Nobody knows where the fruit are any more: those that have come so far are followed no longer."""
        self._since_um = travel_um
        self._lanes, self._left = [[] for _ in self._lanes], [[] for _ in self._left]
        self._moved = True

    def neighbours(self, track: Track) -> list[Followed]:
        """The other fruit of its lane that a track's pulse may meet: the last that left, and all still in view."""
        others = (*self._left[track.lane], *self._lanes[track.lane])
        return [f for f in others if f.track_id != track.track_id]

    def astray_mm(self, followed: Followed) -> float:
        """How far from its place a fruit may be by the last gate; 0 where it keeps to the belt."""
        return self._astray_mm(followed) if followed.verdict is None else followed.astray_mm

    def leaves_um(self, followed: Followed) -> int:
        """The belt travel at which a fruit has to be decided."""
        return followed.belt_um + self._view_um - round(followed.length_mm * 500) - self._ahead_um

    def next_um(self) -> int | None:
        """The belt travel at which the next fruit has to be decided; None without fruit."""
        if self._moved:
            to_um = self._view_um - self._ahead_um
            leaves_um = [f.belt_um - round(f.length_mm * 500) for lane in self._lanes for f in lane]
            self._next_um = min(leaves_um) + to_um if leaves_um else None
            self._moved = False
        return self._next_um

    def all(self) -> Iterator[Followed]:
        return chain.from_iterable(self._lanes)

    def _hold_to_others(self, leaving: Followed) -> None:
        leaving.astray_mm = self._astray_mm(leaving)
        if (gain := leaving.gain) is not None:
            self._gains.append(gain)

    def _astray_mm(self, followed: Followed) -> float:
        if self._frame_um - followed.seen_um > _VANISHED_FRAMES * max(self._ahead_um, _NEAR_UM):
            return _VANISHED_MM
        gain = followed.gain
        if gain is None:
            return 0.0
        alone = len(self._gains) < _FEWEST_OTHERS
        off = abs(gain if alone else gain - median(self._gains))
        return off * self._beyond_mm if off > (_ROLLS_ALONE if alone else _ROLLS) else 0.0

    def _match(self, lane: int, sights: list[tuple[int, Detection]]) -> list[tuple[Followed, Detection]]:
        """Nearest first, each track and each sight once; what is left over starts a track."""
        found: list[tuple[Followed, Detection]] = []
        live = len(self._lanes[lane])
        followed = self._lanes[lane] + self._left[lane]
        places_um = [track.belt_um for track in followed]
        pairs = [
            (abs(belt_um - place_um), s, t)
            for s, (belt_um, _) in enumerate(sights)
            for t, place_um in enumerate(places_um)
            if -_NEAR_UM <= belt_um - place_um <= _NEAR_UM
        ]
        pairs.sort()
        taken: set[int] = set()
        matched: set[int] = set()
        for _, s, t in pairs:
            if s not in matched and t not in taken:
                matched.add(s)
                taken.add(t)
                if t < live:
                    belt_um, detection = sights[s]
                    followed[t]._sight(belt_um, detection, self._frame_um)
                    found.append((followed[t], detection))
        for s, (belt_um, detection) in enumerate(sights):
            if s not in matched:
                found.append((self._start(lane, belt_um, detection), detection))
        return found

    def _start(self, lane: int, belt_um: int, detection: Detection) -> Followed:
        self.started += 1
        new = Followed(f"{self._run_id}.{self.started}", lane, belt_um, detection)
        new._sight(belt_um, detection, self._frame_um)
        self._lanes[lane].append(new)
        return new
