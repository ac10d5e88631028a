"""The look budget by hand: a line that is told when its frames come and how many looks are due."""

import numpy as np

from edge.datapath import Detection, Frame, Look
from edge.detect.tracks import Followed
from edge.incidents import Told
from edge.overload import LookBudget
from tests.edge.profiles import demo

PROFILE = demo()
FRAME_NS = round(1e9 / PROFILE.camera.frames_hz)
AGE_NS = 8_000_000
FEWEST = PROFILE.grade.fewest_looks
STEP_UM = 20_000
PIXELS = np.zeros((1, 1, 3), np.uint8)
SEEN = Detection((0, 0, 1, 1), 100.0, 100.0, 60.0, 60.0, False, PIXELS, PIXELS[..., 0])


def fruit(number: int, looks: int = 0, belt_um: int = 0) -> Followed:
    followed = Followed(f"r.{number}", 0, belt_um, SEEN)
    followed.looks = [Look(followed.track_id, n, 1.0, (0.0, 0.0, 1.0, 0.0), 0.0) for n in range(looks)]
    return followed


def steps(budget: LookBudget, n: int, took_ns: int, due: int, begin_ns: int = 0, looks: int = 0) -> int:
    """So many steps of one length, each with so many looks due of fruit that have had some; returns when they end.
    The camera delivers a frame each period; the newest is taken when the step before is over."""
    now_ns, chosen = begin_ns, 0
    for _ in range(n):
        number = now_ns // FRAME_NS
        budget.frame(now_ns, Frame("c", number, number * FRAME_NS - AGE_NS, PIXELS), number * STEP_UM)
        chosen = len(choose(budget, [fruit(i, looks) for i in range(due)]))
        now_ns += max(took_ns, FRAME_NS)
    budget.last = chosen
    return now_ns


def choose(budget: LookBudget, followed: list[Followed]) -> list[Followed]:
    return [one for one, _ in budget.choose([(f, SEEN) for f in followed], 0, lambda _: 400_000)]


def overloaded(looks: int = 0) -> LookBudget:
    budget = LookBudget(PROFILE)
    steps(budget, 12, round(3 * budget.longest_ns), due=20, looks=looks)
    return budget


def test_a_line_in_time_makes_every_look_that_is_due():
    budget = LookBudget(PROFILE)
    steps(budget, 20, FRAME_NS // 2, due=20, looks=FEWEST)
    assert len(choose(budget, [fruit(n, FEWEST) for n in range(20)])) == 20


def test_where_frames_wait_further_looks_go_first_and_needed_ones_stay():
    budget = LookBudget(PROFILE)
    took_ns = round(1.5 * FRAME_NS)
    assert took_ns < budget.longest_ns
    steps(budget, 40, took_ns, due=20, looks=FEWEST)
    needy, served = [fruit(n) for n in range(10)], [fruit(n, FEWEST) for n in range(10, 20)]
    chosen = choose(budget, served + needy)
    assert set(needy) <= set(chosen)
    assert len(chosen) < 20
    assert not any(budget.sheds(one, 0) for one in needy)


def test_a_step_that_grows_too_long_costs_needed_looks_and_the_fruit_without_is_shed_once():
    budget = overloaded()
    fresh = [fruit(n) for n in range(20)]
    chosen = choose(budget, fresh)
    assert 1 <= len(chosen) < 10
    assert {one.track_id for one in fresh if one not in chosen} <= {
        one.track_id for one in fresh if budget.sheds(one, 0)
    }
    assert not any(budget.sheds(one, 0) for one in fresh)


def test_what_is_begun_is_finished_before_anything_new_is_begun():
    budget = overloaded()
    begun, new = fruit(50, looks=1), [fruit(n) for n in range(20)]
    assert choose(budget, [*new, begun])[0] is begun


def test_a_fruit_that_cannot_be_finished_gets_no_look():
    budget = overloaded()
    hopeless, hopeful = fruit(1), fruit(2)
    due = [(f, SEEN) for f in [hopeless, *[fruit(n) for n in range(60, 80)], hopeful]]
    leaves_um = {hopeless.track_id: 1_000, hopeful.track_id: 420_000}
    chosen = [one for one, _ in budget.choose(due, 0, lambda one: leaves_um.get(one.track_id, 400_000))]
    assert hopeful in chosen
    assert hopeless not in chosen


def test_a_fruit_that_had_all_it_needed_is_not_shed_though_it_had_to_wait():
    budget = overloaded()
    late = fruit(0)
    choose(budget, [late, *[fruit(n) for n in range(1, 20)]])
    late.looks = fruit(0, FEWEST).looks
    assert not budget.sheds(late, 0)


def test_all_looks_are_made_again_soon_after_the_load_has_fallen():
    budget = overloaded()
    begin_ns = 10_000_000_000
    end_ns = steps(budget, 25, FRAME_NS // 2, due=20, begin_ns=begin_ns)
    assert budget.last == 20
    assert end_ns - begin_ns < 1_000_000_000


def test_the_feed_is_held_back_from_the_first_fruit_that_is_shed_until_none_was_for_a_second():
    budget = overloaded()
    assert not budget.news(0)
    waiting = [fruit(n) for n in range(20)]
    one = next(one for one in waiting if one not in choose(budget, waiting))
    assert budget.sheds(one, 1_000)
    (first,) = budget.news(1_000)
    assert first == Told("overload", True, {"shed": 1})
    assert not budget.news(900_000_000)
    (last,) = budget.news(1_000_001_000)
    assert not last.raised


def test_a_camera_that_was_silent_is_no_step_that_was_slow():
    budget = LookBudget(PROFILE)
    begin_ns = steps(budget, 20, FRAME_NS // 2, due=4)
    number = begin_ns // FRAME_NS + 45
    late_ns = number * FRAME_NS + FRAME_NS // 2  # the first frame after a silence waits
    budget.frame(late_ns, Frame("c", number, number * FRAME_NS - AGE_NS, PIXELS, lost=45), number * STEP_UM)
    assert budget.step_ns < 2 * FRAME_NS
    assert len(choose(budget, [fruit(n) for n in range(20)])) == 20
