"""The ledger of a run that crossed an update, a change of settings and a kill: each fruit's whole chain, one byte that
is changed, and ten million decisions checked.

The run is the device's own code in virtual time, its update comes from a real update process over signed releases, and
a scripted person corrects fruit over the broker.
"""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from edge.bundle import FACTORY, Bundle, load_bundle
from edge.clock import Clock
from edge.config import Profile
from edge.errors import LedgerFault
from edge.grade.litert import LiteRTGrader
from edge.handover import Handover
from edge.ledger.blocks import segments
from edge.ledger.entries import Decision, Event
from edge.ledger.reading import read
from edge.ledger.verifying import verify
from edge.ports import Grader
from edge.release import Waiver
from edge.tracing import trace
from sim.conveyor import Limit
from sim.fast import FastRun
from sim.faults import parse
from sim.memory_broker import MemoryBroker
from sim.setup import Setup, prepare
from sim.timeline import START_NS
from tests.edge.update.machines import Machine, Office
from tests.evidence.long import checked
from tests.evidence.releasing import open_office, variant
from tests.evidence.trial import ROOT, Finding, Target, Trial, at_least, at_most, is_so
from tests.sim.test_fast_updates import Recalling
from training.publish.clearance import Cleared
from training.publish.releases import point_channel, release_bundle

SEED = 1
FRUIT, TRACED, CHANGED, DECISIONS = 300, 40, 200, 10_000_000
MOST_S = 60.0
UPDATE_S, KILL_S = 6, (14, 14.1)
S = 1_000_000_000
A_CHECKPOINT = 12_000
"""Decisions between two at 20 fruit/s."""
_EVALUATION = hashlib.sha256(b"the report that the release stands on").hexdigest()
LEFT_OUT = (".bundle.metrics",)
"""What a release may leave unmeasured, as its waivers say."""


def explained(trial: Trial) -> Finding:
    """Two starts of one machine on one history, then what is asked of that."""
    perception = "pixels" if trial.size >= 1 else "scores"
    history = trial.folder / "history"
    setup = prepare("clean", seed=SEED, limit=Limit(fruit=max(160, trial.count(FRUIT))), perception=perception)
    identity = _run(trial, setup, history)
    later = replace(setup, profile=_changed(setup.profile), seed=SEED + 1, limit=Limit(fruit=max(60, trial.count(100))))
    _again(trial, later, history)
    traced = _traced(history, trial.count(TRACED, 8), identity)
    found, of = _bytes_changed(history, trial.count(CHANGED, 10))
    cost, whole = checked(trial, trial.count(DECISIONS))
    figures = {"perception": perception, **traced, "bytes": cost, "ten_million": whole}
    targets: list[Target] = [
        at_most("fields of a random fruit's chain that are empty", len(traced["empty"]), 0),
        is_so("one fruit was decided before the update, by what it brought, after the kill and under the new settings",
              traced["crossed"]),
        at_least(f"of {of} ledgers with one byte changed, found", found, of),
        at_least("decisions checked", whole["decisions"], trial.count(DECISIONS)),
        at_most("seconds for them", whole["seconds"], MOST_S * max(trial.size, 0.1)),
    ]  # fmt: skip
    return Finding(figures, targets, SEED)


def _run(trial: Trial, setup: Setup, history: Path) -> str:
    """The first start: an update on the way, and a kill."""
    office, bundle = open_office(trial.folder), trial.folder / "next"
    identity = variant(bundle, "next")
    _release(office, bundle, identity)
    machine = Machine(trial.folder / "update", office)
    machine.now = datetime.now(UTC)
    agent = machine.agent()
    update = setup.profile.update.model_copy(update={"source": office.folder.as_uri(), "folder": machine.folder})
    killed = setup.scenario.model_copy(update={"fault": (parse(f"main-killed@{KILL_S[0]}-{KILL_S[1]}"),)})
    setup = replace(setup, scenario=killed, profile=_kept(setup.profile, history, update=update))
    run = FastRun(setup, updates=lambda clock: _follow(setup, clock))
    Person(run.broker, setup.profile)

    def step(now_ns: int) -> int:
        return agent.step(now_ns) if now_ns >= START_NS + UPDATE_S * S else START_NS + UPDATE_S * S

    run.beside(step)
    run.run()
    return identity


def _again(trial: Trial, setup: Setup, history: Path) -> None:
    """The second start, with other settings and what the update brought."""
    update = setup.profile.update.model_copy(
        update={"source": (trial.folder / "releases").as_uri(), "folder": trial.folder / "update"}
    )
    setup = replace(setup, profile=_kept(setup.profile, history, update=update))
    run = FastRun(setup, updates=lambda clock: _follow(setup, clock))
    Person(run.broker, setup.profile)
    run.run()


