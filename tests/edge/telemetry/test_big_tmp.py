"""Whatever happens to it, in whatever order: what was put arrives, or is marked."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.edge.telemetry.boxes import Box, FullDisk

KINDS = st.sampled_from(["track", "track", "track", "metrics", "alarm"])
CAPACITY = 60
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # thousands of commits: no disk has to keep up


class OutboxMachine(RuleBasedStateMachine):
    """One machine's outbox through puts, drafts, outages, kills, power cuts and a disk that fills up."""

    @initialize()
    def make(self):
        self._folder = tempfile.TemporaryDirectory(prefix="outbox-", dir=MEMORY)
        self.box = Box(Path(self._folder.name) / "machine", capacity=CAPACITY)
        self.disk = FullDisk(self.box, full=False)
        self.put: dict[tuple[str, int], tuple[int, str]] = {}
        self.drafts: dict[int, int] = {}
        self.orphans: set[int] = set()
        self.settled: set[int] = set()
        self.cuts = 0
        self.n = 0

    @rule(kind=KINDS, times=st.integers(1, 20))
    def puts(self, kind, times):
        for _ in range(times):
            self.n += 1
            self.put[self.box.put(self.n, kind)] = (self.n, kind)

    @rule()
    def decides(self):
        self.n += 1
        self.drafts[self.n] = self.box.now_ns
        self.box.draft(self.n, f"fruit-{self.n}")

    @precondition(lambda self: self.drafts)
    @rule(data=st.data())
    def hears_the_outcome(self, data):
        n = data.draw(st.sampled_from(sorted(self.drafts)))
        del self.drafts[n]
        self.put[self.box.put(n, "track", settles=f"fruit-{n}")] = (n, "track")
        self.settled.add(n)

    @rule(seconds=st.sampled_from([0.02, 0.1, 0.6, 2.0]))
    def time_passes(self, seconds):
        self.box.run(seconds)

    @rule()
    def broker_goes(self):
        self.box.broker.go_down()

    @rule()
    def broker_comes(self):
        self.box.broker.come_up()

    @rule(full=st.booleans())
    def disk_fills(self, full):
        self.disk.full = full

    @rule()
    def is_killed(self):
        self.orphans |= self.drafts.keys()
        self._start(self.box.kill)

    @rule()
    def loses_the_power(self):
        if not self.disk.full and not self.disk.failed:
            early_ns = self.box.now_ns - 1_100_000_000
            self.orphans |= {n for n, at_ns in self.drafts.items() if at_ns <= early_ns}
        self.cuts += 1
        self._start(self.box.power_cut)

    def _start(self, end):
        self.drafts.clear()
        end()
        self.disk = FullDisk(self.box, full=False)

    @invariant()
    def memory_is_bounded(self):
        assert len(self.box.box._shared.traffic.young) <= CAPACITY + len(self.box.gaps()) + 8

    def teardown(self):
        self.disk.full = False
        self.box.broker.come_up()
        self.box.run(8.0)
        heard = {(said["run_id"], said["seq"]): said["n"] for said in self.box.said if "n" in said}
        for number, (n, kind) in self.put.items():
            assert heard.get(number) == n or self._is_marked(number, kind), (number, n, kind)
        if not self.cuts:
            told = list(heard.values())
            assert {n for n in self.orphans if n not in told} == set()
            assert all(told.count(n) == 1 for n in self.orphans | self.settled if n in told)
        self.box.stop()
        self._folder.cleanup()

    def _is_marked(self, number: tuple[str, int], kind: str) -> bool:
        run, seq = number
        return any(
            gap["of_run"] == run
            and gap["from_seq"] <= seq <= (gap["to_seq"] or seq)
            and (kind != "alarm" or gap["reason"] != "evicted")
            for gap in self.box.gaps()
        )


TestOutbox = pytest.mark.slow(OutboxMachine.TestCase)
TestOutbox.settings = settings(max_examples=800, stateful_step_count=60, deadline=None, derandomize=False)
