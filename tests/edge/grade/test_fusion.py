import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from edge.bundle import Fusion, Thresholds
from edge.datapath import LABELS, Look, Track
from edge.grade.fusion import Judge, fuse
from edge.grade.verdict import Policy, decide, settled
from tests.edge.profiles import demo

ROWS = (
    {
        "looks": 1,
        "scale": 0.9,
        "offset": -0.3,
        "damaged": 0.8,
        "least": {"green": 0.1, "turning": 0.1, "red": 0.1, "damaged": 0.1},
    },
    {
        "looks": 4,
        "scale": 1.4,
        "offset": -0.1,
        "damaged": 0.7,
        "least": {"green": 0.2, "turning": 0.2, "red": 0.3, "damaged": 0.2},
    },
    {
        "looks": 12,
        "scale": 1.8,
        "offset": 0.1,
        "floor": 0.02,
        "damaged": 0.6,
        "least": {"green": 0.3, "turning": 0.3, "red": 0.4, "damaged": 0.3},
    },
)
EVEN = dict.fromkeys(LABELS, 0.25)


def fusion(**changes: Any) -> Fusion:
    given_ = {"peak": 0.5, "ripeness": 2.0, "mix": EVEN, "promise": 0.05, "promised": {}, "at": ROWS}
    return Fusion.model_validate(given_ | changes)


def thresholds(**changes: Any) -> Thresholds:
    return Thresholds(least_confidence=0.5, most_unknown=0.5, damaged=0.9, fusion=fusion(**changes))


JUDGE = Judge.of(thresholds())


def look(red: float, damaged: float, unknown: float = 0.0, sharpness: float = 1.0) -> Look:
    sound = 1 - damaged
    return Look("r.1", 1, sharpness, (0.0, sound * (1 - red), sound * red, damaged), unknown)


looks = st.builds(look, st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 9))
many_looks = st.lists(looks, min_size=1, max_size=16)


@given(many_looks)
def test_fused_chances_add_up_to_one_and_strangeness_stays_within_the_looks(many):
    fused = JUDGE.fuse(many)
    assert math.fsum(fused.scores) == pytest.approx(1)
    assert all(0 <= score <= 1 for score in fused.scores)
    strange = [one.unknown_score for one in many]
    assert min(strange) - 1e-9 <= fused.unknown_score <= max(strange) + 1e-9


@given(many_looks, st.randoms())
def test_the_order_of_the_looks_does_not_matter(many, random):
    shuffled = random.sample(many, len(many))
    there, here = JUDGE.fuse(many), JUDGE.fuse(shuffled)
    assert there.scores[3] == here.scores[3]
    assert there.scores == pytest.approx(here.scores)
    assert there.unknown_score == pytest.approx(here.unknown_score)


@given(many_looks, st.integers(0, 15), st.floats(0, 1))
def test_a_look_that_shows_more_damage_never_makes_damage_less_likely(many, which, more):
    which %= len(many)
    one = many[which]
    worse = look(0.5, one.scores[3] + more * (1 - one.scores[3]), one.unknown_score, one.sharpness)
    changed = [*many[:which], worse, *many[which + 1 :]]
    assert JUDGE.fuse(changed).scores[3] >= JUDGE.fuse(many).scores[3] - 1e-12


@given(many_looks, st.floats(0, 1))
def test_another_look_of_damage_never_lowers_what_the_looks_say_together(many, more):
    flat = Judge.of(thresholds(at=(ROWS[0],)))  # the same table for every number of looks
    worst = max(one.scores[3] for one in many)
    added = [*many, look(0.5, worst + more * (1 - worst))]
    assert flat.fuse(added).scores[3] >= flat.fuse(many).scores[3] - 1e-12


