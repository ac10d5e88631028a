"""`sorter sim --report`: the JSON of a run, the same byte for byte for the same seed apart from `wall_s`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edge.config import Profile
from edge.datapath import LABELS, UNKNOWN
from edge.errors import UsageFault
from sim.fates import RecordLog
from sim.faults import FaultSpan
from sim.scoreboard import Score, SkinScore, fates_in_order, outlets_of, purity

_FEWEST_FRUIT = 5
"""Physical fruit behind a grade from which an interval by fruit says anything."""

_RESAMPLES = 2_000


@dataclass(frozen=True, slots=True)
class Run:
    """What was run. Of `fed` fruit, laid on the belt in `feed_s`, `fruit` are reported: fewer where it was cut short.
    `bundle` is its identity, `faults` what was injected, `start_ns` when the belt started."""

    scenario: str
    seed: int
    perception: str
    profile: Profile
    bundle: str
    sim_s: float
    wall_s: float
    feed_s: float
    fed: int
    fruit: int
    fruit_images: str = "builtin"
    service_time: str = "none"
    faults: tuple[FaultSpan, ...] = ()
    start_ns: int = 0


class ConservationFault(AssertionError):
    """Fates and fruit do not add up: a mistake of the simulator itself."""


def build(run: Run, score: Score, log: RecordLog) -> dict[str, Any]:
    """The report. Raises ConservationFault when fates, outlets or rows do not add up to the fruit that were fed."""
    fates = fates_in_order(score)
    _conserve(run.fruit, score)
    profile, lanes = run.profile, len(run.profile.lanes)
    return {
        "scenario": run.scenario,
        "seed": run.seed,
        "perception": run.perception,
        "fruit_images": run.fruit_images,
        "service_time": run.service_time,
        "sim_s": round(run.sim_s, 3),
        "wall_s": round(run.wall_s, 3),
        "lanes": lanes,
        "fruit": run.fruit,
        "fruit_per_s_lane": round(run.fed / run.feed_s / lanes, 3) if run.feed_s else None,
        "decided": score.decided,
        "ghosts": score.ghosts,
        "audited": score.audited,
        "fates": fates,
        "right_share": _share(fates["right"], run.fruit),
        "aim": score.aim.report(),
        "incidents": [
            {
                "at_s": round((said.at_ns - run.start_ns) / 1e9, 2),
                "code": said.code,
                "state": said.state,
                **said.figures,
            }
            for said in log.incidents
        ],
        "pulses": {"fired": log.fired, "late": log.late, "refused": log.refused},
        "confusion": {label: dict(sorted(score.confusion[label].items())) for label in _fed(score)},
        "grades": {label: _grade(score.skins.get(label, {}), run.seed) for label in LABELS},
        "never_faced": _share(score.never_faced, score.damaged),
        "outlets": {
            outlet: {
                "fruit": score.outlets[outlet].total(),
                "purity": _rounded(purity(score.outlets[outlet], outlet, profile)),
            }
            for outlet in outlets_of(profile)
        },
        "latency_ms": score.latency_ns.spread(),
        "slack_ms": score.slack_ns.spread(),
        "faults": [{"fault": span.name, "from_s": span.from_s, "to_s": span.to_s} for span in run.faults],
        "bundle": run.bundle,
        "profile": profile.digest,
    }


def write(report: Mapping[str, Any], path: Path) -> None:
    """One JSON file. Raises UsageFault where it cannot be written."""
    try:
        path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageFault(f"{path}: cannot be written: {error.strerror}") from None


def _conserve(fruit: int, score: Score) -> None:
    sums = {
        "fates": score.fates.total(),
        "outlets": sum(fallen.total() for fallen in score.outlets.values()),
        "confusion": sum(row.total() for row in score.confusion.values()),
    }
    for name, total in sums.items():
        if total != fruit:
            raise ConservationFault(f"{name} add up to {total}, {fruit} fruit were fed")


def _fed(score: Score) -> list[str]:
    return [label for label in (*LABELS, UNKNOWN) if label in score.confusion]


def _grade(skins: Mapping[str, SkinScore], seed: int) -> dict[str, Any] | str:
    """How a true grade fared, and how many physical fruit stand behind the figure."""
    if not skins:
        return "unmeasured"
    fruit = sum(s.fruit for s in skins.values())
    right = sum(s.right for s in skins.values())
    return {
        "fruit": fruit,
        "right": right,
        "share": _share(right, fruit),
        "physical": len(skins),
        "interval": _interval(list(skins.values()), seed) if len(skins) >= _FEWEST_FRUIT else None,
    }


def _interval(skins: list[SkinScore], seed: int) -> list[float]:
    """95 % of the share of right, by a bootstrap over physical fruit: passes of one fruit are not independent.

    Where all are right, or none is, a bootstrap sees no spread: there it is Clopper and Pearson's interval, which has a
    closed form at its two ends.
    """
    edge = 0.025 ** (1 / len(skins))
    if all(s.right == s.fruit for s in skins):
        return [round(edge, 4), 1.0]
    if not any(s.right for s in skins):
        return [0.0, round(1 - edge, 4)]
    right = np.array([s.right for s in skins], dtype=np.float64)
    fruit = np.array([s.fruit for s in skins], dtype=np.float64)
    picks = np.random.default_rng(seed).integers(0, len(skins), (_RESAMPLES, len(skins)))
    shares = right[picks].sum(axis=1) / fruit[picks].sum(axis=1)
    low, high = np.quantile(shares, (0.025, 0.975))
    return [round(float(low), 4), round(float(high), 4)]


def _share(part: int, whole: int) -> float | None:
    return _rounded(part / whole) if whole else None


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)
