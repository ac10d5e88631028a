"""Fruit that stand still in the picture while the belt runs on under them: stuck at a rail, or one behind the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from edge.config import Profile
from edge.datapath import Detection
from edge.incidents import FRUIT_STUCK, LANE_JAM, Told

_SAME_MM = 4.0
"""What is seen this near to where it was has not moved."""

_STUCK_UM, _STUCK_SIGHTS, _STUCK_SHARE = 100_000, 5, 0.65
"""So much belt must have passed under a fruit, and so many frames, and so large a share of them, have shown it, before
it is stuck: five fruit of a chain would have to lie a frame's travel apart to look like one."""

_HIDDEN_SIGHTS = 3
"""For so many frames on end another fruit may hide it before then, for one until it has been seen twice."""

_GONE_SIGHTS = 10
_JAM = 3
"""So many fruit that stand in a lane are a jam."""

_MOVES_UM = 2_000


class Place:
    """Where a fruit was seen, and since when."""

    __slots__ = ("frames", "lane", "missed", "sights", "since_um", "x_mm", "y_mm")

    def __init__(self, lane: int, x_mm: float, y_mm: float, travel_um: int) -> None:
        self.lane = lane
        self.x_mm = x_mm
        self.y_mm = y_mm
        self.since_um = travel_um
        self.sights = 0
        self.frames = 0
        self.missed = 0

    def is_stuck(self, travel_um: int) -> bool:
        if self.sights < _STUCK_SIGHTS or travel_um - self.since_um < _STUCK_UM:
            return False
        return self.sights >= _STUCK_SHARE * self.frames


class Standstill:
    """One run's."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._places: list[Place] = []
        self._stuck: list[Place] = []
        self._travel_um: int | None = None
        self._lanes: list[int] = []
        self._jammed: list[int] = []

    def see(self, travel_um: int, detections: Sequence[Detection]) -> tuple[Sequence[Detection], list[Told]]:
        """A frame's fruit, and the belt's travel in the middle of its exposure: those that are not stuck, and what the
        operator is told."""
        moves = self._travel_um is None or travel_um - self._travel_um >= _MOVES_UM
        if moves:
            self._travel_um = travel_um
            self._remember(travel_um, detections)
        if not self._stuck and not self._lanes:
            return detections, []
        free = [d for d in detections if not self._is_stuck(d)]
        return free, self._news() if moves else []

    def _remember(self, travel_um: int, detections: Sequence[Detection]) -> None:
        if not self._places and not self._stuck:
            # Nothing is in question: the fruit as they lie now are, for the frames to come.
            self._begin(travel_um, detections)
            return
        for known in (*self._places, *self._stuck):
            known.missed += 1
            known.frames += 1
        for detection in detections:
            x_mm, y_mm = detection.x_mm, detection.y_mm
            if x_mm is None or y_mm is None:
                continue
            stuck = _at(self._stuck, x_mm, y_mm) if self._stuck else None
            if place := stuck or _at(self._places, x_mm, y_mm):
                place.missed = 0
                place.sights += 1
        anew = not self._places
        self._judge(travel_um)
        if anew:
            self._begin(travel_um, [d for d in detections if not self._is_stuck(d)])

    def _begin(self, travel_um: int, detections: Iterable[Detection]) -> None:
        for detection in detections:
            x_mm, y_mm = detection.x_mm, detection.y_mm
            if x_mm is not None and y_mm is not None and (lane := self._profile.lane_of(y_mm)) is not None:
                self._places.append(Place(lane, x_mm, y_mm, travel_um))

    def _judge(self, travel_um: int) -> None:
        """Which places hold a stuck fruit, and which nothing any more."""
        self._stuck = [place for place in self._stuck if place.missed < _GONE_SIGHTS]
        places, self._places = self._places, []
        for place in places:
            if place.is_stuck(travel_um):
                self._stuck.append(place)
            elif place.missed <= (_HIDDEN_SIGHTS if place.sights else 1):
                self._places.append(place)

    def _is_stuck(self, detection: Detection) -> bool:
        x_mm, y_mm = detection.x_mm, detection.y_mm
        return x_mm is not None and y_mm is not None and _at(self._stuck, x_mm, y_mm) is not None

    def _news(self) -> list[Told]:
        told: list[Told] = []
        lanes = sorted({place.lane for place in self._stuck})
        if lanes != self._lanes:
            self._lanes = lanes
            told.append(Told(FRUIT_STUCK.code, bool(lanes), _named(lanes) if lanes else {}))
        jammed = [lane for lane in lanes if sum(place.lane == lane for place in self._stuck) >= _JAM]
        if jammed != self._jammed:
            if set(jammed) - set(self._jammed):
                told.append(Told(LANE_JAM.code, True, _named(jammed)))
            if not jammed:
                told.append(Told(LANE_JAM.code, False))
            self._jammed = jammed
        return told


def _at(places: Iterable[Place], x_mm: float, y_mm: float) -> Place | None:
    for place in places:  # a few dozen, asked for every fruit in every frame
        if -_SAME_MM <= x_mm - place.x_mm <= _SAME_MM and -_SAME_MM <= y_mm - place.y_mm <= _SAME_MM:
            return place
    return None


def _named(lanes: Iterable[int]) -> dict[str, float | str]:
    return {"lanes": ", ".join(map(str, lanes))}
