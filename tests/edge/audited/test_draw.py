from hypothesis import given
from hypothesis import strategies as st

from edge.audited.draw import Sampling, drawn, key_of_run

KEY = key_of_run(b"a machine's own secret", "run")
TRACKS = [f"run.{n}" for n in range(20_000)]


def share(sampling: Sampling) -> float:
    return sum(drawn(sampling, track) for track in TRACKS) / len(TRACKS)


@given(st.sampled_from([0.0, 0.01, 0.1, 0.5]))
def test_so_many_are_drawn_as_the_share_says(asked: float) -> None:
    assert abs(share(Sampling(asked, KEY)) - asked) <= 4 * (asked * (1 - asked) / len(TRACKS)) ** 0.5


def test_whoever_is_drawn_is_drawn_at_every_higher_share_too() -> None:
    few, many = ({t for t in TRACKS if drawn(Sampling(asked, KEY), t)} for asked in (0.02, 0.05))
    assert few < many


def test_another_run_or_machine_draws_others() -> None:
    keys = (KEY, key_of_run(b"a machine's own secret", "other"), key_of_run(b"another", "run"))
    first, *others = ({t for t in TRACKS if drawn(Sampling(0.1, key), t)} for key in keys)
    for other in others:
        assert abs(len(first & other) - 0.01 * len(TRACKS)) < 60
