"""The black box at the side of a real run: its thread, its end, and what a broken disk costs the line."""

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from edge.app import run
from edge.config import Profile
from edge.errors import GateFault
from edge.line import Line
from edge.replay import Replay
from edge.trace.header import load_header
from edge.trace.recorder import open_recorder
from tests.edge.profiles import demo
from tests.edge.recorded import bundle_in
from tests.edge.test_app import Paper, machine

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def profile() -> Profile:
    return demo(telemetry={"metrics_s": 0.1})


def end_at_third_health(paper: Paper) -> None:
    paper.on_health = lambda health: len(paper.healths) == 3 and os.kill(os.getpid(), signal.SIGTERM)


def recorded(paper: Paper, profile: Profile, folder: Path) -> int:
    bundle = bundle_in(folder / "bundle")
    paper.bundle = bundle.identity
    recorder = open_recorder(folder / "box", profile, "r", bundle, Line.REMEMBERED)
    return run(replace(machine(paper, profile), recorder=recorder))


def replayed(paper: Paper, folder: Path):
    (box,) = (folder / "box").iterdir()
    return Replay(box, load_header(box), paper, bundle_in(folder / "bundle")).run()


def test_a_stopped_run_is_recorded_to_its_last_step_and_replays(profile, tmp_path):
    paper = Paper()
    end_at_third_health(paper)
    assert recorded(paper, profile, tmp_path) == 0
    found = replayed(paper, tmp_path)
    assert found.differences == 0
    assert found.frames > 5


def test_a_run_that_a_fault_ended_is_recorded_too_and_replays(profile, tmp_path):
    paper = Paper()
    paper.gate_fault = GateFault("the gate process is gone")
    assert recorded(paper, profile, tmp_path) == 3
    assert replayed(paper, tmp_path).differences == 0


def test_a_disk_that_cannot_be_written_costs_the_line_nothing(profile, tmp_path):
    paper = Paper()
    (tmp_path / "box").write_text("in the way")
    end_at_third_health(paper)
    assert recorded(paper, profile, tmp_path) == 0
    assert paper.healths[-1].frames > 5
