"""What was agreed beforehand, and how fast its budget burns."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from edge.errors import UsageFault
from edge.indicators import INDICATORS, agreed
from plant.report.asking import preface
from plant.report.budgets import Budgets
from plant.report.gathering import gather
from plant.report.selection import Selection
from tests.plant.report.pretend import BEGIN, Pretended, Stamped, event

AGREED = agreed()


def _burns(bad: dict[int, int], hours: int = 12, a_minute: int = 100) -> list[dict[str, Any]]:
    """Pulses by minute, some of them bad."""
    budgets = Budgets(AGREED)
    for minute in range(hours * 60):
        for n in range(a_minute):
            budgets.add("in_time", BEGIN + timedelta(minutes=minute), 1.0, float(n < bad.get(minute, 0)))
    found = budgets.told(BEGIN, BEGIN + timedelta(hours=hours))["latency"]["burns"]
    assert isinstance(found, list)
    return found


def test_what_ships_names_five_indicators_and_more_and_why() -> None:
    assert {"accuracy", "money", "latency", "uptime", "safety"} <= set(AGREED.indicators)
    assert all(one.says and one.why for one in AGREED.indicators.values())
    assert all(rule.rate(28) > 0.9 for rule in AGREED.burn.values())


def test_every_fault_of_the_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "indicators.toml"
    text = INDICATORS.read_text(encoding="utf-8").replace("target = 0.995", "target = 1.5")
    path.write_text(text.replace('counts = "worth"', 'counts = "luck"'), encoding="utf-8")
    with pytest.raises(UsageFault) as fault:
        agreed(path)
    assert len(str(fault.value).splitlines()) == 2


def test_a_steady_rate_within_the_target_alarms_nobody() -> None:
    assert _burns({}) == []
    assert _burns(dict.fromkeys(range(0, 720, 3), 1)) == []


def test_a_burst_alarms_while_it_lasts_and_soon_no_more() -> None:
    burns = _burns(dict.fromkeys(range(300, 360), 20))
    now = next(one for one in burns if one["rule"] == "now")
    assert now["rate"] > now["limit"]
    assert now["from_utc"] <= "2026-03-31T11:25:00Z"
    assert now["to_utc"] is not None
    assert now["to_utc"] < "2026-03-31T12:10"


def test_a_slow_leak_is_told_to_whoever_plans_the_shift_and_not_at_night() -> None:
    burns = _burns(dict.fromkeys(range(720), 4))
    assert {one["rule"] for one in burns} == {"shift", "week"}


def test_a_handful_of_events_alarms_nobody() -> None:
    budgets = Budgets(AGREED)
    for n in range(3):
        budgets.add("right", BEGIN + timedelta(minutes=n), 1.0, 1.0)
    found = budgets.told(BEGIN, BEGIN + timedelta(minutes=10))["accuracy"]
    assert (found["state"], found["burns"]) == ("missed", [])


def test_what_nothing_was_seen_of_is_unmeasured_not_met() -> None:
    found = Budgets(AGREED).told(BEGIN, BEGIN + timedelta(hours=1))
    assert {one["state"] for one in found.values()} == {"unmeasured"}


def _told(entries: list[Stamped]) -> dict[str, Any]:
    words = preface(iter(entries)).words
    day = Selection("shift", "day", ((BEGIN, BEGIN + timedelta(days=1)),))
    found = gather(lambda: iter(entries), day, words)
    assert found.first is not None
    assert found.last is not None
    return found.budgets.told(found.first, found.last)


def test_a_ledger_fills_every_indicator() -> None:
    told = _told(list(Pretended(fruit=1_500, audit=0.2).entries()))
    assert {name for name, one in told.items() if one["state"] == "unmeasured"} == {
        "safety"
    }  # no gate told its closing
    assert told["latency"]["value"] == pytest.approx(0.996, abs=0.004)
    assert told["uptime"]["value"] == 1.0


def test_minutes_of_a_stop_and_of_a_run_that_was_cut_off_are_down_time() -> None:
    def at(minute: float, kind: str, **given: Any) -> Stamped:
        return Stamped(BEGIN + timedelta(minutes=minute), "r", event(minute * 60, kind, **given))

    entries = [
        at(0, "run"),
        at(10.5, "incident", about="lane_jam", said={"state": "raised", "lanes": "1"}),
        at(15.5, "incident", about="lane_jam", said={"state": "cleared"}),
        at(30.5, "note"),
        at(40.5, "run"),
        at(99.5, "ended"),
    ]
    uptime = _told(entries)["uptime"]
    assert (uptime["events"], uptime["bad"]) == (99, 6 + 11)
