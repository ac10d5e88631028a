"""The first hour at a real terminal, on the simulated machine: driven by a script, interrupted and gone on with."""

import pytest

from edge.setup.hour import FRUIT
from tests.live.firsthour import GATES, SCENARIO, drive
from tests.live.terminal import lent


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    scenario = tmp_path_factory.mktemp("lent") / "first-hour.toml"
    scenario.write_text(SCENARIO, encoding="utf-8")
    with lent(str(scenario)) as running:
        yield running


@pytest.mark.timeout(300)
def test_the_first_hour_is_driven_to_its_end_and_goes_on_where_it_was_interrupted(machine, tmp_path) -> None:
    driven = drive(machine, tmp_path / "profile.toml")
    assert driven.statuses == (0, 0)
    assert driven.before == dict.fromkeys(GATES[:2], "good")
    assert not driven.asked_again
    assert f"{FRUIT}  gate " in driven.fallen
    assert driven.done
    assert driven.profile.site == "north"
    assert driven.profile.calibration.camera is not None
    assert driven.profile.calibration.camera.mm_per_px == driven.profile.camera.mm_per_px
