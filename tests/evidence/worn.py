"""A line at the level of decisions whose lamp, lens, fruit or bundle go bad: what the watch for decay sees of fruit.

They are drawn from what was recorded in depth of a bundle on the built-in fruit, through lamps and lenses that are worn
by so much; fused and decided by the line's own policy, and observed as the device observes them. Left out: the belt's
travel, crowded and late fruit.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge.bundle import FACTORY, Bundle, load_bundle
from edge.config import Profile, load_profile
from edge.datapath import LABELS, Look, Scene, Track, Verdict
from edge.grade.verdict import Policy, decide
from edge.watch.observed import Belt, Observed, observe
from sim.atlas.files import read_index
from sim.fruit import Skin, by_label, load_builtin
from sim.scores import ScoresGrader
from sim.scores_recording import record_worn
from sim.scores_table import Skins, Table, in_order
from sim.spoil import spoil
from sim.wear import Wear
from tests.evidence.trial import ROOT

CONDITIONS = ((2, 1, 0), (2, 2, 1))
"""Fruit of the demo's size, turned a little to either side, under either light."""
TURNS = (0.8, 1.6)
"""Of a fruit while it is in view."""
LEVELS = (0.25, 0.5, 0.75, 1.0)
"""Of wear that is recorded."""
CULTIVARS = ("orange", "yellow")
"""Ripe tomatoes that the bundle has not seen: sold as red, called turning."""
BEFORE, AFTER = 0.95, 0.70
_COARSE, _TRIES = (4.0, 8.0), 4
"""Roundings between which one is looked for."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One fruit's way under the camera: its true grade, how ripe it is for that (in standard deviations), whether it
    was sorted right, and what the watch sees of it."""

    label: str
    ripe: float
    right: bool
    seen: Observed


@dataclass(frozen=True, slots=True)
class Pools:
    """Passages through the machine as it is and as it becomes. `worn` by cause: after each of `LEVELS`."""

    profile: Profile
    well: list[Passage]
    worn: dict[str, list[list[Passage]]]
    cultivars: list[list[Passage]]
    bundle: list[Passage]
    step: float

    @property
    def share(self) -> float:
        """Of the fruit that are of a new cultivar, for so many in all to be right as at the end of a decay."""
        new = [one for pool in self.cultivars for one in pool]
        return (right(self.well) - AFTER) / (right(self.well) - right(new))


def right(pool: Sequence[Passage]) -> float:
    return sum(one.right for one in pool) / len(pool)


def pools(folder: Path, size: int, every: int) -> Pools:
    """`size`: passages of the machine as it is. `every`: one in so many of the fruit, for a quick look."""
    with ProcessPoolExecutor(2) as pool:
        coarse = pool.submit(_spoilt, every, folder, size // 3)
        whole = pool.submit(_passages, "", every, Wear(), size)
        worn = {
            cause: [pool.submit(_passages, "", every, Wear(**{cause: level}), size // 3) for level in LEVELS]
            for cause in ("lamp", "lens")
        }
        cultivars = [pool.submit(_passages, kind, 1, Wear(), size // 6) for kind in CULTIVARS]
        step, bad = coarse.result()
        return Pools(
            _profile(),
            whole.result(),
            {cause: [one.result() for one in levels] for cause, levels in worn.items()},
            [one.result() for one in cultivars],
            bad,
            step,
        )


def _profile() -> Profile:
    return load_profile(ROOT / "firmware_config" / "profiles" / "demo.toml")


def _passages(cultivar: str, every: int, wear: Wear, size: int) -> list[Passage]:
    """In a process of its own. `cultivar`: of the CULTIVARS; "" for fruit that the bundle knows."""
    new = (skin for skin in load_builtin("varieties") if cultivar in skin.skin_id)
    skins = by_label(list(new)) if cultivar else _held(every)
    return _Line(_profile()).passages(load_bundle(FACTORY), skins, wear, size)


def _held(every: int) -> Skins:
    return by_label([skin for n, skin in enumerate(load_builtin("held")) if n % every == 0])


def _spoilt(every: int, folder: Path, size: int) -> tuple[float, list[Passage]]:
    """A rounding so coarse that about as many are right as at the end of a decay."""
    line, own, held = _Line(_profile()), load_bundle(FACTORY), _held(every)
    low, high = _COARSE
    tried: list[tuple[float, float, list[Passage]]] = []
    for _ in range(_TRIES):
        step = (low + high) / 2
        found = line.passages(spoil(own, folder / f"coarse-{step}", step), held, Wear(), size)
        tried.append((abs(right(found) - AFTER), step, found))
        low, high = (step, high) if right(found) > AFTER else (low, step)
    _, step, found = min(tried, key=lambda one: one[0])
    return step, found


class _Line:
    """Who decides."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._ripeness = {line["id"]: line for part in read_index()["parts"].values() for line in part}

    def passages(self, bundle: Bundle, skins: Skins, wear: Wear, size: int) -> list[Passage]:
        table = record_worn(bundle, skins, wear, CONDITIONS)
        policy = Policy.of(self._profile, bundle.manifest.thresholds, bundle.identity)
        grader, belt = ScoresGrader(bundle, table), _belt(table)
        ordered, first, row = in_order(skins), {}, 0
        for skin in ordered:
            first[skin.skin_id] = row
            row += skin.views
        draw, found = random.Random(f"{bundle.identity} {wear}"), []
        spread = self._spread(ordered)
        while len(found) < size:
            skin = draw.choice(skins[draw.choice(sorted(skins))])
            looks = _looks(table, grader, skin, first[skin.skin_id], draw, self._profile.grade.most_looks)
            track = Track("r.1", 0, 0, 100.0, draw.uniform(50, 65), tuple(looks))
            verdict = decide(track, False, policy, 0)
            seen = observe(track, verdict, belt)
            if seen is not None:
                found.append(self._passage(skin, verdict, seen, spread))
        return found

    def _passage(self, skin: Skin, verdict: Verdict, seen: Observed, spread: dict[str, tuple[float, float]]) -> Passage:
        told = self._ripeness[skin.skin_id]
        label = told["grade"] if skin.label not in LABELS else skin.label
        middle, sd = spread[skin.label]
        is_right = verdict.reason == "graded" and verdict.label == label
        return Passage(label, (told["ripeness"] - middle) / sd, is_right, seen)

    def _spread(self, skins: Sequence[Skin]) -> dict[str, tuple[float, float]]:
        found = {}
        for label in {skin.label for skin in skins}:
            ripe = [self._ripeness[skin.skin_id]["ripeness"] for skin in skins if skin.label == label]
            found[label] = float(np.mean(ripe)), max(1e-6, float(np.std(ripe)))
        return found


def _looks(table: Table, grader: ScoresGrader, skin: Skin, first: int, draw: random.Random, most: int) -> list[Look]:
    turn = table.turn(first, skin.views, *draw.choice(CONDITIONS))
    start, step = draw.randrange(skin.views), draw.uniform(*TURNS) * skin.views / most
    found = []
    for n in range(most):
        if (recorded := turn[round(start + n * step) % skin.views]) is not None:
            grades, sharpness = grader.graded(recorded)
            found.append(Look("r.1", n, sharpness, grades.scores, grades.unknown_score, grades.features, grades.colour))
    return found


def _belt(table: Table) -> Belt:
    assert table.belt is not None
    level, *rgb = np.nanmean(table.belt, axis=0).tolist()
    belt = Belt()
    belt.see(Scene(level, None, (rgb[0], rgb[1], rgb[2])))
    return belt
