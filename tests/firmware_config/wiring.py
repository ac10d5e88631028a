"""What profiles, wiring table, boot fragment and units each say of the lines, and where they disagree."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from edge.config import Profile, load_profile

ROOT = Path(__file__).parents[2]
FIRMWARE = ROOT / "firmware_config"
MACHINES = ("one-lane", "four-lanes")

HEADER = dict(
    zip(
        (2, 3, 4, 14, 15, 17, 18, 27, 22, 23, 24, 10, 9, 25, 11, 8, 7, 0, 1, 5, 6, 12, 13, 19, 16, 26, 20, 21),
        (3, 5, 7, 8, 10, 11, 12, 13, 15, 16, 18, 19, 21, 22, 23, 24, 26, 27, 28, 29, 31, 32, 33, 35, 36, 37, 38, 40),
        strict=True,
    )
)
"""BCM number to pin of the 40-pin header."""

ELSEWHERE = {"i2c_arm": {2, 3}, "spi": {7, 8, 9, 10, 11}, "uart": {14, 15}}
"""Lines that another function takes where it is on."""


@dataclass(frozen=True)
class Line:
    """One line as somebody says that it is. `level`: `low`, `high`, or `input`."""

    what: str
    pull: str
    level: str


@dataclass(frozen=True)
class Sources:
    profiles: dict[str, Profile]
    table: str
    boot: str
    unit: str
    watchdog: str
    rows: dict[int, tuple[int, dict[str, Line]]] = field(default_factory=dict)


def read() -> Sources:
    return Sources(
        {name: load_profile(FIRMWARE / "profiles" / f"{name}.toml") for name in MACHINES},
        (ROOT / "docs" / "hardware.md").read_text(encoding="utf-8"),
        (FIRMWARE / "boot" / "config.txt").read_text(encoding="utf-8"),
        (FIRMWARE / "systemd" / "sorter.service").read_text(encoding="utf-8"),
        (FIRMWARE / "systemd" / "watchdog.conf").read_text(encoding="utf-8"),
    )


def profile_lines(profile: Profile) -> dict[int, Line]:
    """BCM number to line."""
    lines: dict[int, Line] = {}
    for name, gate in profile.gates.items():
        lines[gate.pin] = _output(f"gate {name}", gate.active_high)
        if gate.exit_pin is not None:
            lines[gate.exit_pin] = Line(f"exit {name}", "up", "input")
    if profile.encoder:
        lines[profile.encoder.pin_a] = Line("encoder a", "up", "input")
        if profile.encoder.pin_b is not None:
            lines[profile.encoder.pin_b] = Line("encoder b", "up", "input")
    safety, feed, camera = profile.safety, profile.feed, profile.camera
    if safety.e_stop_pin is not None:
        lines[safety.e_stop_pin] = Line("e-stop", "up" if safety.e_stop_active_high else "down", "input")
    asked = feed.when_dead == "inhibit"
    for what, pin, active_high in (
        ("inhibit", feed.inhibit_pin, feed.inhibit_active_high != asked),
        ("slow", feed.slow_pin, feed.slow_active_high != asked),
        ("alive", safety.alive_pin, True),
        ("strobe", camera.strobe_pin, True),
        ("trigger", camera.trigger_pin, True),
    ):
        if pin is not None:
            lines[pin] = _output(what, active_high)
    return lines


def _output(what: str, active_high: bool) -> Line:
    return Line(what, "down", "low") if active_high else Line(what, "up", "high")


def table_rows(text: str) -> dict[int, tuple[int, dict[str, Line]]]:
    """BCM number to header pin and each machine's line."""
    rows = {}
    for bcm, pin, *machines, pull, level in re.findall(
        r"^\| (\d+) \| (\d+) \|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|$", text, re.MULTILINE
    ):
        said = {name: what.strip() for name, what in zip(MACHINES, machines, strict=True) if what.strip()}
        rows[int(bcm)] = int(pin), {name: Line(what, pull.strip(), level.strip()) for name, what in said.items()}
    return rows


def boot_lines(text: str) -> dict[int, set[str]]:
    """BCM number to what the firmware makes of it."""
    lines: dict[int, set[str]] = {}
    for pins, flags in re.findall(r"^gpio=([\d,-]+)=(\S+)$", text, re.MULTILINE):
        for part in pins.split(","):
            first, _, last = part.partition("-")
            for pin in range(int(first), int(last or first) + 1):
                lines[pin] = set(flags.split(","))
    return lines


