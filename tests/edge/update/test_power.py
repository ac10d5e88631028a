"""Killed, or without power, after any operation on the disk: the old or the new bundle runs, and the update ends."""

import errno
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from edge.bundle import FACTORY, load_bundle
from edge.update.agent import MOST_ATTEMPTS, Agent
from edge.update.store import Store, choose
from edge.updates import UpdateState
from tests.edge.update.disks import CountedDisk, ForgetfulDisk, FullDisk, PowerCut, cut, kill_at_event, killing
from tests.edge.update.machines import Beside, Machine, Office, OwnTest, Tried, bundles

FACTORY_IDENTITY = load_bundle(FACTORY).identity
STATES = tuple(state for state in get_args(UpdateState) if state not in ("idle", "check"))
PATIENT = ("shadow", "probation", "rollback", "failed")
"""States in which a start is no attempt: to wait, and to go back."""
MOST_OPERATIONS = 200
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # thousands of syncs: no disk has to keep up


class Bench:
    """A machine that runs an old bundle while a new one is published, as often as a test likes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.office = Office(folder)
        old, new = bundles(folder)
        self.old = self.office.publish(old)
        made = Machine(folder / "made", self.office)
        made.start_line()
        made.run(made.agent())
        self.new = self.office.publish(new)

    def machine(self) -> Machine:
        shutil.rmtree(self.folder / "machine", ignore_errors=True)
        shutil.copytree(self.folder / "made", self.folder / "machine")
        machine = Machine(self.folder / "machine", self.office)
        machine.runs = 10
        return machine

    def runs(self, machine: Machine) -> str:
        """What the line would run; this look is not counted as a start."""
        found = choose(machine.folder, FACTORY)[0].identity
        (machine.folder / "starts.json").unlink(missing_ok=True)
        return found

    def end(self, machine: Machine) -> None:
        """Whatever happened: after a check or two the new bundle runs for good."""
        machine.disk = CountedDisk()
        for _ in range(3):
            agent = machine.agent()
            machine.run(agent)
            if Store(machine.folder).active().bundle == self.new:
                break
        active = Store(machine.folder).active()
        assert (active.bundle, active.trial) == (self.new, False)
        assert self.runs(machine) == self.new
        assert not (machine.folder / "slots" / "incoming").exists()


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with tempfile.TemporaryDirectory(prefix="update-", dir=MEMORY) as folder:
        yield Bench(Path(folder))


def dies(machine: Machine, after: int, whose: str = "ours") -> bool:
    """Run it in a process that dies of SIGKILL after so many operations; False where it came to its end before."""
    child = os.fork()
    if not child:
        if whose == "ours":
            machine.disk = killing(after)
        else:
            kill_at_event(after, machine.folder / "trust")
        try:
            machine.run(machine.agent())
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


@pytest.mark.slow
def test_killed_at_any_operation_of_tuf_s_client_the_update_goes_on(bench: Bench) -> None:
    for after in range(MOST_OPERATIONS):
        machine = bench.machine()
        if not dies(machine, after, "TUF's"):
            break
        assert bench.runs(machine) == bench.old, after
        bench.end(machine)
    assert after > 15


@pytest.mark.slow
def test_killed_after_any_operation_the_old_or_the_new_bundle_runs(bench: Bench) -> None:
    seen = set()
    for after in range(1, MOST_OPERATIONS):
        machine = bench.machine()
        if not dies(machine, after):
            break
        runs = bench.runs(machine)
        assert runs in (bench.old, bench.new), after
        seen.add(runs)
        bench.end(machine)
    assert after > 40
    assert seen == {bench.old, bench.new}


@pytest.mark.slow
@pytest.mark.parametrize("kept", [0.0, 0.5, 1.0])
def test_without_power_after_any_operation_the_old_or_the_new_bundle_runs(bench: Bench, kept: float) -> None:
    for after in range(1, MOST_OPERATIONS):
        machine = bench.machine()
        machine.disk = disk = ForgetfulDisk(machine.folder, cut(after))
        try:
            machine.run(machine.agent())
            break
        except PowerCut:
            disk.come_back(kept, seed=after)
        assert bench.runs(machine) in (bench.old, bench.new), after
        bench.end(machine)
    assert after > 40


def make_good(machine: Machine) -> None:
    """Whatever is tried from now on is good."""
    machine.shadow.seen = 1.0  # of the process that runs, too
    machine.self_test, machine.shadow, machine.trial = OwnTest(), Beside(), Tried()


def go_to(machine: Machine, state: UpdateState) -> Agent:
    """An update that has come to a state, by whatever leads there."""
    if state in ("rollback", "failed"):
        machine.trial, machine.self_test = Tried("bad"), OwnTest("bad" if state == "failed" else "")
    if state == "shadow":
        machine.shadow = Beside(seen=0.0)
    agent = machine.agent()
    for _ in range(40):
        if agent.state == state:
            break
        if agent.state == "probation":
            machine.start_line()
        machine.now_ns = max(machine.now_ns, agent.step(machine.now_ns))
    assert agent.state == state
    return agent


@pytest.mark.parametrize("state", STATES)
def test_killed_in_a_state_again_and_again_it_comes_to_an_end(bench: Bench, state: UpdateState) -> None:
    machine = bench.machine()
    go_to(machine, state)
    for _ in range(MOST_ATTEMPTS):
        assert machine.agent().state == state
    gives_up = machine.agent()
    if state in PATIENT:
        assert gives_up.state == state
        make_good(machine)
    machine.run(gives_up)
    assert bench.runs(machine) == (bench.new if state in ("shadow", "probation") else bench.old)
    if state not in PATIENT:
        assert gives_up.told.why == "attempts"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS], ids=["full", "read-only"])
@pytest.mark.parametrize("state", STATES)
def test_an_error_of_the_disk_in_a_state_changes_no_bundle(bench: Bench, state: UpdateState, number: int) -> None:
    machine = bench.machine()
    go_to(machine, state)
    is_full = True
    machine.disk = FullDisk(lambda: is_full, number)
    machine.start_line()
    agent = machine.agent()
    before = bench.runs(machine)
    for _ in range(5):
        machine.now_ns = max(machine.now_ns, agent.step(machine.now_ns))
        assert bench.runs(machine) == before
    assert agent.told.why == "disk"
    is_full = False
    make_good(machine)
    if state in ("rollback", "failed"):
        machine.run(agent)
        assert bench.runs(machine) == bench.old
    else:
        bench.end(machine)


@pytest.mark.parametrize("state", STATES)
def test_a_journal_that_rotted_leaves_a_whole_bundle_running(bench: Bench, state: UpdateState) -> None:
    machine = bench.machine()
    go_to(machine, state)
    journal = machine.folder / "journal.json"
    journal.write_bytes(journal.read_bytes().replace(state.encode(), b"x", 1))
    assert bench.runs(machine) in (bench.old, bench.new)
    make_good(machine)
    bench.end(machine)


@pytest.mark.parametrize("rot", [b"", b"{}", b"\xff\xfe", b"null\nnull\n"])
def test_a_word_of_what_is_active_that_rotted_means_the_factory_s(bench: Bench, rot: bytes) -> None:
    machine = bench.machine()
    (machine.folder / "active.json").write_bytes(rot)
    assert bench.runs(machine) == FACTORY_IDENTITY
