from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sim.conveyor import FEED_MM, Feed, Item, Limit
from sim.motion import Belt
from sim.scenario import Rush
from sim.truth import FruitDraws
from tests.edge.profiles import demo
from tests.sim.worlds import START_NS, PlainSkin, fruit, scenario, skins


def feed(limit: Limit, name: str = "clean", seed: int = 1) -> Feed:
    chosen = scenario(name)
    return Feed(FruitDraws(demo(), chosen, seed, skins()), 2, chosen.feed.carried_mm, 600.0, limit)


def by_lane(items: list[Item]) -> list[list[Item]]:
    return [[item for item in items if item.lane == lane] for lane in range(2)]


def gap_mm(a: Item, b: Item) -> float:
    return b.origin_mm - a.origin_mm - (a.truth.length_mm + b.truth.length_mm) / 2


def test_clean_fruit_keep_35_mm_between_their_bodies():
    for lane in by_lane(list(feed(Limit(fruit=400)).until(1e9))):
        assert min(gap_mm(a, b) for a, b in pairwise(lane)) >= 35 - 1e-9


def test_clean_feeds_five_fruit_a_second_and_lane():
    fed = feed(Limit(fruit=1000))
    list(fed.until(1e9))
    assert abs(1000 / (fed.fed_mm / 600) / 2 - 5) < 0.15


def test_crowded_has_fruit_that_touch_and_they_travel_as_one():
    lane = by_lane(list(feed(Limit(fruit=400), "crowded").until(1e9)))[0]
    pairs = list(pairwise(lane))
    touching = [
        (a, b) for a, b in pairs if b.origin_mm - a.origin_mm <= (a.truth.length_mm + b.truth.length_mm) / 2 + 1e-6
    ]
    assert len(touching) > 10
    assert all(a.truth.slip == b.truth.slip for a, b in touching)


def test_each_round_holds_the_four_grades_in_equal_parts():
    lane = by_lane(list(feed(Limit(fruit=400)).until(1e9)))[1]
    rounds = [sorted(item.label for item in lane[n : n + 4]) for n in range(0, 100, 4)]
    assert all(labels == ["damaged", "green", "red", "turning"] for labels in rounds)
    assert len({tuple(item.label for item in lane[n : n + 4]) for n in range(0, 100, 4)}) > 5


def test_the_feed_stops_at_its_count_and_numbers_fruit_in_their_order():
    fed = feed(Limit(fruit=25))
    items = list(fed.until(1e9))
    assert [item.number for item in items] == list(range(25))
    assert [item.origin_mm for item in items] == sorted(item.origin_mm for item in items)
    assert fed.ended


def test_the_feed_stops_at_its_second():
    fed = feed(Limit(seconds=10))
    items = list(fed.until(1e9))
    assert fed.ended
    assert max(item.origin_mm for item in items) + FEED_MM <= 6_000
    assert abs(len(items) - 100) <= 10


def test_fruit_lie_on_the_belt_when_it_starts():
    carried = list(feed(Limit()).until(0.0))
    assert carried and min(item.origin_mm for item in carried) < 0


def test_asking_often_feeds_the_same_as_asking_once():
    often, once = feed(Limit(fruit=60)), feed(Limit(fruit=60))
    items = [item for travel in range(0, 10_000, 7) for item in often.until(travel)]
    assert [(i.number, i.origin_mm, i.lane) for i in items] == [
        (i.number, i.origin_mm, i.lane) for i in once.until(10_000)
    ]


@given(st.floats(-500, 2_000), st.floats(-0.006, 0.006), st.floats(-1_000, 1e6))
def test_place_and_travel_are_each_others_inverse(x_mm, slip, origin_mm):
    item = Item(0, fruit(slip=slip), origin_mm)
    assert abs(item.x_mm(item.travel_mm(x_mm)) - x_mm) < 1e-6


@given(st.integers(0, 10**13), st.floats(10, 3_000))
def test_instant_and_travel_are_each_others_inverse(after_ns, speed):
    belt = Belt(speed, START_NS)
    assert abs(belt.at_ns(belt.travel_mm(START_NS + after_ns)) - START_NS - after_ns) <= 2


def test_a_fruit_that_rolls_shows_its_views_in_order():
    item = Item(0, fruit(turns_per_mm=1 / 400, phase=0.5), 0.0)
    assert [item.view(x_mm) for x_mm in (0, 100, 200, 300, 399)] == [2, 3, 0, 1, 1]


def test_damage_faces_the_camera_only_where_the_fruit_turns_it_up():
    item = Item(0, fruit(skin=PlainSkin("damaged"), turns_per_mm=1 / 400, phase=0.25), 0.0)
    assert not item.shows_damage(0, 290)
    assert item.shows_damage(0, 310)
    assert item.shows_damage(0, 4_000)


def test_in_a_rush_fruit_come_so_many_times_as_often_and_keep_their_gap():
    chosen = scenario("dense").model_copy(update={"rush": (Rush(from_s=2, to_s=8, feed=1.5),)})
    draws = FruitDraws(demo(), chosen, 1, skins())
    fed = Feed(draws, 1, chosen.feed.carried_mm, 1000.0, Limit(seconds=10))
    items = list(fed.until(1e9))
    rush = [item for item in items if 2_000 < item.origin_mm + chosen.feed.carried_mm < 8_000]
    assert 6 * 15 * 1.4 < len(rush) < 6 * 15 * 1.6
    assert min(gap_mm(a, b) for a, b in pairwise(items)) >= chosen.feed.gap_mm - 1e-9


def test_fruit_that_are_held_back_are_fed_later_and_all_of_them():
    held, free = feed(Limit(seconds=20)), feed(Limit(seconds=20))
    first = list(held.until(3_000.0))
    held.hold(True, 3_000.0)
    assert list(held.until(5_000.0)) == []
    held.hold(True, 5_000.0)
    held.hold(False, 5_400.0)
    rest = list(held.until(1e9))
    assert rest[0].origin_mm + FEED_MM > 5_400.0
    expected = list(free.until(1e9))
    assert [(i.lane, i.truth.number, i.truth.length_mm) for i in first + rest] == [
        (i.lane, i.truth.number, i.truth.length_mm) for i in expected
    ]
    late_mm = [a.origin_mm - b.origin_mm for a, b in zip(first + rest, expected, strict=True)]
    assert late_mm[: len(first)] == [0.0] * len(first)
    assert all(abs(mm - 2_400.0) < 1e-6 for mm in late_mm[len(first) :])
