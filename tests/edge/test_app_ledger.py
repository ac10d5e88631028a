"""The shell's part in the ledger: it steps it beside the line, and closes it behind the last record."""

import signal
from dataclasses import replace

from edge import clock
from edge.app import run
from edge.bundle import FACTORY
from edge.datapath import BELT_END
from edge.ledger.entries import Decision, Event
from edge.ledger.reading import read
from edge.ledger.verifying import verify
from edge.trace.ledger import Begun, Ledger
from edge.trace.pictures import Pictures
from tests.edge.profiles import demo
from tests.edge.test_app import Paper, end_at_second_health, machine
from tests.edge.trace.fruit import pass_by
from tests.edge.trace.test_decisions import verdict


def test_a_run_keeps_its_ledger_and_signs_it_at_its_end(tmp_path):
    paper = Paper()
    end_at_second_health(paper, signal.SIGTERM)
    profile = demo(telemetry={"metrics_s": 0.1}, history={"folder": tmp_path})
    ledger = Ledger(Begun(profile, "r", "factory@0", FACTORY), clock.both)
    kept = replace(machine(paper, profile), ledger=ledger, listeners=(paper, ledger))
    assert kept.recording()
    assert run(kept) == 0
    assert verify(tmp_path).unsigned == 0
    kinds = [one.entry.kind for one in read(tmp_path) if isinstance(one.entry, Event)]
    assert kinds[0] == "run" and kinds[-1] == "ended"


class Slow(Pictures):
    """It comes to its work only when the run ends, and then it takes a while."""

    def step(self, now_ns: int) -> int:
        return now_ns + 1_000_000_000

    def close(self) -> None:
        clock.sleep_until(clock.now_ns() + 100_000_000)
        super().step(0)


def test_a_run_that_ends_writes_its_pictures_before_it_counts_them(tmp_path):
    paper = Paper()
    end_at_second_health(paper, signal.SIGTERM)
    profile = demo(telemetry={"metrics_s": 0.1}, history={"folder": tmp_path})
    pictures = Slow(profile)
    ledger = Ledger(Begun(profile, "run", "factory@0", FACTORY), clock.both, pictures.kept)
    pass_by(pictures, 1, reason="audited")
    ledger.put(verdict("run.1", BELT_END))
    assert run(replace(machine(paper, profile), ledger=ledger, pictures=pictures)) == 0
    told = {one.entry.track_id: one.entry for one in read(tmp_path) if isinstance(one.entry, Decision)}
    assert told["run.1"].pictures == 2
