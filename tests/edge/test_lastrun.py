"""How the last run ended, as the next one finds it."""

from pathlib import Path

import pytest

from edge.lastrun import LastRun, last_run


def test_a_run_that_said_its_end_leaves_nothing_and_one_that_could_not_is_found(tmp_path: Path):
    first = LastRun(tmp_path / "state", "boot-1")
    assert first.ended is None
    first.close()
    assert LastRun(tmp_path / "state", "boot-1").ended is None
    assert LastRun(tmp_path / "state", "boot-1").ended == "was killed"
    assert LastRun(tmp_path / "state", "boot-2").ended == "lost its power"


def test_the_service_keeps_it_in_its_own_folder_and_without_one_knows_nothing(tmp_path: Path):
    assert last_run({"STATE_DIRECTORY": str(tmp_path)}).ended is None
    assert last_run({"STATE_DIRECTORY": str(tmp_path)}).ended == "was killed"
    unknown = last_run({})
    assert unknown.ended is None
    unknown.close()


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_place_that_cannot_be_read_or_written_stops_no_start(tmp_path: Path, what: str):
    place = tmp_path / "state"
    if what == "file":
        place.write_text("in the way")
    else:
        (place / "running").mkdir(parents=True)
    run = LastRun(place, "boot")
    assert run.ended is None
    run.close()