@given(st.floats(0.01, 0.99), st.integers(1, 15))
def test_one_look_of_damage_counts_less_among_more_that_show_none(damage, others):
    flat = Judge.of(thresholds(at=(ROWS[0],)))
    seen, sound = look(1.0, damage), look(1.0, 0.001)
    fewer, more = [seen, *[sound] * others], [seen, *[sound] * (others + 1)]
    assert flat.fuse(more).scores[3] <= flat.fuse(fewer).scores[3] + 1e-12


def test_without_a_fusion_the_looks_are_fused_as_they_are():
    plain = Judge.of(Thresholds(least_confidence=0.5, most_unknown=0.5, damaged=0.9))
    many = [look(0.9, 0.2), look(0.5, 0.7, unknown=0.4)]
    assert plain.fuse(many) == fuse(many)
    assert plain.fuse(many).scores[3] == 0.7


def test_one_odd_look_does_not_make_a_fruit_strange():
    assert JUDGE.fuse([*[look(1.0, 0.0)] * 7, look(1.0, 0.0, unknown=1.0)]).unknown_score == 0.0


@given(st.integers(1, 64))
def test_between_two_rows_a_number_of_looks_has_what_lies_between_them(count):
    row = JUDGE.at(count)
    under = max((r for r in ROWS if r["looks"] <= count), key=lambda r: r["looks"])
    over = min((r for r in ROWS if r["looks"] >= count), key=lambda r: r["looks"], default=ROWS[-1])
    assert row.looks == count
    for key in ("scale", "offset", "damaged"):
        low, high = sorted((under[key], over[key]))
        assert low - 1e-9 <= getattr(row, key) <= high + 1e-9
    assert set(row.least) == set(LABELS)


def test_rows_that_do_not_rise_are_refused():
    with pytest.raises(ValidationError, match="must rise"):
        fusion(at=ROWS[::-1])


def test_a_mix_of_something_else_is_refused():
    with pytest.raises(ValidationError, match="name grades"):
        fusion(mix={"pear": 1.0})


def test_a_label_is_sure_only_while_every_other_grade_is_ruled_out():
    grades = JUDGE.fuse([look(0.99, 0.5)] * 4)
    assert grades.scores[3] >= 0.2
    assert not JUDGE.sure(grades, "red", 4)
    assert JUDGE.sure(JUDGE.fuse([look(0.99, 0.001)] * 4), "red", 4)


def test_of_a_grade_that_the_bundle_promises_nothing_of_no_fruit_is_sure():
    judge = Judge.of(thresholds(at=({**ROWS[0], "least": {"green": 0.1, "turning": 0.1, "red": 0.1}},)))
    certain = judge.fuse([look(1.0, 0.0)] * 4)
    assert not judge.sure(certain, "red", 4)
    assert not Judge.of(Thresholds(least_confidence=0.5, most_unknown=0.5, damaged=0.9)).sure(certain, "red", 4)


rotten = st.builds(look, st.floats(0, 1), st.floats(0.5, 1), st.floats(0, 0.2), st.floats(0, 9))
calm = st.builds(look, st.floats(0, 1), st.floats(0, 1), st.floats(0, 0.2), st.floats(0, 9))


@given(st.lists(rotten, min_size=3, max_size=8), st.lists(calm, max_size=4), st.booleans())
def test_a_settled_fruit_keeps_its_verdict_whatever_comes(first, more, promise):
    policy = Policy.of(demo(grade={"promise": promise}), thresholds(), "test@0")
    if settled(first, policy):
        now, later = (
            decide(Track("r.1", 0, 0, 100.0, 60.0, tuple(s)), False, policy, 5) for s in (first, first + more)
        )
        assert (now.label, now.outlet, now.reason) == (later.label, later.outlet, later.reason)
        assert now.label == "damaged"


def test_damage_that_all_looks_show_is_settled():
    assert settled([look(0.5, 0.999)] * 8, Policy.of(demo(), thresholds(), "test@0"))
    assert not settled([look(0.5, 0.5)] * 11, Policy.of(demo(), thresholds(), "test@0"))
