"""What the endurance measurement would see if something grew."""

from collections import deque

from sim.conveyor import Limit
from sim.fast import FastRun
from sim.setup import prepare
from tests.evidence.endurance import entries


def test_what_is_added_to_a_queue_or_a_table_of_the_run_is_counted_where_it_lies():
    run = FastRun(prepare("clean", seed=1, limit=Limit(fruit=4), perception="truth"))
    before = entries(run)
    run.line._tracker._left[0].extend(range(100))
    run.board.log.told.update({str(n): None for n in range(20)})
    run.line.standing._stands["code"] = {"figure": 1.0}
    after = entries(run)
    after.subtract(before)
    assert {name: count for name, count in after.items() if count} == {"Tracker": 100, "RecordLog": 20, "Standing": 2}


def test_a_queue_with_a_length_of_its_own_is_left_out():
    assert not entries([deque(range(5), maxlen=9)])[""] - 1
    assert entries([deque(range(5))])[""] == 6
