"""`make evidence` at a hundredth of its size: each measurement still runs, and says all that it says at full size.

The contract tests, the kills, the first hour and the tiers of the Pi are tests of this suite themselves.
"""

import json
from pathlib import Path

import pytest

from tests.evidence.measurements import MEASUREMENTS
from tests.evidence.record import document, write
from tests.evidence.trial import ROOT, Finding, Trial, at_least, at_most, is_so

NEEDS = {
    1: (pytest.mark.live,),
    3: (pytest.mark.photographs,),
    4: (pytest.mark.photographs,),
    5: (pytest.mark.live,),
    7: (pytest.mark.tensorflow,),
    10: (pytest.mark.live,),
    20: (pytest.mark.live, pytest.mark.mosquitto),
    21: (pytest.mark.mosquitto,),
    22: (pytest.mark.chromium, pytest.mark.mosquitto),
    23: (pytest.mark.chromium, pytest.mark.mosquitto),
    30: (pytest.mark.photographs,),
    31: (pytest.mark.photographs, pytest.mark.tensorflow),
    32: (pytest.mark.photographs,),
    33: (pytest.mark.photographs, pytest.mark.tensorflow),
    34: (pytest.mark.tensorflow,),
    35: (pytest.mark.tensorflow,),
    37: (pytest.mark.photographs, pytest.mark.tensorflow),
    38: (pytest.mark.photographs, pytest.mark.tensorflow),
    43: (pytest.mark.live,),
    46: (pytest.mark.mosquitto,),
    56: (pytest.mark.live,),
    63: (pytest.mark.tensorflow,),
    67: (pytest.mark.tensorflow,),
    68: (pytest.mark.chromium, pytest.mark.mosquitto),
}
EXACT = (20, 24, 44, 46, 47)
"""What is right or wrong at any size: nothing is lost, nothing told twice, no hostile command acted on, no
wave opened against its rules."""

ELSEWHERE = (8, 9, 50, 51, 52, 53, 55, 57, 58)
"""Run by tests of their own."""


@pytest.mark.slow
@pytest.mark.parametrize(
    "number",
    [pytest.param(n, marks=NEEDS.get(n, ()), id=MEASUREMENTS[n][0]) for n in MEASUREMENTS if n not in ELSEWHERE],
)
@pytest.mark.timeout(900)
def test_a_measurement_runs_and_its_file_says_what_was_found_where(number: int, tmp_path: Path) -> None:
    name, claim, measure = MEASUREMENTS[number]
    (folder := tmp_path / "work").mkdir()
    finding = measure(Trial(0.01, folder))
    assert finding.missing is None
    assert finding.targets
    assert number not in EXACT or finding.holds, finding.targets
    path = tmp_path / "docs" / "found.json"
    write(path, document(number, name, claim, finding, 0.01, 1.0))
    found = json.loads(path.read_text(encoding="utf-8"))
    assert len(found["commit"]) == 40
    assert found["figures"]
    assert not any(str(place) in json.dumps(found["figures"]) for place in (ROOT, tmp_path))


def test_a_finding_holds_where_every_target_does() -> None:
    assert Finding({}, [at_most("a", 2, 2), at_least("b", 3, 2), is_so("c", True)]).holds
    assert not Finding({}, [at_most("a", 2, 2), at_least("b", 1, 2)]).holds


def test_what_could_not_be_measured_does_not_hold() -> None:
    assert not Finding({}, missing="no photographs").holds
    assert not Finding({}, [at_most("a", None, 2)]).holds
