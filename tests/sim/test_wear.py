"""Lamps and lenses that are worn, and weights that were rounded too far."""

from pathlib import Path

import numpy as np
import pytest

from edge.bundle import FACTORY, load_bundle
from edge.grade.litert import LiteRTGrader, colour, sharpness
from sim.fruit import by_label, load_builtin
from sim.scores import ScoresGrader
from sim.scores_recording import record_worn
from sim.scores_table import CONDITIONS
from sim.spoil import spoil
from sim.wear import Wear, worn

PICTURE = np.tile(np.random.default_rng(1).integers(60, 200, (96, 96, 1), np.uint8), (1, 1, 3))


def test_what_is_new_changes_nothing():
    assert worn(PICTURE, Wear()) is PICTURE


def test_an_ageing_lamp_is_dimmer_and_warmer():
    red, green, blue = colour(worn(PICTURE, Wear(lamp=0.5)))
    assert colour(PICTURE)[0] > red > green > blue


def test_a_film_on_the_lens_takes_detail():
    sharp = [sharpness(worn(PICTURE, Wear(lens=lens))) for lens in (0, 0.3, 0.6, 1)]
    assert sharp == sorted(sharp, reverse=True)


def test_a_spoilt_bundle_is_whole_and_answers_otherwise(tmp_path: Path):
    own = load_bundle(FACTORY)
    bad = spoil(own, tmp_path / "bad", 6)
    assert bad.identity != own.identity
    outputs = [LiteRTGrader(bundle).invoke(PICTURE)[1] for bundle in (own, bad)]
    assert not np.array_equal(*outputs)


@pytest.mark.slow
def test_what_is_recorded_in_depth_brings_features_colour_and_belt():
    own, skins = load_bundle(FACTORY), by_label(load_builtin("held")[:2])
    tables = [record_worn(own, skins, wear, [(2, 1, 0)]) for wear in (Wear(), Wear(lamp=0.5))]
    looks = [ScoresGrader(own, table).graded(table.turn(0, 12, 2, 1, 0)[0])[0] for table in tables]
    assert all(one.features.any() and one.colour for one in looks)
    assert looks[0].colour[2] > looks[1].colour[2]
    assert tables[0].belt[0, 3] > tables[1].belt[0, 3]
    assert tables[0].turn(0, 12, 0, 0, 0) == [None] * 12
    assert len(tables[0].dump()) and tables[0].state.shape[1:] == CONDITIONS
