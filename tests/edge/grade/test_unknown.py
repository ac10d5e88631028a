from hypothesis import given
from hypothesis import strategies as st

from edge.grade.unknown import unknown_score

logits = st.floats(-1e6, 1e6)


def test_what_the_network_is_sure_to_know_is_not_strange() -> None:
    assert unknown_score(10) < 0.001
    assert unknown_score(-10) > 0.999
    assert unknown_score(0) == 0.5


@given(logits, logits)
def test_the_score_is_a_fraction_and_falls_as_the_logit_grows(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 <= unknown_score(high) <= unknown_score(low) <= 1