def disagreements(sources: Sources) -> list[str]:
    """Every one, a line each."""
    sources = replace(sources, rows=table_rows(sources.table))
    checks = (_table, _headers, _boot, _power_on, _boot_functions, _units)
    return [fault for check in checks for fault in check(sources)]


def _table(s: Sources) -> Iterator[str]:
    """Table against profiles."""
    for name, profile in s.profiles.items():
        lines = profile_lines(profile)
        told = {bcm: said[name] for bcm, (_, said) in s.rows.items() if name in said}
        for bcm in sorted({*lines, *told}):
            if lines.get(bcm) != told.get(bcm):
                yield f"{name}: line {bcm}: the profile has {lines.get(bcm)}, the table {told.get(bcm)}"


def _headers(s: Sources) -> Iterator[str]:
    for bcm, (pin, _) in s.rows.items():
        if HEADER.get(bcm) != pin:
            yield f"line {bcm}: is at pin {HEADER.get(bcm)} of the header, the table says {pin}"


def _boot(s: Sources) -> Iterator[str]:
    """Boot fragment against profiles."""
    made, wanted = boot_lines(s.boot), {}
    for name, profile in s.profiles.items():
        for bcm, line in profile_lines(profile).items():
            flags = {"ip"} if line.level == "input" else {"op", "dl" if line.level == "low" else "dh"}
            wanted[bcm] = {*flags, "pu" if line.pull == "up" else "pd"}
            if (found := made.get(bcm, set())) != wanted[bcm]:
                yield f"{name}: line {bcm}, {line.what}: wants {sorted(wanted[bcm])}, boots as {sorted(found)}"
    for bcm in sorted({*made} - {*wanted}):
        yield f"line {bcm}: boots as {sorted(made[bcm])}, but no profile has it"


def _power_on(s: Sources) -> Iterator[str]:
    """A Pi pulls lines 0 to 8 up and the others down until its firmware runs."""
    for name, profile in s.profiles.items():
        for bcm, line in profile_lines(profile).items():
            if line.level != "input" and line.pull != ("up" if bcm <= 8 else "down"):
                yield f"{name}: line {bcm}, {line.what}: is pulled to its active level at power-on"


def _boot_functions(s: Sources) -> Iterator[str]:
    on = {what for what, state in re.findall(r"^dtparam=(\w+)=(\w+)$", s.boot, re.MULTILINE) if state == "on"}
    off = {what for what, state in re.findall(r"^dtparam=(\w+)=(\w+)$", s.boot, re.MULTILINE) if state == "off"}
    on |= {"uart"} if "\nenable_uart=1" in s.boot or "\ndtoverlay=disable-bt" not in s.boot else set()
    used = {bcm for profile in s.profiles.values() for bcm in profile_lines(profile)}
    for what, pins in ELSEWHERE.items():
        if used & pins and (what in on or (what == "spi" and what not in off)):
            yield f"lines {sorted(used & pins)}: are the profiles', but {what} is not off"
    if "\ndtparam=strict_gpiod\n" not in s.boot:
        yield "the kernel keeps a dead process's levels: dtparam=strict_gpiod is not there"


def _units(s: Sources) -> Iterator[str]:
    settings = re.findall(r"^(\w+)=(.*)$", s.unit, re.MULTILINE)
    if ("DeviceAllow", "char-gpiochip rw") not in settings:
        yield "the unit may not open the GPIO that the profiles name: DeviceAllow=char-gpiochip rw"
    if not any(key == "SupplementaryGroups" and "gpio" in value.split() for key, value in settings):
        yield "the unit is not lent the group of the GPIO: SupplementaryGroups=gpio"
    if dict(settings).get("PrivateDevices") == "yes":
        yield "the unit sees no device at all: PrivateDevices=yes"
    run, released = dict(settings).get("ExecStart", ""), dict(settings).get("ExecStopPost", "")
    if "edge.sort.release" not in released or not run or released.split()[-1] != run.split()[-1]:
        yield f"after the unit's end the lines of its profile are not released: ExecStopPost={released}"
    if "/etc/sorter/profile.toml" not in s.table or run.split()[-1:] != ["/etc/sorter/profile.toml"]:
        yield "the guide puts the profile elsewhere than where the unit reads it"
    fed = re.search(r"^RuntimeWatchdogSec=(\d+)s$", s.watchdog, re.MULTILINE)
    if ("dtparam=watchdog=on" in s.boot) != (fed is not None and int(fed[1]) < 15):
        yield "the hardware's watchdog is not both switched on and fed within the 15 s that it counts"
