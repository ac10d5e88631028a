"""Belt, lanes and gates fit each other: with the labels given, every fruit falls where it belongs."""

from pathlib import Path

import pytest
from edge.ledger.entries import Decision, Event
from edge.ledger.reading import read

from conftest import ROOT, Run

SCENARIOS = sorted(path.stem for path in (ROOT / "scenarios").glob("*.toml"))


@pytest.mark.parametrize("scenario", [name for name in SCENARIOS if name not in ("lamp-off", "workload")])
def test_with_the_labels_given_fruit_fall_where_they_belong(run: Run, scenario: str) -> None:
    found = run(scenario, "--fruit", "80", "--perception", "truth")
    assert sum(found["fates"].values()) == found["fruit"] == 80
    assert found["fates"]["right"] >= 0.95 * found["fruit"]
    assert found["fates"]["late"] == 0


def test_a_dark_lamp_opens_no_gate_and_the_line_comes_back(run: Run, tmp_path: Path) -> None:
    """What was seen before is not taken in the dark either; from the ledger, to the instant."""
    found = run("lamp-off", "--seconds", "8", "--history", str(tmp_path / "history"))
    entries = [one.entry for one in read(tmp_path / "history")]
    dark = [
        one.at_ns for one in entries if isinstance(one, Event) and (one.kind, one.about) == ("incident", "lamp_off")
    ]
    opened = [one.opened_at_ns for one in entries if isinstance(one, Decision) and one.opened_at_ns is not None]
    assert len(dark) == 2, "raised once, cleared once"
    raised, cleared = dark
    assert sum(found["fates"].values()) == found["fruit"]
    assert found["fates"]["held"] > 0
    assert [at_ns for at_ns in opened if raised <= at_ns <= cleared] == []
    assert min(opened) < raised
    assert max(opened) > cleared
