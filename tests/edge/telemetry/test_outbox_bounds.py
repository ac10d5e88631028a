"""The outbox on disk where it has bounds and faults: room, age, a full disk, a rotten file, a second process."""

import shutil
import sqlite3

import pytest

from edge.telemetry.store import ASIDE, FILE
from tests.edge.telemetry.boxes import Box, FullDisk

QUIET_S = 3.0


@pytest.fixture
def box(tmp_path):
    made = Box(tmp_path)
    yield made
    made.stop()


def test_beyond_its_bytes_the_oldest_fruit_go_then_counters_and_no_alarm(tmp_path):
    box = Box(tmp_path, most_bytes=200_000)
    box.broker.go_down()
    for n in range(4_000):
        box.put(n, kind="alarm" if n % 100 == 0 else "metrics" if n % 10 == 0 else "track")
        if n % 20 == 0:
            box.run(0.1)
    box.run(2.0)
    assert (box.folder / FILE).stat().st_size + (box.folder / f"{FILE}-wal").stat().st_size < 16_000_000
    assert box.box._saver._store.used_bytes() <= 200_000
    box.broker.come_up()
    box.run(5.0)
    kept = box.numbers()
    assert {n for n in kept if n % 100 == 0} == set(range(0, 4_000, 100))
    fruit = [n for n in kept if n % 10]
    assert fruit == [n for n in range(min(fruit), 4_000) if n % 10]
    assert sum(gap["messages"] for gap in box.gaps()) == 4_000 - len(kept)
    assert {gap["reason"] for gap in box.gaps()} == {"evicted"}
    box.stop()


def test_what_is_too_old_goes_but_no_alarm_and_not_the_newest_counters(tmp_path):
    box = Box(tmp_path, most_s=60)
    box.broker.go_down()
    for n, kind in enumerate(["track", "metrics", "alarm", "track", "metrics"]):
        box.put(n, kind=kind)
    box.run(70.0)
    box.put(9)
    box.run(2.0)
    box.broker.come_up()
    box.run(QUIET_S)
    assert sorted(box.numbers()) == [2, 4, 9]
    (gap,) = box.gaps()
    assert (gap["reason"], gap["from_seq"], gap["to_seq"], gap["messages"]) == ("expired", 1, 4, 3)
    box.stop()


def test_what_was_evicted_before_a_kill_is_marked_after_it(tmp_path):
    box = Box(tmp_path, most_bytes=100_000)
    box.broker.go_down()
    for n in range(2_000):
        box.put(n)
        if n % 20 == 0:
            box.run(0.1)
    box.run(2.0)
    box.kill()
    box.broker.come_up()
    box.run(5.0)
    (gap,) = box.gaps()
    assert (gap["of_run"], gap["reason"], gap["messages"]) == ("run1", "evicted", 2_000 - len(box.numbers()))
    box.stop()


def test_a_full_disk_costs_what_memory_cannot_hold_and_is_marked(tmp_path):
    box = Box(tmp_path, capacity=300)
    disk = FullDisk(box)
    box.broker.go_down()
    for n in range(1_000):
        box.put(n, kind="alarm" if n % 100 == 0 else "track")
        box.run(0.02)
        assert len(box.box._shared.traffic.young) <= 300
    assert box.box.counts().shed == 700
    disk.full = False
    box.run(6.0)
    assert box.box._shared.traffic.rows == 300
    box.broker.come_up()
    box.run(QUIET_S)
    kept = box.numbers()
    assert sorted(kept) == sorted([*range(0, 800, 100), *range(708, 1_000)])
    (gap,) = box.gaps()
    assert (gap["reason"], gap["from_seq"], gap["messages"]) == ("unwritable", 2, 700)
    box.stop()


def test_a_full_disk_costs_nothing_while_the_broker_is_there(tmp_path):
    box = Box(tmp_path, capacity=100)
    FullDisk(box)
    for n in range(500):
        box.put(n)
        box.run(0.02)
    assert box.numbers() == list(range(500))
    box.kill()
    box.run(QUIET_S)
    assert box.numbers()[:500] == list(range(500))
    box.stop()


