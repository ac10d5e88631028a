"""The shell of a run that takes another bundle: no step is missed, nothing starts anew. Its ports are test_app's."""

import os
import signal
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from edge.app import run
from edge.bundle import load_bundle
from edge.datapath import Detection, Grades, Health, StepInputs
from edge.handover import Handover
from edge.update.store import Store
from tests.edge.bundles import write_bundle
from tests.edge.test_app import Paper, fast_belt, machine


class Grader:
    def __init__(self, bundle: str) -> None:
        self.bundle = bundle

    def grade(self, detections: Sequence[Detection]) -> list[tuple[Grades, float]]:
        return [(Grades((1.0, 0.0, 0.0, 0.0), 0.0), 1.0)] * len(detections)


class Kept(Paper):
    """Keeps the bundles that its steps took over."""

    def __init__(self, bundle: str) -> None:
        super().__init__()
        self.bundle = bundle
        self.adopted: list[str] = []

    def put(self, record) -> None:
        super().put(record)
        if isinstance(record, StepInputs) and record.adopted:
            self.adopted.append(record.adopted.bundle)


def test_a_bundle_that_was_chosen_takes_over_and_the_run_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "update"
    store = Store(folder)
    store.prepare()
    own = load_bundle(write_bundle(tmp_path / "own", name="own")).identity
    new = load_bundle(write_bundle(store.path("a"), name="new")).identity
    profile = fast_belt()
    update = profile.update.model_copy(update={"source": "https://nowhere", "folder": folder})
    profile = profile.model_copy(update={"update": update})
    paper = Kept(own)
    handover = Handover(profile, tmp_path / "own", lambda bundle: Grader(bundle.identity))
    handover.begin("r")

    def choose(health: Health) -> None:
        if len(paper.healths) == 3:
            store.try_out("a", new, 1)
        if paper.adopted:
            os.kill(os.getpid(), signal.SIGTERM)

    paper.on_health = choose
    built = replace(machine(paper, profile), handover=handover, listeners=(paper, handover))
    assert run(built) == 0
    assert paper.adopted == [new]
    assert {health.state for health in paper.healths} == {"starting", "sorting", "stopped"}
    assert store.running().bundle == new
