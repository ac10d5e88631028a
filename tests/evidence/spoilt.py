"""An update on the whole line in virtual time: rendered frames, two real bundles, the line's own shadow and take-over,
and the update process's own agent, from shadow to its end.

A spoilt bundle has the factory's weights, and sees a crop that is too wide. Left out: the road that a bundle comes by.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from edge.bundle import FACTORY, MANIFEST, Bundle, load_bundle
from edge.clock import Clock
from edge.config import Profile
from edge.datapath import Record, Verdict
from edge.grade.litert import LiteRTGrader
from edge.handover import Handover
from edge.release import Channel, Paper
from edge.update.agent import Agent
from edge.update.disk import Disk
from edge.update.journal import Book, Journal
from edge.update.refusal import Unreachable
from edge.update.steps import Parts, S
from edge.update.store import Store
from edge.update.trial import Probation, Shadowing
from sim.conveyor import Limit
from sim.fast import FastRun
from sim.setup import Setup, prepare
from tests.edge.update.machines import OwnTest
from tests.evidence.decisions import Ended

SHADOW, PROBATION_S = 300, 60
TRIAL_FRUIT, MOST_FRUIT = 150, 2_000
RIGHT, ELSEWHERE = 0.70 / 0.95, 0.02
STEPS = 6
_SEED = 77
"""Of the fruit on which a bundle is spoilt: none of the runs'."""


class NoRoad:
    """Answers `steps.Releases`: nothing is heard."""

    def check(self) -> Channel:
        raise Unreachable("there is no road here")

    def paper(self, identity: str) -> Paper:
        raise Unreachable(identity)

    def fetch(self, paper: Paper, name: str, part: Path) -> Iterator[int]:
        raise Unreachable(name)

    def profile(self, machine: str, digest: str) -> bytes:
        raise Unreachable(digest)

    def accept(self, word: Channel) -> None:
        """There is none."""


class Counting(Handover):
    """Counts what a bundle has decided while it moved the gates."""

    def __init__(self, profile: Profile, clock: Clock, bundle: str) -> None:
        super().__init__(profile, FACTORY, LiteRTGrader, clock)
        self._counted = bundle
        self.fruit = 0

    def put(self, record: Record) -> None:
        super().put(record)
        self.fruit += isinstance(record, Verdict) and record.bundle == self._counted


@dataclass(slots=True)
class Spoilt:
    """Bundles by case, and the line that they come to; `right` of them on it, and what they were made with."""

    folder: Path
    setup: Setup
    bundles: dict[str, Bundle]
    right: dict[str, float]
    margins: dict[str, float]

    def run(self, name: str, seed: int) -> Ended:
        """One update, from its shadow on."""
        bundle, folder = self.bundles[name], self.folder / f"{name}-{seed}"
        profile = self.setup.profile
        keys = {"folder": folder, "shadow_share": 1.0, "shadow_fruit": SHADOW}
        profile = profile.model_copy(update={"update": profile.update.model_copy(update=keys)})
        agent = _agent(folder, bundle, profile)
        made: list[Counting] = []

        def follow(clock: Clock) -> Handover:
            made.append(Counting(profile, clock, bundle.identity))
            return made[-1]

        run = FastRun(replace(self.setup, seed=seed, limit=Limit(fruit=MOST_FRUIT)), updates=follow)
        run.beside(agent.step)
        run.run_until(lambda: agent.state == "idle")
        why, active = agent.told.text, Store(folder).active()
        if agent.state != "idle":
            raise RuntimeError(f"{name}: still in {agent.state} after {MOST_FRUIT} fruit")
        where = "committed" if active.bundle == bundle.identity else ("probation" if made[-1].fruit else "shadow")
        return Ended(where, made[-1].fruit, "" if where == "committed" else why)


def _agent(folder: Path, bundle: Bundle, profile: Profile) -> Agent:
    """The update process, with a bundle that has come and passed its self-test."""
    store, update = Store(folder), profile.update
    store.folder.mkdir()
    store.prepare()
    shutil.copytree(bundle.folder, store.path("a"))
    Book(folder, Disk()).write(Journal(state="shadow", bundle=bundle.identity, slot="a", word=1))
    shadow = Shadowing(update.shadow_fruit, update.most_disagreement)
    probation = Probation(PROBATION_S * S, update.most_disagreement)
    return Agent(Parts(NoRoad(), store, OwnTest(), shadow, probation, lambda: "", 3_600 * S, profile.machine))


def prepare_all(folder: Path, damaged: float) -> Spoilt:
    """Make a bundle that is worse, and one that is nearly as good. `damaged`: so many of the fruit are."""
    setup = prepare("clean", seed=_SEED, limit=Limit(fruit=TRIAL_FRUIT))
    parts = {"green": 2, "turning": 2, "red": 2, "damaged": max(1, round(6 * damaged / (1 - damaged)))}
    mix = setup.scenario.feed.mix.model_copy(update=parts)
    feed = setup.scenario.feed.model_copy(update={"mix": mix})
    setup = replace(setup, scenario=setup.scenario.model_copy(update={"feed": feed}))
    own = load_bundle(FACTORY)
    was = _right(setup, own)
    low, high = own.manifest.preprocessing.margin, 1.0
    for n in range(STEPS):
        middle = (low + high) / 2
        bundle = _wider(folder / f"wider-{n}", middle)
        right = _right(setup, bundle)
        if right > RIGHT * was:
            low = middle
        else:
            high, worse, share = middle, bundle, right
    good = _wider(folder / "good", own.manifest.preprocessing.margin + ELSEWHERE)
    return Spoilt(
        folder,
        setup,
        {"as good": good, "worse": worse},
        {"before": was, "as good": _right(setup, good), "worse": share},
        {name: bundle.manifest.preprocessing.margin for name, bundle in (("as good", good), ("worse", worse))},
    )


def _wider(folder: Path, margin: float) -> Bundle:
    shutil.copytree(FACTORY, folder)
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    manifest["preprocessing"]["margin"] = round(margin, 4)
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return load_bundle(folder)


def _right(setup: Setup, bundle: Bundle) -> float:
    share: float = FastRun(replace(setup, bundle=bundle)).run()["right_share"]
    return share
