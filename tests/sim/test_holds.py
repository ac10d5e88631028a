from sim.conveyor import Item
from sim.faults import Faults, FaultSpan
from sim.holds import Holds
from sim.motion import Belt
from tests.sim.worlds import fruit


def held(name, lane=0, pitch_mm=100.0):
    """Thirty fruit of a lane on a belt of 100 mm/s, with a fault from 10 to 20 s."""
    holds = Holds(Faults([FaultSpan(name=name, from_s=10, to_s=20)]), Belt(100, 0), first_gate_mm=640)
    items = [Item(n, fruit(lane=lane, number=n), n * pitch_mm) for n in range(30)]
    return items, [holds.befall(item) for item in items]


def test_a_fruit_that_sticks_stands_alone_from_then_until_it_is_over_and_goes_on_with_the_belt():
    items, kept = held("fruit-stuck")
    (n,) = [n for n, one in enumerate(kept) if one]
    assert items[n].x_mm(1_100) == items[n].x_mm(2_000) == 250
    assert items[n].x_mm(2_050) == 300
    assert items[n].travel_mm(300) == 2_050
    assert items[n].travel_mm(200) == n * 100 + 200


def test_in_a_jam_each_stops_behind_the_one_before_and_all_move_on_at_once():
    items, kept = held("lane-jam")
    first, second, third = [item for item, one in zip(items, kept, strict=True) if one][:3]
    assert [item.x_mm(1_999) for item in (first, second, third)] == [560, 500, 440]
    assert [item.x_mm(2_100) for item in (first, second, third)] == [660, 600, 540]


def test_what_was_past_the_place_before_and_what_comes_after_is_not_kept():
    items, kept = held("lane-jam")
    assert not kept[0]
    assert items[0].x_mm(5_000) == 5_000
    assert not kept[-1]


def test_other_lanes_run_on():
    assert not any(held("lane-jam", lane=1)[1])
