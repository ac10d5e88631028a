"""The line of the closed loop: fruit whose cultivar comes in mid-run, and what became of every one of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.clock import Clock
from edge.grade.litert import LiteRTGrader
from edge.handover import Handover
from edge.telemetry.messages import Writer
from sim.conveyor import Limit
from sim.fast import FastRun
from sim.fates import Fate, Told
from sim.setup import Setup, prepare
from sim.timeline import START_NS
from sim.world import Fall

S = 1_000_000_000
SEED = 1
USERS = ("reviewer-1", "reviewer-2")


@dataclass(frozen=True, slots=True)
class Plan:
    """What the line is fed, for `most_s`: `newcomers` by id, out of `photographs` or else of the usual fruit's source,
    truly `label`, are a `share` of all fruit from `from_s` on. `patience_s`: without an alarm for so long people begin
    by themselves; the line runs on for `trains_s` while the office trains, and for `after_s` once the machine has taken
    the bundle for good."""

    fruit_images: str
    newcomers: tuple[str, ...]
    photographs: str
    label: str
    share: float
    from_s: float
    most_s: float
    reference_fruit: int
    audit: float
    patience_s: float
    trains_s: float
    after_s: float


@dataclass(frozen=True, slots=True)
class Passed:
    """One fruit that has fallen. `at_s`: when it landed; `new`: a newcomer; `sorted_for`: the reason, or what it would
    have been where it was drawn for the audit."""

    at_s: float
    track_id: str
    skin_id: str
    true: str
    label: str
    sorted_for: str
    unknown: float
    bundle: str
    new: bool
    fate: Fate

    @property
    def right(self) -> bool:
        """Graded as it truly is. Where nothing is known of it, that is right of what is no tomato alone."""
        if self.sorted_for == "graded":
            return self.label == self.true
        return self.sorted_for == "unknown" and self.true == "unknown"


class Line:
    """One machine from its first fruit to the end of the story. `run.run_until` runs it."""

    def __init__(self, folder: Path, plan: Plan, bundle: Path, releases: Path) -> None:
        self.plan = plan
        self.history, self.update = folder / "history", folder / "update"
        scenario = _written(folder, plan, releases, self.history, self.update)
        self.setup: Setup = prepare(
            str(scenario), seed=SEED, limit=Limit(seconds=plan.most_s), bundle=bundle, fruit_images=plan.fruit_images
        )
        profile = self.setup.profile
        self.root = Writer(profile.site, profile.machine, "any").root
        self.passed: list[Passed] = []

        def follow(clock: Clock) -> Handover:
            return Handover(profile, bundle, LiteRTGrader, clock)

        self.run = FastRun(self.setup, updates=follow)
        self.run.board.settled = self._settled
        self._of_track: dict[str, Passed] = {}

    def truth(self, track_id: str) -> str | None:
        """What a fruit truly is, once it has fallen."""
        found = self._of_track.get(track_id)
        return found.true if found else None

    def _settled(self, fall: Fall, told: Told | None, fate: Fate) -> None:
        verdict = told.verdict if told else None
        if told is None or verdict is None:
            return
        skin, audit = fall.item.truth.skin, verdict.audit
        one = Passed(
            at_s=(fall.landed_at_ns - START_NS) / S,
            track_id=told.track_id,
            skin_id=skin.skin_id,
            true=skin.label,
            label=verdict.label,
            sorted_for=audit.reason if audit else verdict.reason,
            unknown=verdict.unknown_score,
            bundle=verdict.bundle,
            new=skin.skin_id in self.plan.newcomers,
            fate=fate,
        )
        self.passed.append(one)
        self._of_track[one.track_id] = one


def alone(folder: Path, images: str, fruit: tuple[str, ...], label: str, bundle: Path, count: int) -> dict[str, Any]:
    """What a bundle makes of these fruit alone: the share right, and the share that it does not know."""
    path = folder / "alone.toml"
    lines = [
        'extends = "clean"',
        "[[newcomer]]",
        f"fruit = {json.dumps(list(fruit))}",
        f'label = "{label}"',
        "share = 1",
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    setup = prepare(str(path), seed=SEED, limit=Limit(fruit=count), bundle=bundle, fruit_images=images)
    found = FastRun(setup).run()
    called: dict[str, int] = found["confusion"][label]
    fed = sum(called.values())
    return {
        "fruit": fed,
        "right": round(called.get(label, 0) / fed, 4),
        "unknown": round(called.get("unknown", 0) / fed, 4),
    }


def _written(folder: Path, plan: Plan, releases: Path, history: Path, update: Path) -> Path:
    """The scenario's file, with the machine's settings in it."""
    machine = {
        "history": {"folder": str(history)},
        "watch": {"reference_fruit": plan.reference_fruit},
        "audit": {"share": plan.audit},
        "commands": {user: ["review", "label", "pictures"] for user in USERS},
        "update": {
            "source": releases.as_uri(),
            "root": str(releases / "metadata" / "1.root.json"),
            "folder": str(update),
            "channel": "canary",
            "check_minutes": 60.0,
            "shadow_fruit": 100,
            "shadow_share": 1.0,
            "most_disagreement": 0.5,
            "probation_minutes": 0.5,
        },
    }
    lines = ['extends = "clean"', f"machine = {_inline(machine)}", "[[newcomer]]"]
    lines += [f"fruit = {json.dumps(list(plan.newcomers))}", f'label = "{plan.label}"', f"share = {plan.share}"]
    lines += [f"from_s = {plan.from_s}", f"photographs = {json.dumps(plan.photographs)}"]
    path = folder / "newcomer.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _inline(value: Any) -> str:
    """TOML of one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_inline(one)}" for key, one in value.items()) + "}"
    return json.dumps(value)