def _release(office: Office, bundle: Path, identity: str) -> None:
    said = datetime.now(UTC).isoformat(timespec="seconds")
    waiver = Waiver(criterion="lab_right", found="unmeasured", why="no lab this week", by="Ada", said_utc=said)
    repository = office.repository()
    release_bundle(repository, load_bundle(bundle), ["line"], "0.1", Cleared(_EVALUATION, (waiver,)))
    point_channel(repository, "stable", identity)
    repository.commit()


def _kept(profile: Profile, history: Path, **more: Any) -> Profile:
    kept = profile.history.model_copy(update={"folder": history})
    return profile.model_copy(update={"history": kept, "commands": {"maria": ["label"]}, **more})


def _changed(profile: Profile) -> Profile:
    return profile.model_copy(update={"grade": profile.grade.model_copy(update={"most_unknown": 0.45})})


def _follow(setup: Setup, clock: Clock) -> Handover:
    def grader(bundle: Bundle) -> Grader:
        return Recalling(bundle, setup.table) if setup.table else LiteRTGrader(bundle)

    return Handover(setup.profile, FACTORY, grader, clock)


class Person:
    """Says of each fourth fruit what it is, by the command over the broker."""

    def __init__(self, broker: MemoryBroker, profile: Profile) -> None:
        self._broker = broker
        self._root = f"sorter/v1/{profile.site}/{profile.machine}"
        broker.subscribe(self._hear)

    def _hear(self, topic: str, payload: bytes) -> None:
        if topic != f"{self._root}/tracks":
            return
        told = json.loads(payload)
        if int(told["track_id"].rpartition(".")[2]) % 4:
            return
        until = datetime.fromisoformat(told["ts_utc"]) + timedelta(minutes=5)
        command = {"id": f"c-{told['track_id']}", "expires_utc": until.isoformat(), "track_id": told["track_id"]}
        command |= {"label": "red", "seconds": 1.5}
        self._broker.take(f"{self._root}/cmd/maria/label", json.dumps(command).encode(), False)


def unfilled(told: object, path: str = "") -> list[str]:
    """The paths of what is empty."""
    if isinstance(told, dict):
        return [empty for key, value in told.items() for empty in unfilled(value, f"{path}.{key}")]
    if isinstance(told, list) and told:
        return [empty for n, value in enumerate(told) for empty in unfilled(value, f"{path}[{n}]")]
    return [path] if told is None or told in ("", [], {}) else []


def _traced(history: Path, times: int, identity: str) -> dict[str, Any]:
    """Random fruit that somebody has spoken of, each with its whole chain."""
    stamped = list(read(history))
    spoken = {one.entry.about for one in stamped if isinstance(one.entry, Event) and one.entry.kind == "label"}
    fruit = [one for one in stamped if isinstance(one.entry, Decision)]
    about = [one.entry for one in fruit if isinstance(one.entry, Decision) and one.entry.track_id in spoken]
    empty: list[str] = []
    example: dict[str, Any] = {}
    for one in random.Random(SEED).sample(about, min(times, len(about))):
        told = trace(history, one.track_id)
        missing = [path for path in unfilled(told) if not path.startswith(LEFT_OUT)]
        empty += [f"{one.track_id}{path}" for path in missing]
        if one.bundle == identity and one.result == "fired":
            example = told
    bundles = [(one.run_id, one.entry.bundle, one.entry.profile) for one in fruit if isinstance(one.entry, Decision)]
    crossed = list(dict.fromkeys(bundles))
    is_crossed = len({run for run, _, _ in crossed}) >= 3 and len({b for _, b, _ in crossed}) == 2
    kinds = [one.entry.kind for one in stamped if isinstance(one.entry, Event)]
    return {
        "fruit": len(fruit),
        "traced": min(times, len(about)),
        "crossed": is_crossed and len({p for _, _, p in crossed}) == 2,
        "spans": crossed,
        "events": {kind: kinds.count(kind) for kind in sorted(set(kinds))},
        "empty": empty[:20],
        "example": json.loads(json.dumps(example).replace(str(history), "history").replace(str(ROOT), ".")),
    }


def _bytes_changed(history: Path, times: int) -> tuple[int, int]:
    draw, found = random.Random(SEED), 0
    for _ in range(times):
        path = draw.choice(segments(history))
        raw = path.read_bytes()
        spoilt = bytearray(raw)
        spoilt[draw.randrange(len(raw))] ^= draw.randrange(1, 256)
        path.write_bytes(spoilt)
        try:
            verify(history)
        except LedgerFault:
            found += 1
        path.write_bytes(raw)
    return found, times
