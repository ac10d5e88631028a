"""Makes a table: every view is rendered, segmented and graded by the real path, in each condition.

A skin keeps one size and one turn about the vertical for its whole round in a condition, so that what its views have
in common stays in common; place, noise and belt are another at every view.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import product
from math import fsum

import numpy as np

from edge.bundle import Bundle
from edge.config import Camera
from edge.datapath import Detection, Frame
from edge.detect.segment import Segmenter
from edge.grade.litert import LiteRTGrader, colour, sharpness
from edge.grade.preprocess import to_tensor
from sim.camera import BeltCamera, CameraTruth, Placed
from sim.fruit import Skin
from sim.scores_table import (
    CONDITIONS,
    FOUND,
    GAPS_PX,
    LIGHTS,
    LOST,
    MERGED,
    SIZES_PX,
    YAWS_DEG,
    Skins,
    Table,
    in_order,
)
from sim.truth import stream
from sim.wear import Wear, worn

_CAMERA = Camera(source="recording", width_px=640, height_px=480, frames_hz=30, exposure_us=20, mm_per_px=1.0)
"""A millimetre is a pixel, so that sizes are told in pixels."""

_RAIL_PX = 16.0
_CELL = 1.4
"""A fruit's room in the picture, in its lengths: shadows do not reach the next one."""

_STEP_UM = 60_000
"""Belt travel from one picture to the next, for the eye on the empty belt."""

_PAIRS = 240
"""Recorded at each gap."""

Progress = Callable[[int, int], None]
"""Told (views graded, views in all)."""

Condition = tuple[int, int, int]
"""Size, yaw, light, as `sim.scores_table.CONDITIONS` counts them."""

Place = tuple[float, float]
Pose = tuple[Skin, int, float, float]
"""View, length in pixels, turn about the vertical."""


class _Studio:
    """A belt under one light, and the device's eye on it."""

    def __init__(self, light: float, draw: random.Random, wear: Wear) -> None:
        truth = CameraTruth(mm_per_px=1.0, light=light, speed_mm_s=0.0, rail_mm=_RAIL_PX)
        self._eye = BeltCamera(_CAMERA, truth, draw.getrandbits(32))
        self._segmenter = Segmenter(_CAMERA.mm_per_px)
        self._draw = draw
        self._frames = 0
        self._wear = wear
        self._belts: list[tuple[float, ...]] = []

    def see(self, placed: Sequence[Placed]) -> Sequence[Detection]:
        self._frames += 1
        pixels = worn(self._eye.render(placed, self._draw.uniform(0, 2_000)), self._wear)
        found = self._segmenter.detect(Frame("recording", self._frames, self._frames, pixels))
        scene = self._segmenter.scene(self._frames * _STEP_UM)
        if scene is not None and scene.rgb is not None:
            self._belts.append((scene.level, *scene.rgb))
        return found

    def belt(self) -> Sequence[float]:
        """Brightness and RGB of the empty belt, as the device measures them."""
        return [fsum(each) / len(self._belts) for each in zip(*self._belts, strict=True)]


def record_worn(bundle: Bundle, skins: Skins, wear: Wear, conditions: Sequence[Condition]) -> Table:
    """One in depth, through a lamp and a lens that are worn: of these conditions alone, elsewhere all is LOST. It has
    no pairs."""
    table, grader, fruit = _empty(bundle, skins), LiteRTGrader(bundle), in_order(skins)
    whole = table.state.shape
    table = replace(
        table,
        features=np.zeros((*whole, grader.features), np.int8),
        colour=np.zeros((*whole, 3), np.float16),
        belt=np.full((len(LIGHTS), 4), np.nan),
    )
    studios = [_Studio(light, stream(0, "recording", light), wear) for light in LIGHTS]
    for condition in conditions:
        studio = studios[condition[-1]]
        _record_condition(table, condition, studio, fruit, grader, bundle)
        assert table.belt is not None
        table.belt[condition[-1]] = studio.belt()
    return table


def record(bundle: Bundle, skins: Skins, told: Progress | None = None) -> Table:
    """The same table for the same bundle and fruit. Takes about half a minute for the built-in fruit."""
    fruit, grader = in_order(skins), LiteRTGrader(bundle)
    table = _empty(bundle, skins)
    studios = [_Studio(light, stream(0, "recording", light), Wear()) for light in LIGHTS]
    sizes, yaws, lights = map(range, CONDITIONS)
    conditions = list(product(sizes, yaws, lights))
    for n, condition in enumerate(conditions):
        _record_condition(table, condition, studios[condition[-1]], fruit, grader, bundle)
        if told:
            told((n + 1) * len(table.state), table.state.size)
    _record_pairs(table, fruit, studios[-1])
    return table


def _empty(bundle: Bundle, skins: Skins) -> Table:
    whole = (sum(skin.views for skin in in_order(skins)), *CONDITIONS)
    return Table(
        state=np.full(whole, LOST, np.uint8),
        outputs=np.zeros((*whole, 5), np.int8),
        unknown=np.zeros(whole, np.float16),
        sharpness=np.zeros(whole, np.float16),
        body=np.zeros((*whole, 4), np.float16),
        logits=np.array(LiteRTGrader(bundle).logits),
        pairs=np.zeros((len(GAPS_PX), 2)),
    )


