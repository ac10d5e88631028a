"""The shipped unit on a machine with systemd: stock picamera2 plays a belt film, and the fruit fall as they should."""

import pytest

from edge.datapath import BELT_END
from tests.nspawn.line import Line

FEWEST = 12
"""Fruit whose way from the picture's edge to the belt's end is watched."""


@pytest.fixture(scope="module")
def sorting(line: Line) -> Line:
    line.sorts()
    return line


def test_it_is_ready_and_says_that_it_sorts(sorting: Line) -> None:
    assert sorting.show("Type", "ActiveState", "SubState") == {
        "Type": "notify",
        "ActiveState": "active",
        "SubState": "running",
    }


def test_the_fruit_of_the_film_fall_where_their_grade_belongs(sorting: Line) -> None:
    sorting.until(lambda: len(sorting.passages()) >= FEWEST, 60, f"{FEWEST} fruit have passed")
    passed = sorting.passages()
    route = sorting.profile.route
    wrong = [one for one in passed if one.fell not in (route[one.fruit.label], BELT_END)]
    right = [one for one in passed if one.fell == route[one.fruit.label]]
    assert wrong == []
    # A computer that is busy with other tests may lose pictures, and what is doubtful then runs to the belt's end.
    assert len(right) >= 0.75 * len(passed), [(one.fruit.lane, one.fruit.label, one.fell) for one in passed]
