"""The account of evidence 20 finds what is wrong: it is what says that nothing is."""

from tests.evidence.outbox import GRACE_NS, account

KILLED_NS = 10_000_000_000


def told(numbers, tracks, gaps=(), messages=None):
    return {
        "messages": len(numbers) if messages is None else messages,
        "heard": {"run001": {"tracks": list(numbers)}},
        "tracks": {"run001": list(tracks)},
        "gaps": list(gaps),
    }


def found(tracks=("a", "b"), decided=(), numbers=(1, 2), **more):
    return account(told(numbers, tracks, **more), iter([("run001", dict(decided), KILLED_NS)]))


def test_a_verdict_that_is_missing_is_lost_unless_the_kill_came_at_once():
    decided = {"a": 0, "b": 0, "c": KILLED_NS - GRACE_NS - 1, "d": KILLED_NS - GRACE_NS + 1}
    figures = found(decided=decided)
    assert (figures["verdicts"], figures["lost"], figures["lost_within_50_ms_of_a_kill"]) == (4, 1, 1)


def test_a_number_that_is_missing_is_unmarked_unless_a_gap_says_so():
    gap = {"of_run": "run001", "from_seq": 2, "to_seq": 3, "messages": 2}
    assert found(numbers=(1, 4))["unmarked"] == 2
    assert found(numbers=(1, 4), gaps=[gap])["unmarked"] == 0
    assert found(numbers=(1, 5), gaps=[gap])["unmarked"] == 1


def test_a_fruit_told_of_under_two_numbers_is_a_duplicate_and_a_repeat_of_one_is_not():
    figures = found(tracks=("a", "b", "a"), numbers=(1, 2, 3), messages=5)
    assert (figures["duplicates"], figures["repeats_before_deduplication"]) == (1, 2)


def test_a_backlog_behind_live_fruit_is_in_order_and_a_third_run_of_numbers_is_not():
    assert found(numbers=(1, 2, 6, 3, 7, 4, 5))["disorder"] == 0
    assert found(numbers=(1, 2, 6, 5, 7, 4, 3))["disorder"] == 2
