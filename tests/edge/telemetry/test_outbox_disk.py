"""The outbox on disk: what a kill and a power cut cost, and what they do not."""

import json

import pytest

from edge.telemetry.messages import Message
from edge.telemetry.store import FILE
from tests.edge.telemetry.boxes import Box

QUIET_S = 3.0


@pytest.fixture
def box(tmp_path):
    made = Box(tmp_path)
    yield made
    made.stop()


def test_a_kill_loses_nothing_that_was_put(box):
    box.broker.go_down()
    for n in range(500):
        box.put(n)
        if n % 5 == 0:
            box.run(0.02)
    box.kill()
    box.broker.come_up()
    box.run(QUIET_S)
    assert box.numbers() == list(range(500))
    assert box.gaps() == []


def test_a_kill_between_put_and_any_step_loses_nothing(box):
    for n in range(100):
        box.put(n)
    box.kill()
    box.run(QUIET_S)
    assert box.numbers() == list(range(100))


def test_what_an_earlier_run_left_keeps_its_number_and_goes_behind_what_is_live(box):
    box.broker.go_down()
    for n in range(1_000):
        box.put(n)
    box.run(QUIET_S)
    box.kill()
    box.broker.come_up()
    box.run(0.02)
    box.put(4_711)
    box.run(0.04)
    assert 4_711 in box.numbers()[:100]
    box.run(QUIET_S)
    assert [n for n in box.numbers() if n != 4_711] == list(range(1_000))
    assert {(said["run_id"], said["seq"]) for said in box.said if said["n"] == 999} == {("run1", 1_000)}


def test_a_run_that_ends_well_leaves_what_the_broker_did_not_take_and_no_journal(box):
    box.broker.go_down()
    for n in range(10):
        box.put(n)
    box.stop()
    assert [path.name for path in (box.folder / "journal").iterdir()] == []
    box.start()
    box.broker.come_up()
    box.run(QUIET_S)
    assert box.numbers() == list(range(10))
    assert box.gaps() == []


def test_online_nothing_is_written_to_disk_but_that_a_run_began(box):
    box.run(1.0)
    before = (box.folder / f"{FILE}-wal").stat().st_size
    for n in range(500):
        box.put(n)
        box.run(0.02)
    assert (box.folder / f"{FILE}-wal").stat().st_size == before
    assert len(box.numbers()) == 500


def test_a_power_cut_costs_at_most_the_last_interval_and_is_marked(box):
    box.broker.go_down()
    for n in range(500):
        box.put(n)
        box.run(0.02)
    box.power_cut()
    box.broker.come_up()
    box.run(QUIET_S)
    kept = box.numbers()
    assert kept == list(range(len(kept)))
    assert len(kept) >= 500 - 1.0 / 0.02 - 1
    (gap,) = box.gaps()
    assert (gap["of_run"], gap["reason"], gap["to_seq"], gap["messages"]) == ("run1", "power", None, None)
    assert gap["from_seq"] <= len(kept) + 1


def test_a_commit_is_on_the_disk_when_it_returns(box):
    """The pragmas that make it so (sqlite.org/wal.html, pragma synchronous): the tests' power cut relies on them."""
    box.run(1.0)
    db = box.box._saver._store._db
    assert db.execute("pragma journal_mode").fetchone() == ("wal",)
    assert db.execute("pragma synchronous").fetchone() == (2,)


def test_a_fruit_that_was_decided_is_told_of_by_the_next_run_where_its_own_was_killed(box):
    box.draft(7, "fruit-7")
    box.draft(8, "fruit-8")
    box.put(8, settles="fruit-8")
    box.kill()
    box.run(QUIET_S)
    assert sorted(box.numbers()) == [7, 8]
    assert [said["run_id"] for said in box.said if said["n"] == 7] == ["run2"]


@pytest.mark.parametrize("seconds", [0.3, 0.8, 2.0])
def test_a_draft_that_was_settled_is_never_told(box, seconds):
    box.draft(7, "fruit-7")
    box.run(seconds)
    box.put(7, settles="fruit-7")
    box.run(0.3)
    box.kill()
    box.run(QUIET_S)
    box.kill()
    box.run(QUIET_S)
    assert {(said["run_id"], said["seq"]) for said in box.said if said.get("n") == 7} == {("run1", 1)}


def test_a_draft_outlives_a_power_cut(box):
    box.draft(7, "fruit-7")
    box.run(2.0)
    box.power_cut()
    box.run(QUIET_S)
    assert box.numbers() == [7]


def test_a_day_without_a_broker_costs_nothing_and_memory_holds_a_second_of_it(box):
    box.broker.go_down()
    for n in range(2_000):
        box.put(n)
        box.run(0.1)
        assert len(box.box._shared.traffic.young) <= 12
    assert box.box.counts().queued == 2_000
    box.broker.come_up()
    box.run(2_000 / 500 + 1)
    assert box.numbers() == list(range(2_000))


def test_a_greeting_that_was_on_its_way_at_a_kill_is_marked_as_perhaps_lost(box):
    first, last = (box.writer.header()["seq"] for _ in range(2))
    box.box.greeting(first, last)
    box.kill()
    box.run(1.0)
    (gap,) = box.gaps()
    assert (gap["of_run"], gap["reason"], gap["from_seq"], gap["to_seq"]) == ("run1", "killed", 1, 2)


def test_a_greeting_that_arrived_is_no_gap(box):
    box.box.greeting(1, 2)
    box.box.greeting(0, 0)
    box.kill()
    box.run(1.0)
    assert box.gaps() == []


def test_a_state_that_was_replaced_on_disk_keeps_nothing_from_being_sent(box):
    box.broker.go_down()
    for n in range(20):
        payload = json.dumps({"run_id": "run1", "seq": n + 1, "schema": "sorter.info/1", "n": n}).encode()
        box.box.put(Message("info", "sorter/v1/desk/demo/info", payload, True, "run1", n + 1))
        box.run(2.5)
    box.broker.come_up()
    box.put(99)
    box.run(QUIET_S)
    assert box.numbers() == [19, 99]
    box.broker.go_down()
    box.run(0.1)
    box.put(100)
    box.broker.come_up()
    box.run(QUIET_S)
    assert box.numbers() == [19, 99, 100]
