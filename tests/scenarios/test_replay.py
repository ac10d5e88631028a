"""A run with faults, recorded and replayed: every decision and every incident once more."""

from pathlib import Path

import pytest

from edge.grade.litert import LiteRTGrader
from edge.replay import Found, Replay
from edge.trace.header import load_header
from edge.trace.store import segments
from sim.conveyor import Limit
from sim.fast import FastRun
from sim.faults import parse
from sim.setup import Setup, prepare

pytestmark = pytest.mark.slow

FAULTS = (
    "camera-stall@2-3",
    "lamp-off@4-5",
    "stale-frame@6-7",
    "flicker@8-10",
    "silent-drop@10-13",
    "light-drift@10-15",
)


@pytest.fixture(scope="module")
def setup() -> Setup:
    faults = [parse(text) for text in FAULTS]
    return prepare("clean", seed=2, limit=Limit(None, 15.0), perception="pixels", faults=faults)


@pytest.fixture(scope="module")
def run(setup: Setup, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("box")
    FastRun(setup, record=folder).run()
    (recorded,) = folder.iterdir()
    return recorded


def replay(run: Path, setup: Setup) -> Found:
    assert setup.bundle is not None
    return Replay(run, load_header(run), LiteRTGrader(setup.bundle), setup.bundle).run()


def test_a_faulty_run_replays_bit_for_bit_and_so_does_its_end_alone(run: Path, setup: Setup):
    found = replay(run, setup)
    assert (found.differences, found.notes) == (0, [])
    assert found.compared["verdict"] > 100
    assert found.compared["incident"] >= 10
    for held in segments(run)[:3]:
        held.path.unlink()
    rest = replay(run, setup)
    assert rest.differences == 0
    assert 0 < rest.compared["incident"] < found.compared["incident"]


def test_a_device_that_was_killed_leaves_two_recordings_and_both_replay_with_their_emergency_stop(tmp_path: Path):
    faults = [parse("main-killed@6.5-7")]
    setup = prepare("e-stop", seed=2, limit=Limit(None, 14.0), perception="pixels", faults=faults)
    FastRun(setup, record=tmp_path).run()
    first, second = (replay(run, setup) for run in sorted(tmp_path.iterdir()))
    assert (first.differences, second.differences) == (0, 0)
    assert first.compared["verdict"] > 20 and second.compared["verdict"] > 20
    assert second.compared["incident"] == 2
