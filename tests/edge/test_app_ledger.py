"""The shell's part in the ledger: it steps it beside the line, and closes it behind the last record."""

import signal
from dataclasses import replace

from edge import clock
from edge.app import run
from edge.bundle import FACTORY
from edge.ledger.entries import Event
from edge.ledger.reading import read
from edge.ledger.verifying import verify
from edge.trace.ledger import Begun, Ledger
from tests.edge.profiles import demo
from tests.edge.test_app import Paper, end_at_second_health, machine


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
