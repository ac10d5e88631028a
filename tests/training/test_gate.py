import json
from pathlib import Path

import pytest

from edge.errors import UsageFault
from training.gate import Criterion, criteria, judge, passed, read_report

REPORT = {"bundle": "b@1", "lab": {"wrong": 3, "right": {"value": 0.95, "interval": [0.9, 1.0], "fruit": 66}}}


def criterion(figure: str, **limit: float) -> Criterion:
    return Criterion.model_validate({"says": "it is good", "figure": figure, "why": "because", **limit})


@pytest.mark.parametrize(
    ("figure", "limit", "state"),
    [
        ("lab.wrong", {"at_most": 3}, "met"),
        ("lab.wrong", {"at_most": 2}, "missed"),
        ("lab.right.value", {"at_least": 0.95}, "met"),
        ("lab.right.value", {"at_least": 0.951}, "missed"),
        ("lab.absent", {"at_most": 2}, "unmeasured"),
        ("lab.wrong.deeper", {"at_most": 2}, "unmeasured"),
        ("bundle", {"at_most": 2}, "unmeasured"),
        ("lab.right", {"at_least": 0}, "unmeasured"),
    ],
)
def test_a_figure_is_held_to_its_limit(figure: str, limit: dict[str, float], state: str) -> None:
    [judged] = judge(REPORT, {"one": criterion(figure, **limit)})
    assert judged.state == state
    assert passed([judged]) == (state == "met")


def test_a_figure_that_is_no_number_is_never_met() -> None:
    for limit in ({"at_most": 1.0}, {"at_least": 0.0}):
        [judged] = judge({"share": float("nan")}, {"one": criterion("share", **limit)})
        assert judged.state == "missed"


def test_a_figure_brings_its_interval_and_its_fruit() -> None:
    [judged] = judge(REPORT, {"one": criterion("lab.right.value", at_least=0.5)})
    assert (judged.interval, judged.fruit, judged.limit) == ((0.9, 1.0), 66, "at least 0.5")


def test_the_criteria_that_ship_say_what_they_ask_and_why() -> None:
    asked = criteria()
    assert len(asked) >= 15
    assert len({one.figure for one in asked.values()}) == len(asked)
    assert all(one.says and one.why for one in asked.values())


def test_every_fault_of_the_criteria_is_told(tmp_path: Path) -> None:
    path = tmp_path / "indicators.toml"
    path.write_text('format = 1\n[criteria.a]\nsays = ""\nfigure = "x"\nwhy = ""\n[criteria.b]\nfigure = "y"\n')
    with pytest.raises(UsageFault) as fault:
        criteria(path)
    assert "give at_least or at_most" in str(fault.value)
    assert "criteria.b.says" in str(fault.value)


def test_the_evaluation_of_another_bundle_is_refused(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(json.dumps(REPORT))
    assert read_report(tmp_path, "b@1")["lab"]["wrong"] == 3
    with pytest.raises(UsageFault, match="evaluation of b@1, not of b@2"):
        read_report(tmp_path / "report.json", "b@2")
    with pytest.raises(UsageFault, match="give the folder"):
        read_report(tmp_path / "none", "b@1")
    (tmp_path / "report.json").write_text("{")
    with pytest.raises(UsageFault, match="not JSON"):
        read_report(tmp_path, "b@1")