@pytest.mark.parametrize("spoil", [lambda data: b"x" * len(data), lambda data: data[:2_000] + bytes(2_000)])
def test_a_corrupt_file_is_set_aside_counted_and_begun_anew(box, spoil):
    box.broker.go_down()
    for n in range(300):
        box.put(n)
        box.run(0.02)
    box.stop()
    path = box.folder / FILE
    path.write_bytes(spoil(path.read_bytes()))
    box.start()
    box.broker.come_up()
    for n in range(300, 350):
        box.put(n)
        box.run(0.02)
    box.run(QUIET_S)
    assert box.numbers()[-50:] == list(range(300, 350))
    assert "corrupt" in {gap["reason"] for gap in box.gaps()}
    assert (box.folder / ASIDE).exists()


def test_a_file_that_goes_bad_while_it_is_used_costs_what_only_it_held(box):
    box.broker.go_down()
    for n in range(200):
        box.put(n)
        box.run(0.02)

    def rotten(*_):
        raise sqlite3.DatabaseError("database disk image is malformed")

    box.box._saver._store.commit = rotten
    box.put(200)
    box.run(1.0)
    del box.box._saver._store.commit
    box.run(1.0)
    box.broker.come_up()
    box.put(201)
    box.run(QUIET_S)
    (gap,) = box.gaps()
    assert (gap["of_run"], gap["reason"]) == (None, "corrupt")
    assert gap["messages"] + len(box.numbers()) == 202
    assert {200, 201} <= set(box.numbers())


def test_a_second_process_on_the_same_folder_keeps_its_messages_in_memory_and_takes_none_of_the_first(box, tmp_path):
    box.broker.go_down()
    for n in range(50):
        box.put(n)
        box.run(0.02)
    other = Box(tmp_path / "other", box.broker)
    other.stop()
    other.folder, other.said = box.folder, []
    other.start()
    other.put(1_000)
    other.run(1.0)
    box.broker.come_up()
    other.run(1.0)
    assert other.numbers() == [1_000]
    other.stop()
    box.run(QUIET_S)
    assert sorted(box.numbers()) == [*range(50), 1_000]


def test_every_gap_says_how_much_its_run_knows_to_be_lost(tmp_path):
    box = Box(tmp_path, capacity=10)
    FullDisk(box)
    box.broker.go_down()
    for n in range(30):
        box.put(n)
    box.broker.come_up()
    box.run(1.0)
    assert [gap["total"] for gap in box.gaps()] == [20]
    box.stop()


def test_without_room_for_a_journal_what_was_committed_outlives_a_kill_and_the_rest_is_marked(tmp_path):
    box = Box(tmp_path)
    box.stop()
    shutil.rmtree(box.folder / "journal")
    (box.folder / "journal").write_bytes(b"")
    box.start()
    box.broker.go_down()
    for n in range(200):
        box.put(n)
        box.run(0.02)
    box.kill()
    box.broker.come_up()
    box.run(QUIET_S)
    kept = box.numbers()
    assert kept == list(range(len(kept)))
    assert len(kept) >= 150
    (gap,) = box.gaps()
    assert (gap["of_run"], gap["reason"]) == ("run2", "power")
    assert gap["from_seq"] <= len(kept) + 1
    box.stop()


def test_another_versions_file_is_set_aside(box):
    box.stop()
    db = sqlite3.connect(box.folder / FILE)
    db.execute("pragma user_version = 99")
    db.close()
    box.start()
    box.put(1)
    box.run(QUIET_S)
    assert box.numbers() == [1]
    assert (box.folder / ASIDE).exists()


def test_a_fault_of_the_programs_own_on_the_disk_side_does_not_stop_the_messages(box):
    def mistaken(*_):
        raise KeyError("a mistake")

    box.box._saver._store.commit = mistaken
    for n in range(50):
        box.put(n)
        box.run(0.02)
    assert box.numbers() == list(range(50))


def test_a_rotten_file_that_cannot_be_set_aside_stops_nothing(tmp_path):
    box = Box(tmp_path)
    box.put(1)
    box.broker.go_down()
    box.put(2)
    box.run(QUIET_S)
    (box.folder / ASIDE / "in the way").mkdir(parents=True)
    box.box._saver._fail(sqlite3.DatabaseError("database disk image is malformed"), box.now_ns)
    box.put(3)
    box.run(10.0)
    box.broker.come_up()
    box.run(QUIET_S)
    assert set(box.numbers()) >= {1, 2, 3}
    box.stop()
