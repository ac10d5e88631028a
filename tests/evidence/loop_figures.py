"""What the closed loop came to: before the cultivar, with it, and after the release."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sim.choice import BUILTIN
from tests.evidence.loop_conductor import Conductor, Story
from tests.evidence.loop_line import USERS, Line, Passed, alone
from tests.evidence.loop_office import Office
from tests.evidence.loop_people import ERRS, SECONDS
from tests.evidence.trial import Target, at_least, is_so

OTHERS = {
    "turntable/Tomato_Cherry_Maroon_1": "red",
    "turntable/Tomato_Cherry_Orange_1": "turning",
    "turntable/Tomato_Cherry_Yellow_1": "turning",
    "turntable/Tomato_Heart_1": "red",
    "turntable/Tomato_4": "red",
}
"""Photographed fruit of cultivars that neither bundle has learned, and nobody has judged."""
PAINTED = tuple(f"builtin/varieties/yellow-{n:03}" for n in range(10))
ALONE = 60
RISES, RECOVERS = 0.05, 0.8
"""By so much the unknown rate must rise; such a share of what accuracy the cultivar cost must come back."""


def figures(line: Line, conductor: Conductor, office: Office, base: Path) -> dict[str, Any]:
    """All that the picture shows, in numbers, and what either bundle makes of fruit that nobody judged."""
    story, people = conductor.story, conductor.reviewers
    phases = in_phases(line, story)
    alarm_s = story.at_s.get("alarm")
    waited = [one for one in line.passed if line.plan.from_s <= one.at_s <= (alarm_s or 0.0)]
    return {
        "cultivar": {"fruit": len(line.plan.newcomers), "label": line.plan.label, "share": line.plan.share},
        "phases": {name: _phase(passed) for name, passed in phases.items()},
        "alarm": story.alarm,
        "alarms": [list(one) for one in story.alarms],
        "fruit_until_alarm": {"all": len(waited), "of_the_cultivar": sum(one.new for one in waited)},
        "review": {
            "fruit": dict(people.judged),
            "because": dict(people.why),
            "words": people.words,
            "wrong": people.wrong,
            "split": people.split,
            "given": {"people": len(USERS), "seconds_each": SECONDS, "errs": ERRS},
            "refused": people.refused[:3],
        },
        "version": story.version.rpartition(": version ")[2],
        "audit": story.compared,
        "line_s": story.at_s,
        "wall_s": office.took_s,
        "ended": story.why or "committed",
        "nobody_judged": _others(line, office, base, story) if story.at_s.get("committed") else {},
    }


def in_phases(line: Line, story: Story) -> dict[str, list[Passed]]:
    """Fruit before the cultivar, with it on the old bundle, and on the new one. A fruit lands some seconds after it was
    fed: those on the way at the change are in neither."""
    old = [one for one in line.passed if one.bundle != story.new]
    new_from_s = line.plan.from_s + 3.0
    return {
        "before": [one for one in old if one.at_s < line.plan.from_s],
        "with": [one for one in old if one.at_s >= new_from_s],
        "after": [one for one in line.passed if one.bundle == story.new],
    }


def targets(found: dict[str, Any]) -> list[Target]:
    """What the claim needs."""
    phases = found["phases"]
    before, with_it, after = (phases[name] for name in ("before", "with", "after"))
    rise = _less(with_it["unknown"], before["unknown"])
    lost, back = _less(before["right"], with_it["right"]), _less(after["right"], with_it["right"])
    return [
        at_least("unknown rate with the cultivar, above before", rise, RISES),
        is_so("the alarm names the cultivar", found["alarm"] == "drift_cultivar"),
        is_so("the new bundle is right about no fewer of the audit's fruit", bool(found["audit"].get("may_leave"))),
        is_so("the machine took it for good", found["ended"] == "committed"),
        at_least("accuracy that came back, share of what was lost", _over(back, lost), RECOVERS),
    ]


def _phase(passed: Sequence[Passed]) -> dict[str, Any]:
    new, usual = [one for one in passed if one.new], [one for one in passed if not one.new]
    return {
        "fruit": len(passed),
        "unknown": share(passed, lambda one: one.sorted_for == "unknown"),
        "right": share(passed, lambda one: one.right),
        "cultivar": {"fruit": len(new), "unknown": share(new, _unknown), "right": share(new, lambda one: one.right)},
        "usual": {"fruit": len(usual), "unknown": share(usual, _unknown), "right": share(usual, lambda one: one.right)},
    }


def share(passed: Sequence[Passed], is_one: Callable[[Passed], bool]) -> float | None:
    """Of these fruit, those of which it is so."""
    return round(sum(map(is_one, passed)) / len(passed), 4) if passed else None


def _unknown(one: Passed) -> bool:
    return one.sorted_for == "unknown"


def _others(line: Line, office: Office, base: Path, story: Story) -> dict[str, Any]:
    """By both bundles, the old one first."""
    folder, bundles = office.trial.folder, {"old": base, "new": office.trial.folder / "new"}
    asked: list[tuple[str, str, tuple[str, ...], str]] = [
        (fruit, line.plan.photographs, (fruit,), label) for fruit, label in OTHERS.items()
    ]
    asked.append(("painted yellow", BUILTIN, PAINTED, "turning"))
    return {
        name: {which: alone(folder, images, fruit, label, bundle, ALONE) for which, bundle in bundles.items()}
        for name, images, fruit, label in asked
    }


def _less(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else round(one - other, 4)


def _over(part: float | None, whole: float | None) -> float | None:
    return None if part is None or not whole else round(part / whole, 3)
