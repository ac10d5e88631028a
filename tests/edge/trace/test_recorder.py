import logging
from pathlib import Path

import numpy as np
import pytest

from edge.datapath import BeltSample, Frame, Health, Look, StepInputs
from edge.trace.recorder import SEGMENT_NS, Recorder
from edge.trace.segments import read_segment
from edge.trace.store import Store, segments

LOOK = Look("r.1", 1, 1.0, (0.25,) * 4, 0.0)
BIG = Frame("c", 1, 1, np.zeros((2000, 2000, 3), np.uint8))


class Disk(Store):
    """Fails while it is told to."""

    broken = False

    def write(self, number: int, start_ns: int, parts) -> None:
        if self.broken:
            raise OSError(28, "No space left on device")
        super().write(number, start_ns, parts)


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path, "run", {"format": 1}, 10, 10**9)


@pytest.fixture
def recorder(disk: Disk) -> Recorder:
    return Recorder(disk, ())


def step(recorder: Recorder, now_ns: int, frame: Frame | None = None) -> None:
    recorder.between(now_ns, dict)
    recorder.put(StepInputs(now_ns, (), frame, ()))
    recorder.put(LOOK)


def kinds(disk: Disk) -> list[list[str]]:
    return [[fields["kind"] for fields, _ in read_segment(held.path).entries] for held in segments(disk.run)]


def test_a_segment_begins_with_the_memory_and_is_written_when_the_next_begins(recorder: Recorder, disk: Disk) -> None:
    step(recorder, 0)
    step(recorder, SEGMENT_NS - 1)
    recorder.step(0)
    assert segments(disk.run) == []
    step(recorder, SEGMENT_NS)
    recorder.step(0)
    assert kinds(disk) == [["begin", "step", "look", "step", "look"]]
    recorder.close()
    assert kinds(disk)[1:] == [["begin", "step", "look"]]


def test_what_comes_in_with_the_inputs_is_not_recorded_twice(recorder: Recorder, disk: Disk) -> None:
    step(recorder, 0)
    recorder.put(BeltSample(1, 2, 3))
    recorder.put(Health(0, "sorting", *(0,) * 7, *(0.0,) * 4, 0, 0, "offline"))
    recorder.close()
    assert kinds(disk) == [["begin", "step", "look"]]


def test_a_full_queue_drops_whole_steps_counts_them_and_begins_anew(recorder: Recorder, disk: Disk) -> None:
    for n in range(10):
        step(recorder, n, BIG)  # 12 MB each, of 64 MB
    recorder.step(0)
    step(recorder, 11)
    recorder.close()
    assert kinds(disk) == [["begin", *["step", "look"] * 5], ["begin", "step", "look"]]
    begin, _ = read_segment(segments(disk.run)[1].path).entries[0]
    assert begin["lost"] == 5


def test_a_segment_that_cannot_be_written_is_missing_and_said_once(recorder, disk, caplog) -> None:
    caplog.set_level(logging.INFO, "sorter")
    disk.broken = True
    for n in range(3):
        step(recorder, n * SEGMENT_NS)
        recorder.step(0)
    disk.broken = False
    step(recorder, 3 * SEGMENT_NS)
    recorder.close()
    assert [held.number for held in segments(disk.run)] == [2, 3]
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2
    assert "No space left on device" in said[0]
    assert "records again" in said[1]


def test_an_entry_that_cannot_be_packed_costs_its_segment_and_no_other(recorder: Recorder, disk: Disk) -> None:
    step(recorder, 0)
    recorder.put(Look("r.1", 1, 1.0, (object(),), 0.0))
    step(recorder, SEGMENT_NS)
    recorder.close()
    assert [held.number for held in segments(disk.run)] == [1]
    assert kinds(disk) == [["begin", "step", "look"]]


def test_a_line_whose_memory_cannot_be_held_sorts_on_unrecorded(recorder, disk, caplog) -> None:
    recorder.between(0, lambda: {"part": object()})
    recorder.between(1, lambda: {"part": object()})
    recorder.put(LOOK)
    recorder.close()
    assert segments(disk.run) == []
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_nothing_is_recorded_before_there_is_something_to_go_on_from(recorder: Recorder, disk: Disk) -> None:
    recorder.put(StepInputs(0, (), None, ()))
    recorder.close()
    assert not disk.run.exists()
