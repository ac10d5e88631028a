"""The `scores` level of perception: what the real path made of the same fruit, in the same view, in a like condition.

Nothing is rendered: outputs of the bundle were recorded once (`sim.scores_recording`) and are looked up by the fruit's
skin, size and turn, by the view that faces the camera and by the light that falls there. What a fruit's looks have in
common in a picture they have in common here. For statistics over millions of fruit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from edge.bundle import Bundle
from edge.config import Camera
from edge.datapath import Detection, Frame, Grades, Scene
from sim.conveyor import Item
from sim.fruit import Skin
from sim.perception import NO_MASK, NO_PIXELS, Projection
from sim.scores_table import BRIGHT_FROM, GAPS_PX, LIGHTS, Recorded, Skins, Table, in_order, size_class, yaw_class
from sim.truth import stream
from sim.world import World

Turn = tuple[list[Recorded | None], ...]
"""A skin's views in one pose, under each light."""


@dataclass(frozen=True, slots=True)
class Recollection(Detection):
    """A detection that brings along what was recorded of it."""

    recorded: Recorded | None = None


Sight = tuple[Item, float, Recollection]


class _Pose(NamedTuple):
    """What stays of a fruit while it travels: what was recorded of it, its length, and its place at x = 0."""

    turn: Turn
    length_px: float
    at_px: tuple[float, float]


class ScoresDetector:
    """Answers edge.ports.Detector for frames of the same world, in the order of their exposures."""

    def __init__(self, world: World, camera: Camera, skins: Skins, table: Table, seed: int) -> None:
        self._world = world
        self._projection = Projection(camera, world.truth)
        self._table = table
        self._seed = seed
        true = world.camera_truth()
        self._light = true.light
        self._falls = true.light * true.falloff / sum(half**2 for half in self._projection.middle_px)
        self._poses: dict[int, _Pose] = {}
        self._turns: dict[tuple[int, int, int], Turn] = {}
        self._pairs: list[tuple[float, float]] = [(marked, unmarked) for marked, unmarked in table.pairs.tolist()]
        self._meet = any(any(shares) for shares in self._pairs)
        self._first: dict[int, int] = {}
        row = 0
        for skin in in_order(skins):
            self._first[id(skin)] = row
            row += skin.views

    def detect(self, frame: Frame) -> Sequence[Detection]:
        before, self._poses = self._poses, {}
        seen: list[Sight] = []
        for item, x_mm in self._world.items_at(frame.exposed_at_ns):
            pose = before.get(item.number) or self._pose(item)
            self._poses[item.number] = pose
            sight = self._see(item, x_mm, pose)
            if sight is not None:
                seen.append((item, x_mm, sight))
        return [sight for _, _, sight in (self._met(seen) if self._meet else seen)]

    def scene(self, travel_um: int) -> Scene | None:
        """There is no picture to measure."""
        return None

    def _pose(self, item: Item) -> _Pose:
        truth = item.truth
        length_px = truth.length_mm * self._projection.px_per_mm
        turn = self._turn(truth.skin, size_class(length_px), yaw_class(truth.yaw_rad))
        return _Pose(turn, length_px, self._projection.at_px(0.0, truth.y_mm))

    def _see(self, item: Item, x_mm: float, pose: _Pose) -> Recollection | None:
        turn, length_px, (x_px, y_px) = pose
        projection = self._projection
        x_px += x_mm * projection.along
        y_px += x_mm * projection.across
        along, across = x_px - projection.middle_px[0], y_px - projection.middle_px[1]
        if abs(along) > projection.middle_px[0] + length_px:
            return None  # too far off to be seen, whatever its view
        light = self._light - self._falls * (along * along + across * across)
        recorded = turn[light >= BRIGHT_FROM][item.view(x_mm)]
        if recorded is None:
            return None
        right, down, length, width, merged, *_ = recorded
        x_px += right * length_px
        y_px += down * length_px
        w_px, h_px = length * length_px, width * length_px
        left, top = x_px - w_px / 2, y_px - h_px / 2
        cut = projection.cut(left, top, left + w_px, top + h_px)
        if cut is None:
            return None
        mm = projection.told_mm
        return Recollection(
            (round(left), round(top), round(w_px), round(h_px)),
            x_px * mm,
            y_px * mm,
            w_px * mm,
            h_px * mm,
            cut,
            NO_PIXELS,
            NO_MASK,
            merged,
            recorded,
        )

    def _turn(self, skin: Skin, size: int, yaw: int) -> Turn:
        first = self._first[id(skin)]
        key = (first, size, yaw)
        if (turn := self._turns.get(key)) is None:
            turn = tuple(self._table.turn(first, skin.views, size, yaw, light) for light in range(len(LIGHTS)))
            self._turns[key] = turn
        return turn

    def _met(self, seen: list[Sight]) -> Iterator[Sight]:
        """Neighbours in a lane, some of them seen as one: as often as the like were when they were recorded, and again
        whenever the same two show the same views."""
        lanes: dict[int, Sight] = {}
        for sight in seen:
            item, x_mm, _ = sight
            ahead = lanes.get(item.lane)
            one = self._as_one(ahead, sight) if ahead else None
            if ahead and one is None:
                yield ahead
            lanes[item.lane] = sight if one is None else (item, x_mm, one)
        yield from lanes.values()

    def _as_one(self, ahead: Sight, behind: Sight) -> Recollection | None:
        (first, first_mm, front), (second, second_mm, back) = ahead, behind
        gap_mm = first_mm - second_mm - (first.truth.length_mm + second.truth.length_mm) / 2
        n = sum(gap_mm * self._projection.px_per_mm > gap_px for gap_px in GAPS_PX)
        if n == len(GAPS_PX):
            return None
        marked, unmarked = self._pairs[n]
        at = stream(self._seed, "pair", first.number, second.number, first.view(first_mm), second.view(second_mm))
        drawn = at.random()
        return _joined(front, back, drawn < marked) if drawn < marked + unmarked else None


