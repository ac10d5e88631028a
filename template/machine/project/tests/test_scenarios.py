"""Belt, lanes and gates fit each other: with the labels given, every fruit falls where it belongs."""

import pytest

from conftest import ROOT, Run

SCENARIOS = sorted(path.stem for path in (ROOT / "scenarios").glob("*.toml"))


@pytest.mark.parametrize("scenario", [name for name in SCENARIOS if name not in ("lamp-off", "workload")])
def test_with_the_labels_given_fruit_fall_where_they_belong(run: Run, scenario: str) -> None:
    found = run(scenario, "--fruit", "80", "--perception", "truth")
    assert sum(found["fates"].values()) == found["fruit"] == 80
    assert found["fates"]["right"] >= 0.95 * found["fruit"]
    assert found["fates"]["late"] == 0


def test_a_dark_lamp_opens_no_gate_and_the_line_comes_back(run: Run) -> None:
    found = run("lamp-off", "--seconds", "16")
    assert sum(found["fates"].values()) == found["fruit"]
    assert found["fates"]["held"] + found["fates"]["unseen"] + found["fates"]["unsure"] > 0
    assert found["pulses"]["fired"] > 0
