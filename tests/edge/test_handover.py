"""A bundle comes to the running line: what the update process chooses, a thread loads, and the line takes."""

from collections import deque
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from edge.bundle import Bundle, load_bundle
from edge.datapath import Adopted, Detection, Grades, StepInputs
from edge.errors import BundleFault
from edge.gradings import Grading, Gradings
from edge.handover import LOOK_NS, Handover
from edge.update.store import Store
from edge.updates import read_compared, read_figures
from tests.edge.bundles import write_bundle
from tests.edge.profiles import demo

CROP = Detection((0, 0, 1, 1), 0.0, 0.0, 1.0, 1.0, False, *(np.zeros((1, 1, 3), np.uint8),) * 2)


class Grader:
    """Says the same of every crop, until it `fails`."""

    fails = False

    def __init__(self, bundle: str) -> None:
        self.bundle = bundle

    def grade(self, detections: Sequence[Detection]) -> list[tuple[Grades, float]]:
        if self.fails:
            raise RuntimeError("tensor 3: no memory")
        return [(Grades((0.0, 0.0, 1.0, 0.0), 0.0), 1.0)] * len(detections)


class Machine:
    """A folder with an own bundle and two slots, and a line's gradings."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "update"
        self.store = Store(self.folder)
        self.store.prepare()
        self.own = write_bundle(folder / "own", name="own")
        self.names = {"own": load_bundle(self.own).identity}
        for slot in ("a", "b"):
            write_bundle(self.store.path(slot), name=slot)
            self.names[slot] = load_bundle(self.store.path(slot)).identity
        self.broken: set[str] = set()
        self.mistaken: set[str] = set()
        self.now_ns = 0
        self.start()

    def start(self) -> None:
        """A run of the machine begins."""
        profile = demo()
        update = profile.update.model_copy(update={"source": "https://nowhere", "folder": self.folder})
        self.handover = Handover(profile.model_copy(update={"update": update}), self.own, self._grader)
        self.handover.begin("run")
        bundle = self.handover.bundle
        first = Grading.of(profile, Grader(bundle.identity), bundle.manifest.thresholds)
        self.gradings = Gradings(first)

    def _grader(self, bundle: Bundle) -> Grader:
        if bundle.manifest.name in self.mistaken:
            raise RuntimeError("no memory")
        if bundle.manifest.name in self.broken:
            raise BundleFault(f"{bundle.identity}: cannot be run")
        return Grader(bundle.identity)

    def look(self) -> Adopted | None:
        """A second passes: its thread looks, and then the line."""
        self.now_ns = self.handover.step(self.now_ns)
        self.handover.serve(self.gradings, lambda grader: grader, deque())
        adopted = self.gradings.take_over()
        self.handover.put(StepInputs(self.now_ns, (), None, (), None, adopted))
        return adopted


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_nothing_chosen_is_nothing_new(machine: Machine) -> None:
    assert machine.handover.step(5) == 5 + LOOK_NS
    assert machine.look() is None


def test_what_is_chosen_takes_over_within_a_look_and_is_taken_back_as_soon(machine: Machine) -> None:
    machine.store.try_out("a", machine.names["a"], 1)
    assert machine.look() == Adopted(machine.names["a"], str(machine.store.path("a")))
    assert machine.store.running().bundle == machine.names["a"]
    assert machine.look() is None
    assert read_figures(machine.folder).bundle == machine.names["a"]
    machine.store.roll_back()
    assert machine.look() == Adopted(machine.names["own"], str(machine.own))


def test_a_bundle_that_cannot_be_run_here_leaves_the_line_as_it_is_and_says_why(machine: Machine) -> None:
    machine.broken.add("a")
    machine.store.try_out("a", machine.names["a"], 1)
    assert machine.look() is None
    running = machine.store.running()
    assert (running.bundle, running.wanted) == (machine.names["own"], machine.names["a"])
    assert "cannot be run" in running.why


def test_a_bundle_that_breaks_the_runtime_leaves_the_thread_and_the_line_as_they_are(machine: Machine) -> None:
    machine.mistaken.add("a")
    machine.store.try_out("a", machine.names["a"], 1)
    assert machine.look() is None
    assert machine.store.running().why == "RuntimeError: no memory"
    machine.store.roll_back()
    machine.store.try_out("b", machine.names["b"], 2)
    assert machine.look() == Adopted(machine.names["b"], str(machine.store.path("b")))


def test_a_fault_in_the_shadow_ends_the_shadow_and_never_the_line(machine: Machine) -> None:
    machine.store.shadow("a", machine.names["a"])
    machine.look()
    machine.handover._shadow.grading.grader.fails = True
    machine.handover.looked([("run.2", CROP)])
    machine.handover.use(10**9, lambda: 0)
    machine.look()
    compared = read_compared(machine.folder)
    assert (compared.bundle, compared.why) == (machine.names["a"], "RuntimeError: tensor 3: no memory")


def test_a_disk_that_does_not_answer_leaves_the_line_as_it_is(machine: Machine) -> None:
    machine.store.try_out("a", machine.names["a"], 1)
    machine.look()
    active = machine.folder / "active.json"
    kept = active.read_bytes()
    active.unlink()
    active.mkdir()
    assert machine.look() is None
    machine.start()
    assert machine.handover.bundle.identity == machine.names["own"]
    active.rmdir()
    active.write_bytes(kept)
    assert machine.look() == Adopted(machine.names["a"], str(machine.store.path("a")))


def test_a_line_that_does_not_stay_up_says_why_it_runs_the_one_before(machine: Machine) -> None:
    machine.store.try_out("a", machine.names["a"], 1)
    for _ in range(3):
        machine.start()
        assert machine.handover.bundle.identity == machine.names["a"]
    machine.start()
    running = machine.store.running()
    assert (running.bundle, running.wanted) == (machine.names["own"], machine.names["a"])
    assert "did not stay up" in running.why


def test_a_candidate_is_compared_with_what_runs(machine: Machine) -> None:
    machine.store.shadow("a", machine.names["a"])
    machine.look()
    machine.handover.looked([("run.2", CROP)])
    machine.handover.use(1, lambda: 0)
    assert machine.handover._shadow.grading.bundle == machine.names["a"]
    assert machine.handover._shadow.compared.beside == machine.names["own"]


def test_a_candidate_that_cannot_be_run_is_told_of(machine: Machine) -> None:
    machine.broken.add("a")
    machine.store.shadow("a", machine.names["a"])
    machine.look()
    assert "cannot be run" in read_compared(machine.folder).why
    assert read_compared(machine.folder).bundle == machine.names["a"]


def test_on_trial_the_one_before_stands_in_the_shadow_until_the_trial_is_over(machine: Machine) -> None:
    machine.store.try_out("a", machine.names["a"], 1)
    machine.look()
    assert machine.handover._shadow.grading.bundle == machine.names["own"]
    machine.store.commit()
    machine.look()
    assert machine.handover._shadow is None
