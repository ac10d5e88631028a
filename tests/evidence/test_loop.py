"""What measurement 63 counts as right, and what it asks for."""

from typing import Any

from tests.evidence.loop_figures import targets
from tests.evidence.loop_line import Passed


def fallen(**changed: Any) -> Passed:
    held = {
        "at_s": 1.0,
        "track_id": "run.1",
        "skin_id": "turntable/Tomato_4",
        "true": "red",
        "label": "red",
        "sorted_for": "graded",
        "unknown": 0.0,
        "bundle": "old",
        "new": False,
        "fate": "right",
    }
    return Passed(**{**held, **changed})


def found(**changed: Any) -> dict[str, Any]:
    phases = {
        "before": {"unknown": 0.02, "right": 0.9},
        "with": {"unknown": 0.2, "right": 0.7},
        "after": {"unknown": 0.02, "right": 0.88},
    }
    whole = {"phases": phases, "alarm": "drift_cultivar", "audit": {"may_leave": True}, "ended": "committed"}
    return {**whole, **changed}


def test_a_fruit_is_right_where_it_is_graded_as_it_is() -> None:
    assert fallen().right
    assert not fallen(label="turning").right
    assert not fallen(sorted_for="doubtful").right
    assert not fallen(sorted_for="unknown", label="unknown").right
    assert fallen(true="unknown", label="unknown", sorted_for="unknown").right


def test_the_loop_is_closed_where_everything_came_and_the_loss_came_back() -> None:
    assert all(target.holds for target in targets(found()))


def test_each_thing_that_did_not_come_is_missed() -> None:
    flat = {"unknown": 0.02, "right": 0.7}
    cases = [
        found(alarm="drift_lamp"),
        found(audit={"may_leave": False}),
        found(ended="quality: 30 of 100 fruit go elsewhere"),
        found(phases=found()["phases"] | {"with": flat}),
        found(phases=found()["phases"] | {"after": flat}),
        found(phases=found()["phases"] | {"after": {"unknown": None, "right": None}}),
    ]
    for case in cases:
        assert sum(not target.holds for target in targets(case)) == 1
