"""Dirt on the lens."""

import random

from edge.detect.dirt import Dirt


def told(dirt: Dirt, shares) -> list[tuple[str, bool]]:
    return [(one.code, one.raised) for share in shares for one in dirt.spots(share)]


def looked(dirt: Dirt, sharpness: float, looks: int = 300, seed: int = 1) -> list[tuple[str, bool]]:
    draw = random.Random(seed)
    return [(one.code, one.raised) for _ in range(looks) for one in dirt.look(sharpness * draw.uniform(0.6, 1.4))]


def test_a_spot_is_told_when_two_stretches_show_it_and_cleared_when_two_do_not():
    assert told(Dirt(), [0, 0.02, 0, 0.02, 0]) == []
    dirt = Dirt()
    assert told(dirt, [0, 0.02, 0.02, 0.02]) == [("lens_dirty", True)]
    assert told(dirt, [0, 0.02, 0, 0]) == [("lens_dirty", False)]


def test_a_tenth_of_the_picture_is_an_error():
    dirt = Dirt()
    assert told(dirt, [0.2, 0.2]) == [("lens_dirty", True), ("lens_blind", True)]
    assert told(dirt, [0.05, 0.05]) == [("lens_blind", False)]
    assert told(dirt, [0, 0]) == [("lens_dirty", False)]


def test_fruit_that_differ_are_as_sharp_as_ever():
    dirt = Dirt()
    assert [one for seed in range(20) for one in looked(dirt, 2.0, seed=seed)] == []


def test_a_film_is_told_and_gone_when_it_is_wiped():
    dirt = Dirt()
    looked(dirt, 2.0)
    assert looked(dirt, 1.3) == [("picture_soft", True)]
    assert looked(dirt, 0.8) == [("picture_blurred", True)]
    assert sorted(looked(dirt, 2.0)) == [("picture_blurred", False), ("picture_soft", False)]
