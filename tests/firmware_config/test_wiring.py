"""The hardware guide's wiring table, the reference profiles, the boot fragment and the units say the same."""

from dataclasses import replace
from pathlib import Path

import pytest

from edge.config import load_profile
from edge.preflight import preflight
from tests.firmware_config.drawing import draw
from tests.firmware_config.wiring import FIRMWARE, MACHINES, ROOT, Sources, disagreements, profile_lines, read


def test_the_four_agree() -> None:
    assert disagreements(read()) == []


def test_a_reference_machine_is_a_good_profile_that_fits_the_header() -> None:
    lanes = {}
    for name in MACHINES:
        profile, _ = preflight(FIRMWARE / "profiles" / f"{name}.toml")
        assert len(profile_lines(profile)) <= 28
        gates = [sum(gate.lane == n for gate in profile.gates.values()) for n in range(len(profile.lanes))]
        lanes[name] = gates
    assert lanes == {"one-lane": [4], "four-lanes": [2, 2, 2, 2]}
    assert all(gate.exit_pin for gate in read().profiles["four-lanes"].gates.values())


def profile_with(tmp_path: Path, found: str, wanted: str, name: str = "one-lane") -> Sources:
    """The sources with one profile changed."""
    text = (FIRMWARE / "profiles" / f"{name}.toml").read_text(encoding="utf-8")
    assert found in text
    (tmp_path / "changed.toml").write_text(text.replace(found, wanted, 1), encoding="utf-8")
    sources = read()
    return replace(sources, profiles={**sources.profiles, name: load_profile(tmp_path / "changed.toml")})


@pytest.mark.parametrize(
    ("found", "wanted", "says"),
    [
        ("pin = 17", "pin = 15", "one-lane: line 15: the profile has Line(what='gate red'"),
        ("pin = 17", "pin = 15", "one-lane: line 15, gate red: wants ['dl', 'op', 'pd'], boots as []"),
        (
            "pin = 17\n",
            "pin = 17\nactive_high = false\n",
            "one-lane: line 17: the profile has Line(what='gate red', pull='up'",
        ),
        (
            "pin = 17\n",
            "pin = 17\nactive_high = false\n",
            "line 17, gate red: is pulled to its active level at power-on",
        ),
        ("pin = 17", "pin = 2", "line 2, gate red: is pulled to its active level at power-on"),
        ("pin = 17", "pin = 8", "line 8, gate red: wants ['dl', 'op', 'pd'], boots as ['ip', 'pu']"),
        ("[gates.red]", "[gates.rot]", "the table Line(what='gate red'"),
        ("e_stop_pin = 26", "e_stop_pin = 26\ne_stop_active_high = false", "line 26, e-stop: wants ['ip', 'pd']"),
        ("alive_pin = 13", "", "one-lane: line 13: the profile has None, the table Line(what='alive'"),
        (
            "inhibit_active_high = false",
            "inhibit_active_high = true",
            "line 12: the profile has Line(what='inhibit', pull='up'",
        ),
        ("pin_b = 21", "pin_b = 19", "line 19: the profile has Line(what='encoder b'"),
    ],
)
def test_a_profile_that_is_changed_alone_is_caught(tmp_path: Path, found: str, wanted: str, says: str) -> None:
    faults = disagreements(profile_with(tmp_path, found, wanted))
    assert any(says in fault for fault in faults), faults


@pytest.mark.parametrize(
    ("part", "found", "wanted", "says"),
    [
        ("table", "| 17 | 11 | gate red |", "| 17 | 11 | gate green |", "one-lane: line 17"),
        ("table", "| 17 | 11 |", "| 17 | 12 |", "line 17: is at pin 11 of the header, the table says 12"),
        ("table", "| gate red | gate table_0 | down |", "| gate red | gate table_0 | up |", "one-lane: line 17"),
        ("table", "gate table_0 | down | low |", "gate table_0 | down | high |", "four-lanes: line 17"),
        ("table", "| 26 | 37 | e-stop | e-stop | up | input |\n", "", "line 26: the profile has Line(what='e-stop'"),
        ("table", "| 4 | 7 | |", "| 4 | 7 | exit red |", "one-lane: line 4: the profile has None"),
        ("table", "`/etc/sorter/profile.toml`", "`/etc/sorter/line.toml`", "the guide puts the profile elsewhere"),
        ("boot", "16-18,", "16,18,", "line 17, gate red: wants ['dl', 'op', 'pd'], boots as []"),
        ("boot", "=op,dl,pd", "=op,dh,pd", "boots as ['dh', 'op', 'pd']"),
        ("boot", "=op,dl,pd", "=op,dl", "boots as ['dl', 'op']"),
        ("boot", "26=ip,pu", "26=ip,pd", "line 26, e-stop: wants ['ip', 'pu'], boots as ['ip', 'pd']"),
        (
            "boot",
            "27=op,dl,pd",
            "26-27=op,dl,pd\ngpio=14=op,dl,pd",
            "line 14: boots as ['dl', 'op', 'pd'], but no profile has it",
        ),
        ("boot", "dtparam=spi=off", "dtparam=spi=on", "lines [7, 8, 9, 10, 11]: are the profiles', but spi is not off"),
        ("boot", "dtparam=spi=off\n", "", "but spi is not off"),
        ("boot", "dtparam=strict_gpiod\n", "", "the kernel keeps a dead process's levels"),
        ("boot", "dtparam=watchdog=on", "dtparam=watchdog=off", "the hardware's watchdog is not both"),
        ("watchdog", "RuntimeWatchdogSec=10s", "RuntimeWatchdogSec=60s", "the hardware's watchdog is not both"),
        ("unit", "DeviceAllow=char-gpiochip rw\n", "", "the unit may not open the GPIO"),
        ("unit", "SupplementaryGroups=gpio video", "SupplementaryGroups=video", "is not lent the group of the GPIO"),
        ("unit", "DevicePolicy=closed", "PrivateDevices=yes", "the unit sees no device at all"),
        (
            "unit",
            "release /etc/sorter/profile.toml",
            "release /etc/sorter/other.toml",
            "are not released: ExecStopPost=-",
        ),
        ("unit", "ExecStopPost=", "# ExecStopPost=", "are not released: ExecStopPost="),
    ],
)
def test_table_boot_fragment_and_units_that_are_changed_alone_are_caught(
    part: str, found: str, wanted: str, says: str
) -> None:
    sources = read()
    text = getattr(sources, part)
    assert found in text
    faults = disagreements(replace(sources, **{part: text.replace(found, wanted)}))
    assert any(says in fault for fault in faults), faults


def test_the_drawing_is_of_these_profiles() -> None:
    assert (ROOT / "docs" / "wiring.svg").read_text(encoding="utf-8") == draw(read().profiles)
