"""The parts of an evaluation, each on looks whose outcome is known."""

import numpy as np
import pytest

from edge.datapath import Grades
from tests.training.evaluation.evaluated import JUDGE, evaluation, look
from training.builtin import atlas_folder, read_atlas
from training.evaluation import robustness
from training.evaluation.calibration import calibration
from training.evaluation.looks import Graded, passage, passages
from training.evaluation.mistakes import worst
from training.evaluation.rule import HueRule, balanced
from training.evaluation.strangeness import strangeness
from training.evaluation.varieties import varieties

REPORT = evaluation().report


def test_a_single_photograph_is_one_look_however_many_are_asked_for() -> None:
    [one] = passages([look("red", "red", "a", source="ageing")], 12, 3, 1)
    assert len(one.looks) == 1
    turned = passages([look("red", "red", "a", order) for order in range(6)], 4, 3, 1)
    assert [len(each.looks) for each in turned] == [4, 4, 4]


def test_the_sound_side_of_a_damaged_fruit_is_no_mistake() -> None:
    hidden = look("damaged", "red", "a")
    sound_side = Graded(
        type(hidden.picture)(*(getattr(hidden.picture, f) for f in hidden.picture.__slots__[:7]), 0, 1),
        hidden.grades,
        1.0,
    )
    assert worst([sound_side], JUDGE) == []
    assert [one.decided for one in worst([hidden], JUDGE)] == ["red"]


def test_the_surest_mistakes_come_first_and_two_of_a_fruit_at_most() -> None:
    wrong = [look("red", "damaged", "a", order) for order in range(5)]
    unsure = look("green", "turning", "b")
    unsure = Graded(unsure.picture, Grades((0.2, 0.5, 0.2, 0.1), 0.0), 1.0)
    assert [one.picture.fruit for one in worst([unsure, *wrong], JUDGE)] == ["a", "a", "b"]


def test_strangers_are_told_by_kind_and_learned_kinds_are_named() -> None:
    found = REPORT["strangers"]["turntable"]
    assert list(found["kinds"]) == ["apple"]
    assert found["kinds"]["apple"]["learned"]
    assert found["all"]["auroc"]["value"] == 0.75  # one stranger above all tomatoes, one level with them
    assert found["refused"]["value"] == 0.0
    assert "all" not in REPORT["strangers"]["builtin"]
    kiwi = strangeness(
        [look("red", "red", "Beef/1", source="shop"), look("unknown", "unknown", "Kiwi/3", source="shop")], JUDGE, {}
    )
    assert kiwi["shop"]["kinds"]["kiwi"] | {"auroc": 0, "fpr95": 0} == {
        "auroc": 0, "fpr95": 0, "fruit": 1, "looks": 1, "learned": False
    }  # fmt: skip


def test_false_alarms_are_told_by_source() -> None:
    alarms = REPORT["false_alarms"]
    assert alarms["builtin"]["one_look"]["value"] == pytest.approx(4 / 76, abs=1e-4)
    assert alarms["turntable"]["one_look"]["value"] == 0.0


def test_confidence_that_is_always_right_and_never_sure_is_off_by_what_it_lacks() -> None:
    played = [passage([look("red", "red", f"{n}")]) for n in range(20)]
    found = calibration(played)
    assert found["bins"] == [{"confidence": 0.9, "right": 1.0, "n": 20}]
    assert found["ece"]["value"] == pytest.approx(0.1, abs=1e-3)


def test_a_variety_is_told_by_what_it_is_decided_as() -> None:
    graded = [look("", "turning", "Tomato_Cherry_Orange_1", order, "turntable") for order in range(4)]
    found = varieties(graded, JUDGE, 4, 1)
    assert found == {"Tomato_Cherry_Orange_1": {"decided": {"turning": 1.0}, "views": 4}}


def test_the_hue_rule_grades_the_fruit_that_it_never_saw() -> None:
    rule = HueRule.of(read_atlas(atlas_folder(), "train")[0][::7])
    assert 35 < rule.turning_from_deg < rule.green_from_deg < 130
    held = [picture for picture in read_atlas(atlas_folder(), "held")[0][::16] if picture.ripeness >= 0]
    right = [rule.grade(picture.pixels, picture.mask) == picture.grade for picture in held]
    assert np.mean(right) > 0.8


def test_the_light_of_a_grey_background_is_taken_out_and_a_dark_or_coloured_one_is_left() -> None:
    mask = np.zeros((20, 20), np.uint8)
    mask[5:15, 5:15] = 255
    for ground, is_changed in (((200, 160, 140), True), ((4, 2, 3), False), ((30, 60, 180), False)):
        pixels = np.full((20, 20, 3), ground, np.uint8)
        pixels[5:15, 5:15] = (180, 60, 40)
        found = balanced(pixels, mask)
        assert (not np.array_equal(found, pixels)) == is_changed
        if is_changed:
            assert np.ptp(found[0, 0].astype(int)) <= 1


class _Mean:
    """Calls what is found damaged where it is darker than a threshold; else red."""

    def grade(self, detections):
        damaged = [float(one.crop[one.crop.shape[0] // 2, one.crop.shape[1] // 2].mean() < 60) for one in detections]
        return [(Grades((0.0, 0.0, 1 - d, d), 0.0), 1.0) for d in damaged]


def test_a_curve_shows_what_spoils_a_grader() -> None:
    pixels = np.zeros((60, 60, 3), np.uint8)
    mask = np.zeros((60, 60), np.uint8)
    rows, columns = np.mgrid[:60, :60] - 30
    mask[rows**2 + columns**2 < 28**2] = 255
    pixels[mask > 0] = (190, 60, 40)
    picture = type(look("red", "red", "a").picture)("builtin", "a", 0, pixels, mask, "red", 2, 0, 1)
    told: list[None] = []
    found = robustness.robustness(_Mean(), [picture], JUDGE, lambda: told.append(None))
    light = {point["strength"]: point["right"]["value"] for point in found["light"]["points"]}
    assert light[0.25] == 0.0
    assert light[1.0] == light[1.6] == 1.0
    assert found["light"]["points"][0]["called_damaged"]["value"] == 1.0
    assert all(point["right"]["value"] == 1.0 for point in found["scale"]["points"])
    assert len(told) == robustness.settings()
