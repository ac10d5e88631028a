"""Thresholds on made-up passages whose truth is known: looks at damaged fruit show damage in some of them."""

import numpy as np
import pytest

from edge.bundle import Thresholds
from edge.datapath import LABELS, Look
from edge.grade.fusion import Judge, chance_of, fuse
from training.calibrating import even_weights, logistic
from training.choosing import choose
from training.figures import decided_as
from training.passages import Passage, shortened


def passages(fruit: int, seed: int, source: str = "builtin", looks: int = 12, sides: int = 12) -> list[Passage]:
    """Fruit of each grade. A quarter of a damaged fruit's looks show it; sound looks seem a little damaged at times."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(fruit * len(LABELS)):
        grade = LABELS[number % len(LABELS)]
        ripe = LABELS.index(grade) if grade != "damaged" else int(rng.integers(3))
        seen = []
        for side in range(looks):
            shows = grade == "damaged" and rng.random() < 1 / 4
            damage = chance_of(rng.normal(3.0 if shows else -3.0, 1.5))
            share = rng.dirichlet([1.0 + 12.0 * (n == ripe) for n in range(3)])
            seen.append(Look("", side % sides, 1.0, (*((1 - damage) * share), damage), 0.02))
        looks_ = tuple(seen)
        found.append(Passage(source, f"{source}-{number}", grade, fuse(looks_), None, looks_))
    return found


@pytest.fixture(scope="module")
def chosen() -> Thresholds:
    return choose(passages(100, 1) + passages(5, 2, "other"), 0.005)


def test_with_any_number_of_looks_few_sound_fruit_are_called_damaged(chosen: Thresholds) -> None:
    fresh = shortened(passages(200, 3), (1, 2, 3, 4, 8, 12))
    rates = []
    for played in fresh.values():
        sound = [one for one in played if one.grade != "damaged"]
        rates.append(sum(decided_as(one, chosen) == "damaged" for one in sound) / len(sound))
    assert max(rates) <= 0.03


def test_uncorrected_the_highest_look_of_many_is_a_false_alarm_far_more_often() -> None:
    fresh = shortened([one for one in passages(200, 3) if one.grade != "damaged"], (1, 12))
    highest = {looks: [one.fused.scores[3] for one in played] for looks, played in fresh.items()}
    level = float(np.quantile(highest[1], 0.99))
    assert np.mean(np.array(highest[12]) > level) > 0.05


def test_more_looks_find_more_damage(chosen: Thresholds) -> None:
    curve = shortened([one for one in passages(100, 4) if one.grade == "damaged"])
    found = [np.mean([decided_as(one, chosen) == "damaged" for one in played]) for played in curve.values()]
    assert found == sorted(found)
    assert found[-1] > found[0] + 0.3


def test_a_chance_of_damage_is_right_as_often_as_it_says(chosen: Thresholds) -> None:
    played = passages(250, 5)
    judge = Judge.of(chosen)
    chances = np.array([one.grades(judge).scores[3] for one in played])
    damaged = np.array([one.grade == "damaged" for one in played])
    assert chances.mean() == pytest.approx(damaged.mean(), abs=0.03)
    for low, high in ((0.0, 0.2), (0.8, 1.01)):
        inside = (chances >= low) & (chances < high)
        assert damaged[inside].mean() == pytest.approx(chances[inside].mean(), abs=0.06)


def test_the_source_with_most_false_alarms_sets_the_level() -> None:
    calm = passages(60, 6)
    loud = [one for one in passages(60, 7, "loud") if one.grade != "damaged"]
    noisy = []
    for one in loud:
        looks = tuple(
            Look("", n, 1.0, (0.2, 0.2, 0.2, 0.4) if n == 0 else k.scores, 0.0) for n, k in enumerate(one.looks)
        )
        noisy.append(Passage(one.source, one.fruit, one.grade, fuse(looks), None, looks))
    chosen = choose(calm + noisy, 0.005)
    assert np.mean([decided_as(one, chosen) == "damaged" for one in noisy]) <= 0.02


def test_photographs_without_a_turn_count_at_one_look_alone() -> None:
    still = passages(5, 8, "ageing", sides=1)
    assert {looks: len(played) for looks, played in shortened(still).items()} == {1: 20, 2: 0, 4: 0, 8: 0}
    assert choose(passages(40, 1) + still, 0.005).fusion is not None


def test_without_passages_that_turn_there_is_no_fusion() -> None:
    found = choose(passages(20, 9, "ageing", sides=1), 0.005)
    assert found.fusion is None
    assert 0 < found.damaged < 1


def test_the_logistic_fit_finds_what_made_the_data() -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(0, 2, 20_000)
    yes = rng.random(20_000) < 1 / (1 + np.exp(-(1.5 * values - 0.7)))
    scale, offset = logistic(values, yes, np.full(20_000, 1 / 20_000))
    assert (scale, offset) == (pytest.approx(1.5, abs=0.15), pytest.approx(-0.7, abs=0.1))


def test_every_grade_weighs_the_same_however_many_fruit_it_has() -> None:
    played = passages(4, 1)[:9] + passages(3, 2, "other")
    weights = even_weights(played)
    for grade in LABELS:
        assert weights[[one.grade == grade for one in played]].sum() == pytest.approx(0.25)
