"""A run in virtual time whose device follows an update process."""

import json
import shutil
from pathlib import Path

from edge.bundle import FACTORY, MANIFEST, load_bundle
from edge.clock import Clock
from edge.datapath import Verdict
from edge.handover import Handover
from edge.update.store import Store
from sim.conveyor import Limit
from sim.fast import FastRun
from sim.scores import Recollection, ScoresGrader
from sim.setup import prepare
from sim.timeline import START_NS

S = 1_000_000_000


class Recalling(ScoresGrader):
    """Takes the drawn crop too, on which a bundle is tried out."""

    def grade(self, detections):
        return super().grade([one for one in detections if isinstance(one, Recollection)])


class Kept(Handover):
    """Keeps who decided, fruit by fruit."""

    bundles: list[str]

    def put(self, record) -> None:
        super().put(record)
        if isinstance(record, Verdict):
            self.bundles.append(record.bundle)


def test_a_bundle_that_is_chosen_in_mid_run_decides_from_then_on_and_no_fruit_is_lost(tmp_path: Path) -> None:
    setup = prepare("clean", seed=1, limit=Limit(fruit=80), perception="scores")
    update = setup.profile.update.model_copy(update={"folder": tmp_path})
    profile = setup.profile.model_copy(update={"update": update})
    store = Store(tmp_path)
    store.prepare()
    shutil.copytree(FACTORY, store.path("a"))
    manifest = json.loads((store.path("a") / MANIFEST).read_text(encoding="utf-8"))
    (store.path("a") / MANIFEST).write_text(json.dumps(manifest | {"name": "new"}), encoding="utf-8")
    new, old = load_bundle(store.path("a")).identity, load_bundle(FACTORY).identity
    decided: list[str] = []

    def follow(clock: Clock) -> Handover:
        handover = Kept(profile, FACTORY, lambda bundle: Recalling(bundle, setup.table), clock)
        handover.bundles = decided
        return handover

    def choose(now_ns: int) -> int:
        if now_ns >= START_NS + 5 * S:
            store.try_out("a", new, 1)
            return now_ns + 1_000 * S
        return START_NS + 5 * S

    run = FastRun(setup, updates=follow)
    run.beside(choose)
    report = run.run()
    assert sum(report["fates"].values()) == 80
    assert report["fates"]["unseen"] == 0
    assert set(decided) == {old, new}
    assert decided == sorted(decided, key=(old, new).index)
