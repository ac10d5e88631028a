"""A scenario: which profile runs, what is fed to it, and how far the true machine strays from what the profile says.

TOML → pydantic, unknown keys are faults, all faults at once. `sim/scenarios/clean.toml` documents every key.
"""

import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

import firmware_config
from edge.config import Profile, load_profile
from edge.config import profile_of as settings_of
from edge.errors import SorterError, UsageFault
from edge.keyfaults import key_faults
from sim.faults import FaultSpan, span_faults
from sim.newcomers import Newcomer

FOLDER = Path(__file__).parent / "scenarios"
PROFILES = Path(firmware_config.__path__[0]) / "profiles"

Share = Annotated[float, Field(ge=0, le=1)]
Spread = Annotated[float, Field(ge=0, le=0.2)]
Mm = Annotated[float, Field(ge=0, le=1_000)]
Part = Annotated[int, Field(ge=0, le=100)]
BodyMm = Annotated[float, Field(ge=10, le=120)]
Turns = Annotated[float, Field(ge=0, le=50)]
Ms = Annotated[float, Field(ge=0, le=1_000)]


class ScenarioFault(SorterError):
    """A scenario is not good. One line a fault."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Mix(_Section):
    """The fruit of each true grade in one round."""

    green: Part = 0
    turning: Part = 0
    red: Part = 0
    damaged: Part = 0
    unknown: Part = 0


class Feed(_Section):
    """What lies on the belt. Lengths run with the belt."""

    pitch_mm: Annotated[float, Field(ge=10, le=10_000)]
    pitch_sd_mm: Mm
    gap_mm: Mm
    touching: Share = 0.0
    paired: Share = 0.0
    pair_gap_mm: tuple[Mm, Mm] = (2.0, 12.0)
    length_mm: tuple[BodyMm, BodyMm]
    offset_mm: Mm
    yaw_deg: Annotated[float, Field(ge=0, le=90)]
    turns_per_m: tuple[Turns, Turns]
    carried_mm: Annotated[float, Field(ge=-1_000, le=1_000)]
    mix: Mix


class Rush(_Section):
    """A spell of the run, in seconds of feed: fruit come `feed` times as often, the device's steps take `slow` times as
    long (where `--service-time` is given)."""

    from_s: Annotated[float, Field(ge=0)]
    to_s: Annotated[float, Field(gt=0)]
    feed: Annotated[float, Field(ge=0.05, le=20)] = 1.0
    slow: Annotated[float, Field(ge=0.05, le=100)] = 1.0

    def holds(self, at_s: float) -> bool:
        return self.from_s <= at_s < self.to_s


class BeltStep(_Section):
    """Come to a speed at a ramp, and hold it for so long."""

    speed_mm_s: Annotated[float, Field(ge=0, le=3_000)]
    hold_s: Annotated[float, Field(ge=0, le=3_600)]
    ramp_mm_s2: Annotated[float, Field(ge=1, le=100_000)] = 500.0


class Belt(_Section):
    """How the belt runs, round after round, where not at the profile's speed; the share of it that is its slow speed;
    and how its encoder's wheel grips."""

    program: tuple[BeltStep, ...] = ()
    slow: Annotated[float, Field(ge=0.05, le=1)] = 0.5
    wheel_slip: Annotated[float, Field(ge=-0.5, le=0.5)] = 0.0
    wheel_slips_from_mm: Annotated[float, Field(ge=0, le=1e9)] = 0.0


class Truth(_Section):
    """How far truth strays from the profile: fractions and offsets are half-widths of an even draw, `_sd_` normal."""

    belt_speed: Spread
    mm_per_px: Spread
    skew_deg: Annotated[float, Field(ge=0, le=5)]
    light: Spread
    gate_x_mm: Mm
    gates_off_mm: Annotated[float, Field(ge=-500, le=500)] = 0.0
    gate_delay_ms: Ms
    gate_sd_ms: Ms
    slip_sd: Annotated[float, Field(ge=0, le=0.02)]
    landing_ms: Ms
    landing_sd_ms: Ms
    belt_off: Annotated[float, Field(ge=-0.5, le=0.5)] = 0.0
    um_per_edge: Spread = 0.0


