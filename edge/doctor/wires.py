"""The lines of the GPIO: who holds each, at which level it stands, and what pulls it. Pure: each check judges a
reading."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from edge.config import Profile
from edge.doctor.finding import Check, Finding

PIN = Check("pin", "a line that somebody else drives, or nobody pulls, opens a gate at the wrong time or not at all")
ENCODER = Check("encoder", "where the belt's travel is not counted, gates open for the wrong fruit")

Role = Literal["gate", "exit", "encoder", "stop", "told"]
"""`told`: an output by which others are told something. It is looked at and never claimed."""

_BOUNCED = 0.02


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line that the profile names: its key, what it is for, the level at which it should stand now (None: either),
    and which pull its claim sets: True up, False down, None none."""

    key: str
    pin: int
    role: Role
    idle: int | None
    pull_up: bool | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """As it was found. `holder`: who holds it, "" for nobody, None where that is not known; `pull`: up, down or none;
    None for what is not known. `refusal`: why it cannot be had, empty where it can."""

    holder: str | None
    level: int | None
    pull: str | None
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Pulses:
    """An encoder for a while: edges that counted, and that came too soon after another."""

    edges: int
    refused: int
    seconds: float


def wanted(profile: Profile) -> Iterator[Wanted]:
    """The profile's lines."""
    for name, gate in profile.gates.items():
        yield Wanted(f"[gates.{name}] pin", gate.pin, "gate", int(not gate.active_high))
    for key, pin, role, idle, pull_up in _inputs(profile):
        if pin is not None:
            yield Wanted(key, pin, role, idle, pull_up)


def _inputs(profile: Profile) -> Iterator[tuple[str, int | None, Role, int | None, bool | None]]:
    """And what is asked of upstream: all that is no gate. A pin that is None is not there."""
    for name, gate in profile.gates.items():
        yield f"[gates.{name}] exit_pin", gate.exit_pin, "exit", 1, True
    if profile.encoder is not None:
        yield "[encoder] pin_a", profile.encoder.pin_a, "encoder", None, True
        yield "[encoder] pin_b", profile.encoder.pin_b, "encoder", None, True
    stops_at = profile.safety.e_stop_active_high
    yield "[safety] e_stop_pin", profile.safety.e_stop_pin, "stop", int(not stops_at), stops_at
    yield "[safety] alive_pin", profile.safety.alive_pin, "told", None, None
    yield "[feed] inhibit_pin", profile.feed.inhibit_pin, "told", None, None
    yield "[feed] slow_pin", profile.feed.slow_pin, "told", None, None
    for key in ("strobe_pin", "trigger_pin"):
        yield f"[camera] {key}", getattr(profile.camera, key), "told", None, None


def lines(found: Iterable[tuple[Wanted, Line]], serves: bool) -> Iterator[Finding]:
    """`serves`: whether the service runs, whose the lines are then."""
    for one, line in found:
        yield _line(PIN.of(f"{one.key} = {one.pin}"), one, line, serves)


def _line(check: Check, one: Wanted, line: Line, serves: bool) -> Finding:
    told = _told(line, one.role)
    if serves and (line.holder or line.refusal):
        return check.good(", ".join(["the service holds it", *_stands(line)]))
    if line.holder:
        return check.fault(told, "end what holds it, or give it another pin; an overlay in config.txt may hold it too")
    if line.refusal:
        return check.fault(line.refusal, "gpioinfo shows who holds it; end that, or give it another pin")
    if one.idle is not None and line.level is not None and line.level != one.idle:
        return _astray(check, one, told)
    return check.good(told)


def _astray(check: Check, one: Wanted, told: str) -> Finding:
    if one.role == "stop":
        return check.attention(f"{told}: it is pressed", "release the button; else see its cable, whose cut is a stop")
    if one.role == "exit":
        return check.attention(
            f"{told}: its beam is broken", "see what stands in it, whether it has power, and which way it is wired"
        )
    return check.fault(
        f"{told}: the level that opens the gate",
        "see its pull-down (pull-up, where active_high = false), and whether active_high is right",
    )


def _told(line: Line, role: Role) -> str:
    if not line.holder and role == "told":
        parts = ["it is left alone: others act on it"]
    else:
        parts = [f"held by {line.holder}" if line.holder else "it is free"]
    return ", ".join([*parts, *_stands(line)])


def _stands(line: Line) -> Iterator[str]:
    if line.level is not None:
        yield "high" if line.level else "low"
    if line.pull is not None:
        yield f"pull {line.pull}"


def encoder(profile: Profile, pulses: Pulses | None, refusal: str, serves: bool) -> Iterator[Finding]:
    """`pulses` None: it could not be listened to, because of `refusal`."""
    told = profile.encoder
    if told is None:
        yield ENCODER.unchecked("the profile has no [encoder]: the belt is taken to run at its one speed")
    elif pulses is None and serves:
        yield ENCODER.unchecked("the service holds its lines", "systemctl stop sorter, then ask again")
    elif pulses is None:
        yield ENCODER.fault(refusal, "see the pins of [encoder]")
    else:
        yield _pulses(pulses, pulses.edges * told.um_per_edge / 1000 / pulses.seconds, profile.belt.speed_mm_s)


def _pulses(pulses: Pulses, mm_s: float, most_mm_s: float) -> Finding:
    told = (
        f"{pulses.edges} pulses in {pulses.seconds:.1f} s: {mm_s:.0f} mm/s of belt, {pulses.refused} refused as bounce"
    )
    if not pulses.edges:
        return ENCODER.attention(
            f"no pulse in {pulses.seconds:.1f} s", "if the belt runs, see the wheel, its cable and its supply"
        )
    if mm_s > most_mm_s * 1.1:
        return ENCODER.fault(
            f"{told}; the profile's belt runs {most_mm_s:g} at most", "correct um_per_edge, or speed_mm_s"
        )
    if pulses.refused > pulses.edges * _BOUNCED:
        return ENCODER.attention(
            told, "screen its cable, and lead it away from the valves'; a pull-up of 1 to 4.7 kOhm"
        )
    return ENCODER.good(told)
