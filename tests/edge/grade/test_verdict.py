import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.bundle import Thresholds
from edge.datapath import BELT_END, LABELS, Look, Track
from edge.grade.verdict import Policy, decide, fuse, settled
from tests.edge.profiles import demo

THRESHOLDS = Thresholds(least_confidence=0.6, most_unknown=0.5, damaged=0.5)
POLICY = Policy.of(demo(), THRESHOLDS, "test@0")


def look(green=0.0, turning=0.0, red=0.0, damaged=0.0, unknown=0.0, sharpness=1.0) -> Look:
    return Look("r.1", 1, sharpness, (green, turning, red, damaged), unknown)


def track(*looks: Look) -> Track:
    return Track("r.1", 0, 0, 100.0, 60.0, looks)


def verdict(*looks: Look, crowded=False):
    return decide(track(*looks), crowded, POLICY, 5)


shares = st.lists(st.floats(0.01, 1), min_size=4, max_size=4).map(lambda v: [x / sum(v) for x in v])
looks = st.builds(lambda s, u, w: look(*s, unknown=u, sharpness=w), shares, st.floats(0, 1), st.floats(0, 9))


@given(st.lists(looks, min_size=1, max_size=20))
def test_fused_scores_are_probabilities_and_damage_is_the_worst_look(many):
    fused = fuse(many)
    assert sum(fused.scores) == pytest.approx(1)
    assert all(-1e-9 <= s <= 1 + 1e-9 for s in fused.scores)
    assert fused.scores[LABELS.index("damaged")] == max(k.scores[3] for k in many)
    low, high = min(k.unknown_score for k in many), max(k.unknown_score for k in many)
    assert low - 1e-9 <= fused.unknown_score <= high + 1e-9


def test_damage_seen_in_one_look_counts():
    assert verdict(*[look(red=1.0)] * 11, look(red=0.1, damaged=0.9)).label == "damaged"


def test_a_look_that_is_all_damage_does_not_turn_ripeness():
    fused = fuse([look(green=0.45, damaged=0.55), look(damaged=1.0)])
    assert fused.scores[LABELS.index("damaged")] == 1.0


def test_ripeness_is_averaged_so_one_odd_look_does_not_decide():
    assert verdict(*[look(red=0.9, turning=0.1)] * 4, look(green=1.0)).label == "red"


def test_a_sharper_look_weighs_more():
    soft, sharp = look(green=1.0, sharpness=1.0), look(red=1.0, sharpness=3.0)
    assert fuse([soft, sharp]).scores[LABELS.index("red")] == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        (verdict(*[look(red=1.0)] * 3), "graded"),
        (verdict(*[look(red=1.0)] * 2), "doubtful"),
        (verdict(*[look(red=0.55, turning=0.45)] * 3), "doubtful"),
        (verdict(*[look(red=1.0, unknown=0.9)] * 3), "unknown"),
        (verdict(*[look(red=1.0)] * 3, crowded=True), "crowded"),
        (verdict(), "doubtful"),
    ],
)
def test_only_a_graded_fruit_leaves_the_belt_before_its_end(case, reason):
    assert case.reason == reason
    assert (case.outlet == BELT_END) == (reason != "graded")


def test_the_profile_may_ask_for_more_confidence_than_the_bundle():
    strict = Policy.of(demo(grade={"least_confidence": 0.99}), THRESHOLDS, "test@0")
    assert decide(track(*[look(red=0.9, turning=0.1)] * 3), False, strict, 5).reason == "doubtful"


def test_fused_scores_are_the_same_to_the_bit_on_every_python():
    # Python 3.12 changed how `sum` rounds floats: a run recorded on 3.11 would come out otherwise.
    seen = [
        look(0.62, 0.74, 0.8, 0.94, sharpness=0.84),
        look(0.92, 0.03, 0.47, 0.94, sharpness=0.75),
        look(0.9, 0.11, 0.47, 0.25, sharpness=0.64),
    ]
    assert [score.hex() for score in fuse(seen).scores] == [
        "0x1.a219f76603ddcp-6",
        "0x1.b0445ab381323p-7",
        "0x1.5cce18b0df613p-6",
        "0x1.e147ae147ae14p-1",
    ]


known = st.builds(lambda s, u, w: look(*s, unknown=u, sharpness=w), shares, st.floats(0, 0.25), st.floats(0, 9))


rotten = st.builds(lambda d, w: look(red=1 - d, damaged=d, sharpness=w), st.floats(0.5, 1), st.floats(0, 9))


@given(st.lists(known, min_size=2, max_size=8), rotten, st.lists(known, max_size=8))
def test_once_a_fruit_is_settled_no_further_look_at_it_changes_its_verdict(first, seen, more):
    first = [*first, seen]
    assert settled(first, POLICY)
    now, later = verdict(*first), verdict(*first, *more)
    assert (now.label, now.outlet, now.reason) == (later.label, later.outlet, later.reason)


@pytest.mark.parametrize(
    "unsettled",
    [
        [look(damaged=1.0)] * (POLICY.fewest_looks - 1),
        [look(red=1.0)] * 12,
        [look(damaged=1.0, unknown=0.3)] * 12,
    ],
    ids=["seen too seldom", "sound so far", "half strange"],
)
def test_a_fruit_whose_next_look_might_tell_another_story_is_not_settled(unsettled):
    assert not settled(unsettled, POLICY)
