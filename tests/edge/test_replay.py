"""A recorded run again: identical, or the first difference; and what is left of a run that was harmed."""

import json
from pathlib import Path

import pytest

from edge.errors import RunFault, UsageFault
from edge.line import Line
from edge.replay import Found, Replay
from edge.trace.header import load_header
from edge.trace.recorder import open_recorder
from edge.trace.segments import MAGIC, pack_end, pack_entry, read_segment
from edge.trace.store import segments
from tests.edge.profiles import demo
from tests.edge.recorded import CropGrader, bundle_in, drive, recorded

pytestmark = pytest.mark.slow


def replay(run: Path, bias: int = 0, other: str | None = None) -> Found:
    bundle = bundle_in(run.parents[1] / "bundle")
    return Replay(run, load_header(run), CropGrader(other or bundle.identity, bias), bundle).run()


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    return recorded(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def run(whole: Path, tmp_path: Path) -> Path:
    """A copy that may be harmed."""
    copy = tmp_path / "box" / whole.name
    copy.mkdir(parents=True)
    for path in whole.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    bundle_in(tmp_path / "bundle")
    return copy


def test_a_recorded_run_comes_out_identical(whole: Path) -> None:
    found = replay(whole)
    assert (found.differences, found.notes) == (0, [])
    assert found.frames > 190
    assert found.compared["verdict"] > 25
    assert found.compared["gatepulse"] > 10


def test_a_grader_that_differs_in_a_bit_is_found_at_its_first_look(whole: Path) -> None:
    found = replay(whole, bias=1)
    assert found.first is not None
    assert found.first.recorded["kind"] == found.first.replayed["kind"] == "look"
    assert found.first.frame is not None
    assert found.differences > 100


def test_another_bundle_is_held_to_what_is_decided_and_not_to_its_numbers(whole: Path) -> None:
    assert replay(whole, bias=1, other="other@1").differences == 0
    found = replay(whole, bias=500, other="other@1")
    assert found.first is None or found.first.recorded["kind"] in ("verdict", "gatepulse")


@pytest.mark.parametrize("deleted", [0, 1, 2])
def test_what_the_tracks_said_of_the_belt_replays_from_mid_run_too(tmp_path: Path, deleted: int) -> None:
    # The gates of this world do not obey: the tracks go on to find the belt off, up to the largest correction.
    run = recorded(tmp_path, slip=0.03)
    told = replay(run).compared["incident"]
    for held in segments(run)[:deleted]:
        held.path.unlink()
    found = replay(run)
    assert found.differences == 0
    assert 0 < found.compared["incident"] <= told


@pytest.mark.parametrize("deleted", [0, 1, 2])
def test_what_a_line_that_fell_behind_left_undone_replays_from_mid_run_too(tmp_path: Path, deleted: int) -> None:
    run = recorded(tmp_path, step_ns=140_000_000)
    for held in segments(run)[:deleted]:
        held.path.unlink()
    found = replay(run)
    assert found.differences == 0
    made = [made for held in segments(run) for made, _ in read_segment(held.path).entries]
    assert sum(each.get("reason") == "shed" for each in made) > 5


@pytest.mark.parametrize("kept", [1, 2, 3])
def test_a_run_whose_beginning_is_deleted_replays_from_mid_run(run: Path, kept: int) -> None:
    for held in segments(run)[:-kept]:
        held.path.unlink()
    found = replay(run)
    assert found.differences == 0
    assert found.compared["look"] > 0
    assert len(found.notes) == 1


def test_a_missing_segment_is_named_and_the_rest_replays(run: Path) -> None:
    segments(run)[1].path.unlink()
    found = replay(run)
    assert found.differences == 0
    assert found.notes == [
        f"without segment 1: from {segments(run)[1].path.name} on, with what the line remembered there"
    ]


@pytest.mark.parametrize("number", [0, 1, 3])
def test_a_torn_segment_is_named_and_the_rest_replays(run: Path, number: int) -> None:
    path = segments(run)[number].path
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) * 2 // 3])
    found = replay(run)
    assert found.differences == 0
    assert path.name in found.notes[0]
    assert found.frames > 150


def test_a_decision_that_was_changed_on_disk_is_the_first_difference(run: Path) -> None:
    path = segments(run)[-1].path
    entries = read_segment(path).entries
    verdict = next(fields for fields, _ in entries if fields["kind"] == "verdict")
    verdict["outlet"] = "elsewhere"
    path.write_bytes(b"".join((MAGIC, *(pack_entry(*entry) for entry in entries), pack_end(len(entries)))))
    found = replay(run)
    assert found.differences == 1
    assert found.first.recorded["outlet"] == "elsewhere"
    assert found.first.recorded["track_id"] == found.first.replayed["track_id"] == verdict["track_id"]


def test_a_recorder_that_fell_behind_leaves_a_gap_and_goes_on(tmp_path: Path) -> None:
    bundle = bundle_in(tmp_path / "bundle")
    recorder = open_recorder(tmp_path / "box", demo(), "r", bundle, Line.REMEMBERED)
    hung = drive(recorder, demo(), bundle, 6.0, written=False)
    recorder.close()
    (run,) = (tmp_path / "box").iterdir()
    found = replay(run)
    assert found.differences == 0
    assert 0 < found.steps < hung
    assert 64_000_000 >= found.frames * 480 * 640 * 3 > 60_000_000


def test_a_line_of_another_version_is_refused_in_mid_run_and_not_from_its_start(run: Path, monkeypatch) -> None:
    monkeypatch.setattr(Line, "memory", lambda self: {"belt": self.belt})
    assert replay(run).differences == 0
    segments(run)[0].path.unlink()
    with pytest.raises(RunFault, match="another version's"):
        replay(run)


def test_a_run_without_segments_and_a_folder_without_a_run_are_one_line_each(run: Path, tmp_path: Path) -> None:
    for held in segments(run):
        held.path.unlink()
    with pytest.raises(RunFault, match="no segments"):
        replay(run)
    with pytest.raises(UsageFault, match="no recorded run here"):
        load_header(tmp_path)


@pytest.mark.parametrize("raw", ["{}", "no JSON", json.dumps({"format": 2})])
def test_a_header_that_is_not_good_is_one_line(run: Path, raw: str) -> None:
    (run / "run.json").write_text(raw, encoding="utf-8")
    with pytest.raises(RunFault) as fault:
        load_header(run)
    assert "\n" not in str(fault.value)
