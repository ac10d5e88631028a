"""Records cross from the device to the world unchanged."""

import tempfile
from pathlib import Path

import pytest

from edge import clock
from edge.datapath import BeltSample, GatePulse, Look, Outcome, StepInputs, Track, Verdict
from sim.stream import RecordInbox, RecordStream, decode, encode

PULSE = GatePulse("r.1", "red_0", 1_000, 2_000, 15, 15)
VERDICT = Verdict("r.1", "red", 0.9, 0.1, (0.0, 0.1, 0.9, 0.0), "red", "graded", 5, "factory@1", "demo@2")
RECORDS = [BeltSample(1, 2, 3), VERDICT, PULSE, Outcome(PULSE, "late", None, 7)]


@pytest.fixture
def path():
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        yield Path(folder) / "records"


def receive(inbox: RecordInbox, count: int) -> list:
    deadline = clock.now_ns() + 10_000_000_000
    got: list = []
    while len(got) < count and clock.now_ns() < deadline:
        got += inbox.poll()
    return got


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: type(r).__name__)
def test_a_record_survives_the_line(record):
    assert decode(encode(record)) == record


def test_a_track_goes_without_its_looks():
    look = Look("r.1", 4, 1.0, (1.0, 0, 0, 0), 0.0)
    track = Track("r.1", 0, 5, 60.0, 58.0, (look,))
    assert decode(encode(track)) == Track("r.1", 0, 5, 60.0, 58.0, ())


def test_records_arrive_in_order_and_raw_inputs_stay_behind(path):
    inbox = RecordInbox(path)
    stream = RecordStream(path)
    stream.put(StepInputs(1, (), None, ()))
    for record in RECORDS:
        stream.put(record)
    got = receive(inbox, len(RECORDS))
    stream.close()
    assert got + list(inbox.poll()) == RECORDS
    inbox.close()


def test_a_second_device_is_heard_after_the_first_has_gone(path):
    inbox = RecordInbox(path)
    for speed in (1, 2):
        stream = RecordStream(path)
        stream.put(BeltSample(0, 0, speed))
        stream.close()
    assert [record.speed_um_s for record in receive(inbox, 2)] == [1, 2]
    inbox.close()


def test_a_world_that_does_not_read_never_blocks_the_line(path):
    inbox = RecordInbox(path)
    stream = RecordStream(path)
    for n in range(20_000):
        stream.put(BeltSample(n, n, 1))
    inbox.close()
    stream.put(BeltSample(0, 0, 1))
    stream.close()


def test_a_world_that_does_not_read_for_a_while_gets_the_newest_records_whole(path, monkeypatch):
    monkeypatch.setattr("sim.stream._SEND_S", 0.02)
    inbox = RecordInbox(path)
    stream = RecordStream(path)
    stream.put(BeltSample(0, 0, 0))
    (first,) = receive(inbox, 1)
    for n in range(1, 20_001):
        stream.put(BeltSample(n, n, n))
    clock.sleep_until(clock.now_ns() + 100_000_000)
    got = [first]
    deadline_ns = clock.now_ns() + 10_000_000_000
    while got[-1].at_ns != 20_000 and clock.now_ns() < deadline_ns:
        got += inbox.poll()
    stream.close()
    inbox.close()
    assert got[-1] == BeltSample(20_000, 20_000, 20_000)
    assert [sample.at_ns for sample in got] == sorted({sample.at_ns for sample in got})