def _record_condition(
    table: Table, condition: Condition, studio: _Studio, fruit: Sequence[Skin], grader: LiteRTGrader, bundle: Bundle
) -> None:
    size, yaw, _ = condition
    draw = stream(0, "condition", *condition)
    longest_px, posed = SIZES_PX[size][1], _poses(fruit, size, yaw)
    while slots := dict(zip(_slots(longest_px, longest_px, draw), posed, strict=False)):
        placed = {row: _laid(pose, at) for at, (row, pose) in slots.items()}
        found = studio.see(list(placed.values()))
        for row, one in placed.items():
            _write(table, (row, *condition), one, found, grader, bundle)


def _poses(fruit: Sequence[Skin], size: int, yaw: int) -> Iterator[tuple[int, Pose]]:
    """Every view of every skin, by row."""
    row = 0
    for n, skin in enumerate(fruit):
        draw = stream(0, "pose", n, size, yaw)
        length_px = draw.uniform(*SIZES_PX[size])
        yaw_rad = math.radians(draw.uniform(YAWS_DEG[yaw], YAWS_DEG[yaw + 1]))
        for view in range(skin.views):
            yield row, (skin, view, length_px, yaw_rad)
            row += 1


def _laid(pose: Pose, at_px: Place) -> Placed:
    skin, view, length_px, yaw_rad = pose
    return Placed(skin, view, *at_px, length_px, length_px, yaw_rad)


def _slots(along_px: float, across_px: float, draw: random.Random) -> list[Place]:
    """The middles of rooms of that size, each moved within its room, in any order."""
    play = 0.08 * across_px
    columns = int(_CAMERA.width_px / (_CELL * along_px))
    rows = int((_CAMERA.height_px - 2 * _RAIL_PX) / (_CELL * across_px))
    slots = [
        (
            (column + 0.5) * _CELL * along_px + draw.uniform(-play, play),
            _RAIL_PX + (row + 0.5) * _CELL * across_px + draw.uniform(-play, play),
        )
        for column, row in product(range(columns), range(rows))
    ]
    draw.shuffle(slots)
    return slots


def _write(
    table: Table,
    at: tuple[int, ...],
    placed: Placed,
    found: Sequence[Detection],
    grader: LiteRTGrader,
    bundle: Bundle,
) -> None:
    """What was made of one fruit; it stays LOST where nothing was found near its middle."""
    near = [(_apart(one, placed), n) for n, one in enumerate(found)]
    if not near or (nearest := min(near))[0] > placed.length_mm / 2:
        return
    seen = found[nearest[1]]
    tensor = to_tensor(seen.crop, seen.mask, bundle.manifest.preprocessing)
    table.state[at] = MERGED if seen.merged else FOUND
    outputs, features = grader.invoke(tensor)
    table.outputs[at] = outputs
    table.unknown[at] = grader.grades(outputs, features).unknown_score
    table.sharpness[at] = sharpness(tensor)
    if table.features is not None and table.colour is not None:
        table.features[at], table.colour[at] = features, colour(tensor)
    offset_px = ((seen.x_mm or 0.0) - placed.x_mm, (seen.y_mm or 0.0) - placed.y_mm)
    table.body[at] = [px / placed.length_mm for px in (*offset_px, seen.length_mm or 0.0, seen.width_mm or 0.0)]


def _apart(seen: Detection, placed: Placed) -> float:
    return float(np.hypot((seen.x_mm or 0.0) - placed.x_mm, (seen.y_mm or 0.0) - placed.y_mm))


def _record_pairs(table: Table, fruit: Sequence[Skin], studio: _Studio) -> None:
    """How often two neighbours are seen as one, by their gap."""
    for n, gap_px in enumerate(GAPS_PX):
        draw = stream(0, "pairs", gap_px)
        marked = unmarked = pairs = 0
        while pairs < _PAIRS:
            couples = list(_couples(fruit, gap_px, draw))
            found = studio.see([one for couple in couples for one in couple])
            for couple in couples:
                seen = [one for one in found if min(_apart(one, each) for each in couple) < couple[0].length_mm / 2]
                pairs += 1
                marked += len(seen) < 2 and any(one.merged for one in seen)
                unmarked += len(seen) < 2 and not any(one.merged for one in seen)
        table.pairs[n] = marked / pairs, unmarked / pairs


def _couples(fruit: Sequence[Skin], gap_px: float, draw: random.Random) -> Iterator[tuple[Placed, Placed]]:
    """Two and two, one behind the other as in a lane."""
    shortest_px, longest_px = SIZES_PX[1]
    for x, y in _slots(2 * longest_px, longest_px, draw):
        first_px, second_px = (draw.uniform(shortest_px, longest_px) for _ in range(2))
        half_px = ((first_px + second_px) / 2 + gap_px) / 2
        yield (
            _laid(_any(fruit, first_px, draw), (x - half_px, y)),
            _laid(_any(fruit, second_px, draw), (x + half_px, y)),
        )


def _any(fruit: Sequence[Skin], length_px: float, draw: random.Random) -> Pose:
    skin = draw.choice(fruit)
    return skin, draw.randrange(skin.views), length_px, math.radians(draw.uniform(YAWS_DEG[0], YAWS_DEG[-1]))
