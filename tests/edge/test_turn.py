"""When a machine may start anew for another bundle."""

from edge.turn import Turn

S = 1_000_000_000


def test_without_a_wish_it_never_does() -> None:
    assert not Turn(S).is_due(100 * S, "", 0)


def test_a_bundle_to_try_waits_until_the_belt_has_been_clear() -> None:
    turn = Turn(3 * S)
    assert [turn.is_due(n * S, "soon", looks) for n, looks in enumerate((1, 2, 2, 2, 3, 3, 3, 3))] == [False] * 7 + [
        True
    ]


def test_a_bundle_that_is_taken_back_goes_at_once() -> None:
    assert Turn(3 * S).is_due(0, "now", 5)