class ScoresGrader:
    """Answers edge.ports.Grader with what the bundle once said."""

    def __init__(self, bundle: Bundle, table: Table) -> None:
        self.bundle = bundle.identity
        self._table = table
        self._known: dict[tuple[tuple[int, ...], float], Grades] = {}

    def grade(self, detections: Sequence[Detection]) -> list[tuple[Grades, float]]:
        """Raises TypeError for a detection that is not a Recollection."""
        return [self._graded(detection) for detection in detections]

    def _graded(self, detection: Detection) -> tuple[Grades, float]:
        if not isinstance(detection, Recollection) or detection.recorded is None:
            raise TypeError(f"the scores level grades recollections, not {type(detection).__name__}")
        return self.graded(detection.recorded)

    def graded(self, recorded: Recorded) -> tuple[Grades, float]:
        """What it said of one view, and how sharp that was."""
        said = recorded.outputs, recorded.unknown
        grades = self._known.get(said)
        if grades is None:
            grades = self._known[said] = self._table.grades(*said)
        if recorded.features is not None:
            grades = replace(grades, features=recorded.features, colour=recorded.colour)
        return grades, recorded.sharpness


def _joined(front: Recollection, back: Recollection, marked: bool) -> Recollection:
    """Two seen as one: between them, and as long as both; the network sees most of the larger."""
    larger = max(front, back, key=lambda one: one.length_mm or 0.0)
    left, top = (min(front.box_px[n], back.box_px[n]) for n in (0, 1))
    right, bottom = (max(one.box_px[n] + one.box_px[n + 2] for one in (front, back)) for n in (0, 1))
    x_mm, y_mm, length_mm = (
        ((front.x_mm or 0.0) + (back.x_mm or 0.0)) / 2,
        ((front.y_mm or 0.0) + (back.y_mm or 0.0)) / 2,
        (front.length_mm or 0.0) + (back.length_mm or 0.0),
    )
    cut = front.touches_edge or back.touches_edge
    box = (left, top, right - left, bottom - top)
    return Recollection(box, x_mm, y_mm, length_mm, larger.width_mm, cut, NO_PIXELS, NO_MASK, marked, larger.recorded)
