"""What the firmware is told of a profile's lines."""

import pytest

from edge.bootlines import boot_lines
from edge.cli import main
from tests.edge.profiles import DEMO_PATH, demo
from tests.firmware_config.wiring import boot_lines as parsed
from tests.firmware_config.wiring import profile_lines, read


def test_the_shipped_fragment_is_what_the_two_reference_machines_ask_for() -> None:
    sources, asked = read(), {}
    for profile in sources.profiles.values():
        asked |= parsed("\n".join(boot_lines(profile)))
    assert asked == parsed(sources.boot)


@pytest.mark.parametrize("when_dead", ["inhibit", "free"])
@pytest.mark.parametrize("active_high", [True, False])
def test_every_line_of_any_wiring_is_at_its_safe_level(when_dead: str, active_high: bool) -> None:
    profile = demo(
        safety={"alive_pin": 13, "e_stop_pin": 26, "e_stop_active_high": active_high},
        feed={"inhibit_pin": 16, "slow_pin": 12, "inhibit_active_high": active_high, "when_dead": when_dead},
        camera={"strobe_pin": 19, "trigger_pin": 14},
    )
    gates = {name: gate.model_copy(update={"active_high": active_high}) for name, gate in profile.gates.items()}
    profile = profile.model_copy(update={"gates": gates})
    told = parsed("\n".join(boot_lines(profile)))
    wanted = profile_lines(profile)
    assert told.keys() == wanted.keys()
    for pin, line in wanted.items():
        level = {"input": "ip", "low": "dl", "high": "dh"}[line.level]
        assert level in told[pin], (pin, line)
        assert ("pu" if line.pull == "up" else "pd") in told[pin], (pin, line)


def test_the_command_prints_them_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(DEMO_PATH), "--boot"]) == 0
    assert capsys.readouterr().out == "gpio=5,6,17,18,22,23,24,25=op,dl,pd\n"
