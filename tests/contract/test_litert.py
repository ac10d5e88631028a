"""Claims on whoever grades, the simulator's grader and the factory bundle on LiteRT; and LiteRT itself against what
the code takes for granted of it."""

import threading
from collections.abc import Callable

import numpy as np
import pytest

from edge.bundle import FACTORY, load_bundle
from edge.datapath import LABELS, UNKNOWN, Detection, Grades
from edge.grade.litert import LiteRTGrader
from edge.grade.preprocess import to_tensor
from edge.ports import Grader
from sim.perception import NO_PIXELS, Sighting, TrueGrader

BUNDLE = load_bundle(FACTORY)


def fruit(seed: int) -> Detection:
    crop = np.random.default_rng(seed).integers(0, 256, (70, 80, 3)).astype(np.uint8)
    return Detection((0, 0, 80, 70), None, None, None, None, False, crop, np.full((35, 40), 255, np.uint8))


@pytest.fixture(scope="module")
def grader() -> LiteRTGrader:
    return LiteRTGrader(BUNDLE)


def sighting(seed: int) -> Sighting:
    label = (*LABELS, UNKNOWN)[seed % 5]
    return Sighting((0, 0, 80, 70), 1.0, 1.0, 50.0, 50.0, False, NO_PIXELS, NO_PIXELS[..., 0], False, label)


@pytest.mark.parametrize(
    ("make", "shown"), [(lambda: LiteRTGrader(BUNDLE), fruit), (TrueGrader, sighting)], ids=["litert", "truth"]
)
def test_grades_are_probabilities_with_strangeness_and_sharpness(
    make: Callable[[], Grader], shown: Callable[[int], Detection]
) -> None:
    grader = make()
    assert grader.bundle
    for seed in range(20):
        [(grades, sharp)] = grader.grade([shown(seed)])
        assert len(grades.scores) == len(LABELS)
        assert sum(grades.scores) == pytest.approx(1)
        assert all(0 <= score <= 1 for score in (*grades.scores, grades.unknown_score))
        assert sharp > 0
        assert grader.grade([shown(seed)])[0][0].scores == grades.scores


@pytest.mark.parametrize(
    ("make", "shown"), [(lambda: LiteRTGrader(BUNDLE), fruit), (TrueGrader, sighting)], ids=["litert", "truth"]
)
def test_crops_have_the_same_grades_together_as_one_by_one(
    make: Callable[[], Grader], shown: Callable[[int], Detection]
) -> None:
    grader, crops = make(), [shown(seed) for seed in range(5)]
    together = [(grades.scores, grades.unknown_score, sharp) for grades, sharp in grader.grade(crops)]
    alone = [(grades.scores, grades.unknown_score, sharp) for crop in crops for grades, sharp in grader.grade([crop])]
    assert together == alone
    assert not grader.grade([])


def test_the_bundles_identity_is_what_verdicts_carry(grader: LiteRTGrader) -> None:
    assert grader.bundle == f"{BUNDLE.manifest.name}@{BUNDLE.digest}"


def test_the_same_crop_has_the_same_grades_from_any_grader(grader: LiteRTGrader) -> None:
    [one], [other] = grader.grade([fruit(1)]), LiteRTGrader(BUNDLE).grade([fruit(1)])
    assert one[0].scores == other[0].scores
    assert one[1] == other[1]


def test_features_are_int8_and_belong_to_their_caller(grader: LiteRTGrader) -> None:
    [(first, _)] = grader.grade([fruit(1)])
    assert first.features is not None
    kept = first.features.copy()
    grader.grade([fruit(2)])
    assert first.features.dtype == np.int8
    assert np.array_equal(first.features, kept)


def test_a_grader_works_in_the_thread_that_owns_it(grader: LiteRTGrader) -> None:
    found: list[Grades] = []
    thread = threading.Thread(target=lambda: found.append(LiteRTGrader(BUNDLE).grade([fruit(3)])[0][0]))
    thread.start()
    thread.join(10)
    assert found[0].scores == grader.grade([fruit(3)])[0][0].scores


def test_the_golden_tensors_come_out_to_the_bit(grader: LiteRTGrader) -> None:
    with np.load(FACTORY / "golden.npz") as golden:
        for tensor, outputs, features in zip(golden["tensors"], golden["outputs"], golden["features"], strict=True):
            scores, vector = grader.invoke(tensor)
            assert np.array_equal(scores, outputs)
            assert np.array_equal(vector, features)


def test_crops_are_laid_out_as_the_bundle_says(grader: LiteRTGrader) -> None:
    spec = BUNDLE.manifest.preprocessing
    detection = fruit(4)
    tensor = to_tensor(detection.crop, detection.mask, spec)
    assert grader.grade_tensor(tensor).scores == grader.grade([detection])[0][0].scores