class Scenario(_Section):
    """`profile` is a name in `firmware_config/profiles/`, or a path beside the scenario's file; `machine` holds
    settings in place of the profile's. In its file `extends` names the scenario that it differs from."""

    name: str
    about: str
    profile: str = "demo"
    machine: dict[str, Any] = {}
    feed: Feed
    truth: Truth
    belt: Belt = Belt()
    rush: tuple[Rush, ...] = ()
    newcomer: tuple[Newcomer, ...] = ()
    fault: tuple[FaultSpan, ...] = ()

    @model_validator(mode="after")
    def _cross_check(self) -> Self:
        if faults := [
            *_cross_faults(self.feed),
            *_belt_faults(self.belt),
            *_rush_faults(self.rush),
            *span_faults(self.fault),
            *(f"[[newcomer]] {n}: {said}" for n, one in enumerate(self.newcomer) for said in one.faults()),
        ]:
            raise ValueError("\n".join(faults))
        return self

    def feed_factor(self, fed_s: float) -> float:
        """How many times as often fruit are laid onto the belt when it has been fed for so long."""
        return next((rush.feed for rush in self.rush if rush.holds(fed_s)), 1.0)

    def slow_factor(self, ran_s: float) -> float:
        """How many times as long the device's steps take by then."""
        return next((rush.slow for rush in self.rush if rush.holds(ran_s)), 1.0)


def names() -> list[str]:
    """The scenarios that exist by name."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load_scenario(name: str) -> Scenario:
    """A scenario by name, or from a TOML file. Raises UsageFault where there is none, else ScenarioFault."""
    path = FOLDER / f"{name}.toml"
    if name not in names():
        path = Path(name)
        if path.suffix != ".toml" or not path.is_file():
            raise UsageFault(f"{name}: no such scenario; there are {', '.join(names())}, or give a TOML file")
    try:
        return Scenario.model_validate({"name": path.stem, **_read(path)})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ScenarioFault(f"{path}: not TOML: {error}") from None
    except ValidationError as error:
        raise ScenarioFault("\n".join(f"{path}: {line}" for line in _fault_lines(error))) from None


def _read(path: Path) -> dict[str, Any]:
    """A scenario's keys; `extends` names another by name, whose keys stand wherever this one has none."""
    found = tomllib.loads(path.read_text(encoding="utf-8"))
    extended = found.pop("extends", None)
    if extended is None:
        return found
    if not isinstance(extended, str) or extended not in names():
        raise ScenarioFault(f"{path}: extends = {extended!r}: no such scenario; there are {', '.join(names())}")
    if path == FOLDER / f"{extended}.toml":
        raise ScenarioFault(f"{path}: extends = {extended!r}: cannot extend itself")
    return _over(_read(FOLDER / f"{extended}.toml"), found)


def _over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Two tables as one: the keys of the second win, table by table."""
    both = dict(below)
    for key, value in above.items():
        under = both.get(key)
        both[key] = _over(under, value) if isinstance(value, dict) and isinstance(under, dict) else value
    return both


def with_faults(scenario: Scenario, faults: Iterable[FaultSpan]) -> Scenario:
    """The scenario with more faults than its own."""
    return scenario.model_copy(update={"fault": (*scenario.fault, *faults)})


def profile_of(scenario: Scenario, name: str) -> tuple[Path, Profile]:
    """The scenario's profile and its file; `name` is how the scenario was asked for, a path starts beside its file.

    Raises as `edge.config.load_profile` does.
    """
    path = PROFILES / f"{scenario.profile}.toml"
    if not path.is_file():
        path = Path(name).parent / scenario.profile
    return path, load_machine(path, scenario.machine)


def load_machine(path: Path, machine: dict[str, Any]) -> Profile:
    """A profile with some settings in place of its own, and without its history: what a desk's fruit were is no part of
    that. Raises as `edge.config.load_profile` does."""
    profile = load_profile(path)
    if not machine:
        return profile.model_copy(update={"history": profile.history.model_copy(update={"folder": None})})
    return settings_of(_over(tomllib.loads(path.read_text(encoding="utf-8")), machine), f"{path} with [machine]")


def _cross_faults(feed: Feed) -> Iterator[str]:
    for key in ("pair_gap_mm", "length_mm", "turns_per_m"):
        low, high = getattr(feed, key)
        if low > high:
            yield f"[feed] {key} = [{low:g}, {high:g}]: the first must be at most the second"
    if feed.touching + feed.paired > 1:
        yield f"[feed] touching + paired = {feed.touching + feed.paired:g}: must be at most 1"
    if not any(feed.mix.model_dump().values()):
        yield "[feed.mix]: at least one grade must be fed"


def _rush_faults(rushes: tuple[Rush, ...]) -> Iterator[str]:
    for n, rush in enumerate(rushes):
        if rush.to_s <= rush.from_s:
            yield f"[[rush]] {n}: to_s = {rush.to_s:g}: must be above from_s = {rush.from_s:g}"


def _belt_faults(belt: Belt) -> Iterator[str]:
    if belt.program and not belt.program[0].speed_mm_s:
        yield "[belt] program: its first step must move: fruit come with the belt"


def _fault_lines(error: ValidationError) -> Iterator[str]:
    yield from key_faults(error, Scenario.model_json_schema())
    for fault in error.errors(include_url=False):
        if not fault["loc"]:
            yield from fault["msg"].removeprefix("Value error, ").split("\n")
