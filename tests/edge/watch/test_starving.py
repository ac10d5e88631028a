from edge.watch.starving import Starving

MS = 1_000_000


def after(*steps):
    """Whether it is starved after each of some (how many, took ms, computed ms)."""
    starving, found = Starving(), []
    for many, took_ms, computed_ms in steps:
        for _ in range(many):
            starving.stepped(took_ms * MS, computed_ms * MS)
        found.append(starving.starved())
    return found


def test_steps_that_compute_for_all_of_their_time_are_not_starved_however_long_they_are():
    assert after((60, 10, 10), (60, 100, 95)) == [False, False]


def test_a_thread_that_computes_half_of_its_time_is_starved_within_two_seconds_and_well_again_after_two():
    assert after((60, 10, 10), (60, 20, 10), (60, 10, 10)) == [False, True, False]


def test_one_long_wait_says_nothing_before_there_are_two_seconds_of_steps():
    assert after((1, 500, 5), (58, 10, 10)) == [False, False]


def test_a_share_about_the_limit_does_not_flutter():
    assert after((60, 10, 5), (60, 10, 7), (60, 10, 8)) == [True, True, False]
