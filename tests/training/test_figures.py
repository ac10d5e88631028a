import pytest

from edge.bundle import Thresholds
from edge.datapath import Grades
from training.choosing import choose
from training.figures import DOUBTFUL, decided_as
from training.passages import Passage

THRESHOLDS = Thresholds(least_confidence=0.4, most_unknown=0.5, damaged=0.6)


def passage(grade: str, scores: tuple[float, ...], unknown: float = 0.0, fruit: str = "a") -> Passage:
    return Passage("builtin", fruit, grade, Grades(scores, unknown))


@pytest.mark.parametrize(
    ("scores", "unknown", "decided"),
    [
        ((0.1, 0.2, 0.7, 0.0), 0.1, "red"),
        ((0.1, 0.1, 0.1, 0.7), 0.1, "damaged"),
        ((0.1, 0.1, 0.1, 0.7), 0.6, "unknown"),
        ((0.3, 0.35, 0.35, 0.0), 0.1, DOUBTFUL),
    ],
)
def test_a_passage_is_decided_as_on_the_line(scores: tuple[float, ...], unknown: float, decided: str) -> None:
    assert decided_as(passage("red", scores, unknown), THRESHOLDS) == decided


def test_thresholds_part_damaged_from_sound_and_strangers_from_tomatoes() -> None:
    sound = [passage("red", (0.0, 0.05, 0.95 - d, d), 0.1) for d in (0.1, 0.2, 0.3, 0.45)]
    damaged = [passage("damaged", (0.0, 0.0, 1 - d, d), 0.1) for d in (0.6, 0.8, 0.9)]
    strangers = [passage("unknown", (0.0, 0.0, 1.0, 0.0), 0.9)] * 3
    chosen = choose([*sound, *damaged, *strangers], refused=0.01)
    assert 0.45 < chosen.damaged <= 0.6
    assert 0.1 < chosen.most_unknown < 0.9
    assert chosen.least_confidence <= 0.5


def test_damage_is_weighed_by_grade_not_by_number_of_fruit() -> None:
    sound = [passage("red", (0.0, 0.0, 0.5, 0.5))] * 100 + [passage("red", (0.0, 0.0, 0.95, 0.05))] * 300
    damaged = [passage("damaged", (0.0, 0.0, 0.6, 0.4))] * 10
    assert choose([*sound, *damaged], refused=0.0).damaged < 0.4


def test_sound_fruit_alone_leave_damage_at_even_chance() -> None:
    assert choose([passage("red", (0.0, 0.0, 1.0, 0.0))], refused=0.0).damaged == 0.5
