import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.bundle import Thresholds
from edge.datapath import LABELS, Grades
from edge.grade.fusion import Judge
from training.evaluation.sections import called_damaged, metrics_of, section
from training.figures import TRUE
from training.passages import Passage

JUDGE = Judge.of(Thresholds(least_confidence=0.4, most_unknown=0.5, damaged=0.6))


def played(grade: str, said: str, fruit: str = "a", source: str = "builtin") -> Passage:
    scores = tuple(0.9 if label == said else 0.1 / 3 for label in LABELS)
    return Passage(source, fruit, grade, Grades(scores, 0.9 if said == "unknown" else 0.0))


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(TRUE), st.sampled_from(TRUE)), min_size=1, max_size=30))
def test_every_passage_is_counted_once(rows: list[tuple[int, str, str]]) -> None:
    found = section([played(grade, said, f"{grade}-{number}") for number, grade, said in rows], JUDGE)
    assert sum(sum(row.values()) for row in found["confusion"].values()) == len(rows) == found["passages"]
    right = sum(grade == said for _, grade, said in rows) / len(rows)
    assert found["right"]["value"] == pytest.approx(right, abs=1e-4)
    assert sum(row["fruit"] for row in found["grades"].values()) == found["fruit"]


def test_a_grade_nothing_was_called_has_no_precision() -> None:
    row = section([played("green", "red")], JUDGE)["grades"]["green"]
    assert (row["precision"]["value"], row["recall"]["value"], row["f1"]["value"]) == (None, 0.0, 0.0)


def test_only_sound_tomatoes_can_raise_a_false_alarm() -> None:
    fruit = [played("red", "damaged", "1"), played("red", "red", "2"), played("damaged", "damaged", "3")]
    assert called_damaged([*fruit, played("unknown", "damaged", "4")], JUDGE)["value"] == 0.5


def test_the_manifest_is_told_the_share_right_and_the_fruit_behind_it() -> None:
    one = section([played("red", "red")], JUDGE)
    assert metrics_of({"sources": {"builtin": one}}) == {"builtin_right": 1.0, "builtin_fruit": 1}
