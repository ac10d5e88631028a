"""A small evaluation made of chosen looks: what the page and the criteria are tried on."""

from __future__ import annotations

import numpy as np

from edge.bundle import Thresholds
from edge.datapath import LABELS, Grades
from edge.grade.fusion import Judge
from training.dataset import Picture
from training.evaluation import damage, sections, strangeness
from training.evaluation.calibration import calibration
from training.evaluation.curve import look_curve
from training.evaluation.evaluating import Evaluation
from training.evaluation.looks import Graded, passages
from training.evaluation.mistakes import worst
from training.evaluation.ripeness import ripeness
from training.evaluation.robustness import SPOILINGS

THRESHOLDS = Thresholds(least_confidence=0.4, most_unknown=0.5, damaged=0.6)
JUDGE = Judge.of(THRESHOLDS)


def look(grade: str, said: str, fruit: str, order: int = 0, source: str = "builtin") -> Graded:
    scores = tuple(0.9 if label == said else 0.1 / 3 for label in LABELS)
    pixels = np.full((20, 24, 3), 90, np.uint8)
    mask = np.full((20, 24), 255, np.uint8)
    known = int(grade != "unknown")
    picture = Picture(source, fruit, order, pixels, mask, grade, -1, int(grade == "damaged"), known)
    return Graded(picture, Grades(scores, 0.9 if said == "unknown" else 0.1), 1.0)


def evaluation(fruit: str = "fruit") -> Evaluation:
    """Six fruit of each grade with four looks, one red one called damaged; on a turntable two apples, one found."""
    graded = [look(g, g, f"{fruit}-{g}-{n}", o) for g in LABELS for n in range(6) for o in range(4)]
    graded += [look("red", "damaged", f"{fruit}-wrong", order) for order in range(4)]
    graded += [look("red", "red", f"Tomato_{n}", 0, "turntable") for n in range(6)]
    graded += [look("unknown", said, f"Apple_{said}_1", 0, "turntable") for said in ("unknown", "red")]
    whole = passages(graded, sections.LOOKS, sections.TIMES, sections.SEED)
    mistakes = worst(graded, JUDGE)
    points = [{"right": {"value": 0.9, "interval": None}, "called_damaged": {"value": 0.0, "interval": [0.0, 0.1]}}]
    curves = {
        name: {
            "says": one.says,
            "unit": one.unit,
            "plain": one.plain,
            "points": [{"strength": strength, **points[0]} for strength in one.strengths],
        }
        for name, one in SPOILINGS.items()
    }
    report = {
        "bundle": "mine<b>@1",
        "evaluated_utc": "2026-01-01T00:00:00+00:00",
        "thresholds": THRESHOLDS.model_dump(),
        **sections.figures_of(graded, JUDGE),
        "damage": damage.damage(graded),
        "false_alarms": damage.false_alarms(graded, whole, JUDGE),
        "calibration": {"builtin": calibration([one for one in whole if one.source == "builtin"])},
        "promise": None,
        "look_curve": look_curve(graded, JUDGE),
        "ripeness": ripeness(graded, [], JUDGE),
        "robustness": curves,
        "strangers": strangeness.strangeness(graded, JUDGE, {"turntable": ["Apple_Golden_2"]}),
        "quantisation": {},
        "cost": {"look_ms": 0.2, "bundle_bytes": 300_000, "runtime": "litert"},
        "mistakes": [one.told() for one in mistakes],
    }
    return Evaluation(report, mistakes)
