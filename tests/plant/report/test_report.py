"""A report of a plant whose truth is known."""

import csv
import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from edge.cli import main
from edge.ledger.entries import Stamped
from plant.report.asking import preface
from plant.report.gathering import gather
from plant.report.reporting import told
from plant.report.selection import Selection
from plant.report.standards import standard
from tests.plant.report.pretend import BEGIN, MIX, USUAL, Pretended, event, write

DAY = Selection("shift", "day", ((BEGIN, BEGIN + timedelta(days=1)),))


def _report(entries: Sequence[Stamped], of: Selection = DAY) -> dict[str, Any]:
    words = preface(iter(entries)).words
    return told(gather(lambda: iter(entries), of, words), {"us-no-1": standard("us-no-1")}, BEGIN)


def _at(seconds: float, kind: str, **given: Any) -> Stamped:
    return Stamped(BEGIN + timedelta(seconds=seconds), "r", event(seconds, kind, **given))


@pytest.fixture(scope="module")
def plain() -> dict[str, Any]:
    return _report(list(Pretended(fruit=4_000, audit=0.2, right=1.0).entries()))


def test_every_fruit_is_counted_once(plain: dict[str, Any]) -> None:
    assert plain["fruit"] == 4_000
    assert sum(one["landed"] for one in plain["outlets"].values()) == 4_000
    assert sum(one["fruit"] for one in plain["outlets"].values()) == 4_000
    assert sum(sum(row["outlets"].values()) for row in plain["timeline"]) == 4_000
    assert sum(plain["reasons"].values()) == sum(plain["labels"].values()) == 4_000


def test_audited_fruit_that_nobody_can_judge_are_missing_and_bound_the_accuracy() -> None:
    found = _report(list(Pretended(fruit=2_000, audit=0.2, unpictured=0.3).entries()))["audit"]
    assert found["missing"] == found["open"] == found["drawn"] - found["judged"]
    assert 0.2 < found["missing"] / found["drawn"] < 0.4
    low, high = found["if_skipped"]
    assert high - low == pytest.approx(found["missing"] / found["drawn"], abs=0.01)


def test_recall_and_purity_lie_about_the_truth(plain: dict[str, Any]) -> None:
    for grade, row in USUAL.items():
        low, high = plain["audit"]["grades"][grade]["recall"]["interval"]
        assert low <= row[grade] <= high, grade
    sent = {truth: MIX[truth] * row.get("red", 0.0) for truth, row in USUAL.items()}
    low, high = plain["outlets"]["red"]["purity"]["interval"]
    assert low <= sent["red"] / sum(sent.values()) <= high


def test_money_beside_people_is_what_the_profile_makes_of_the_truth(plain: dict[str, Any]) -> None:
    """A fifth is drawn and judged by two, 4 in 1,000 are late."""
    worth = Pretended().profile()["money"]["worth"]
    brought = sum(
        MIX[truth] * chance * (0.8 * 0.996 * worth[truth].get(called, 0.0) + 0.2032 * worth[truth]["end"])
        for truth in worth
        for called, chance in USUAL[truth].items()
    )
    found = plain["money"]["ways"]["machine"]
    cost = 4.0 / plain["throughput"]["per_hour"] + 0.2 * 2 * 0.05
    assert found["interval"][0] <= brought - cost <= found["interval"][1]
    over = plain["money"]["ways"]["machine over people"]
    assert over["value"] == pytest.approx(found["value"] - plain["money"]["ways"]["people"]["value"], abs=1e-5)


def test_people_are_measured_too() -> None:
    report = _report(list(Pretended(fruit=1_000, audit=0.3, people=("anna", "bo", "cy"), right=0.9).entries()))
    people = report["people"]
    assert people["agreement"]["pairs"] == 3 * people["fruit"]
    assert 0.7 < people["agreement"]["same"]["value"] < 0.95
    assert all(0.8 < one["right"]["value"] <= 1.0 for one in people["people"].values())
    assert all(0.5 < one["seconds"] < 2 for one in people["people"].values())


def test_nobody_having_looked_is_said_and_nothing_is_made_up() -> None:
    report = _report(list(Pretended(fruit=500, judged=0.0).entries()))
    assert report["right"]["value"] is None
    assert report["money"] is None
    assert report["lots"]["red"]["us-no-1"]["says"] == "undecided"


def test_an_audit_whose_rate_changed_is_weighed() -> None:
    """Rarely drawn while it was good, often while it was bad: the plain share of the sample would be far too low."""
    bad = {**USUAL, "red": {"green": 1.0}}
    early = list(Pretended(seed=3, fruit=3_000, audit=0.05, right=1.0).entries())
    later = BEGIN + timedelta(hours=4)
    late = Pretended(seed=4, fruit=1_000, audit=0.5, right=1.0, called=bad, begin=later, run="s").entries()
    report = _report([*early, *late])
    truth = (0.75 * MIX["red"] * 0.975) / (MIX["red"])
    low, high = report["audit"]["grades"]["red"]["recall"]["interval"]
    assert low <= truth <= high


def test_incidents_are_spells_and_another_run_ends_them() -> None:
    jam, slip = {"lanes": "1"}, {"percent": 6.0}
    more = [
        _at(60, "incident", about="lane_jam", said={"state": "raised", **jam}),
        _at(90, "incident", about="lane_jam", said={"state": "cleared", **jam}),
        _at(100, "incident", about="encoder_slips", said={"state": "raised", **slip}),
        _at(130, "run", about="run"),
    ]
    report = _report([*Pretended(fruit=100).entries(), *more])
    assert [(one["code"], one["seconds"], one["severity"]) for one in report["incidents"]] == [
        ("lane_jam", 30.0, "error"),
        ("encoder_slips", 30.0, "warning"),
    ]
    assert report["incidents"][1]["what"] == "encoder slips 6 %"


def test_a_bundle_is_reported_by_the_beginning_of_its_name() -> None:
    entries = list(Pretended(fruit=50).entries())
    assert _report(entries, Selection("bundle", "factory", DAY.spans, "factory@0123"))["fruit"] == 50


def test_the_command_writes_a_page_that_fetches_nothing_and_sheets_that_say_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history = write(Pretended(fruit=800, audit=0.3).entries(), tmp_path / "history")
    out = tmp_path / "out"
    asked = ["report", "--history", str(history), "--out", str(out), "--shift", "2026-03-31", "--zone", "UTC"]
    assert main(asked) == 0
    assert "the report is" in capsys.readouterr().out
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "src=" not in page
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    with (out / "report.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["figure"]: row for row in csv.DictReader(file)}
    assert float(rows["outlets.red.purity"]["value"]) == report["outlets"]["red"]["purity"]["value"]
    assert rows["fruit"]["value"] == "800"


def test_a_mistake_in_what_is_asked_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    history = write(Pretended(fruit=50).entries(), tmp_path / "history")
    for asked in (
        ["--history", str(tmp_path / "none"), "--shift", "today"],
        ["--history", str(history), "--shift", "2020-01-01"],
        ["--history", str(history), "--lot", "farm-12"],
        ["--history", str(history)],
    ):
        assert main(["report", "--out", str(tmp_path / "out"), *asked]) == 2
        said = capsys.readouterr().err.strip()
        assert said
        assert "\n" not in said
