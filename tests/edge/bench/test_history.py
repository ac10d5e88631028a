"""What is measured has happened: each part was given every fruit."""

import pytest

from edge.bench import history
from edge.bundle import FACTORY


@pytest.mark.slow
def test_each_part_hears_of_every_fruit_and_its_cost_is_told() -> None:
    found = history.bench(FACTORY, 60)
    assert found["heard"]["ledger"] == 60 and found["heard"]["drift"] > 0
    assert set(found["each_percent"]) == {"drift", "audit", "ledger"}
    assert all(percent > 0 for percent in found["each_percent"].values())


def test_what_costs_too_much_is_missed(monkeypatch) -> None:
    class Done:
        stdout = '{"percent": 9.0, "mb": 50, "each_percent": {"drift": 9.0}}'

    monkeypatch.setattr(history.subprocess, "run", lambda *given, **more: Done)
    assert len(history.bench()["missed"]) == 2
    monkeypatch.setattr(history, "line_bench", lambda bundle: {"cases": [], "missed": ["slow"]})
    figures = history.pipeline()
    assert len(figures["missed"]) == 3 and figures["history"] == [{"part": "drift", "core_percent": 9.0}]
