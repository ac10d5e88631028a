"""A machine's settings: one TOML file, the profile. Every fault is found at once, each in one line.

Units are in the keys' names; unknown keys are faults. `firmware_config/profiles/demo.toml` documents every key.
"""

import hashlib
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from edge.datapath import BELT_END, LABELS
from edge.errors import ProfileFault, UsageFault

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
PositiveMm = Annotated[float, Field(gt=0, le=10_000)]
Fraction = Annotated[float, Field(ge=0, le=1)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Belt(_Section):
    """The belt without an encoder: a virtual one at this speed."""

    speed_mm_s: Annotated[float, Field(ge=10, le=3_000)]


class Camera(_Section):
    """The camera over the belt, as calibration found it."""

    source: Annotated[str, Field(min_length=1)] = "picamera"
    width_px: Annotated[int, Field(ge=160, le=4_056)]
    height_px: Annotated[int, Field(ge=120, le=3_040)]
    frames_hz: Annotated[float, Field(ge=1, le=240)]
    exposure_us: Annotated[int, Field(ge=20, le=20_000)]
    gain: Annotated[float, Field(ge=1, le=16)] = 1.0
    white_balance: tuple[float, float] = (1.0, 1.0)
    mm_per_px: Annotated[float, Field(ge=0.05, le=5)]

    @property
    def view_mm(self) -> float:
        """The length of belt in the picture."""
        return self.width_px * self.mm_per_px


class Lane(_Section):
    """A strip of the belt, in millimetres across it from the picture's first row."""

    from_mm: Annotated[float, Field(ge=0, le=5_000)]
    to_mm: PositiveMm


class Gate(_Section):
    """One gate: where it is, what it serves, and how fast it moves."""

    lane: Annotated[int, Field(ge=0, le=15)]
    outlet: Name
    pin: Annotated[int, Field(ge=2, le=27)]
    active_high: bool = True
    x_mm: PositiveMm
    open_delay_ms: Annotated[float, Field(ge=0, le=200)]
    close_delay_ms: Annotated[float, Field(ge=0, le=200)]
    shortest_on_ms: Annotated[float, Field(ge=1, le=500)]
    longest_on_ms: Annotated[float, Field(ge=5, le=5_000)]


class Sort(_Section):
    """When a fruit is decided and how a pulse is cut."""

    window_mm: PositiveMm
    shortest_window_mm: PositiveMm
    clearance_mm: Annotated[float, Field(ge=0, le=500)]
    late_mm: PositiveMm
    latency_budget_ms: Annotated[float, Field(ge=1, le=2_000)]


class Grade(_Section):
    """Which bundle, how many looks, and what counts as doubt. A threshold left out is the bundle's own."""

    bundle: str = "factory"
    fewest_looks: Annotated[int, Field(ge=1, le=64)] = 3
    most_looks: Annotated[int, Field(ge=1, le=64)] = 12
    least_confidence: Fraction | None = None
    most_unknown: Fraction | None = None


class Safety(_Section):
    """Deadlines of the watch that main and gate process keep over each other."""

    heartbeat_ms: Annotated[int, Field(ge=40, le=1_000)] = 150


class Telemetry(_Section):
    """The broker. Leave `broker` out for a machine that tells nobody."""

    broker: Annotated[str, Field(pattern=r"^mqtts?://[^/\s:]+(:\d+)?$")] | None = None
    username: str | None = None
    password_file: Path | None = None
    queue: Annotated[int, Field(ge=100, le=1_000_000)] = 10_000
    metrics_s: Annotated[float, Field(ge=0.1, le=3_600)] = 1.0


class Money(_Section):
    """`worth`: the value of one fruit of each true grade in each outlet, any currency."""

    currency: str = "EUR"
    worth: dict[str, dict[str, float]] = {}


class Profile(_Section):
    """One machine. `digest` names exactly these settings in every verdict."""

    site: Name
    machine: Name
    belt: Belt
    camera: Camera
    lanes: Annotated[list[Lane], Field(min_length=1, max_length=16)]
    gates: Annotated[dict[Name, Gate], Field(min_length=1)]
    route: dict[str, Name]
    sort: Sort
    grade: Grade = Grade()
    safety: Safety = Safety()
    telemetry: Telemetry = Telemetry()
    money: Money = Money()

    @model_validator(mode="after")
    def _cross_check(self) -> Self:
        if faults := list(_cross_faults(self)):
            raise ValueError("\n".join(faults))
        return self

    @property
    def speed_um_s(self) -> int:
        return round(self.belt.speed_mm_s * 1000)

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]

    def outlet_of(self, label: str) -> str:
        return self.route.get(label, BELT_END)

    def gate_for(self, lane: int, outlet: str) -> str | None:
        """The name of the gate that serves an outlet from a lane; None for the belt's end."""
        return next((n for n, g in self.gates.items() if (g.lane, g.outlet) == (lane, outlet)), None)

    def lane_of(self, y_mm: float) -> int | None:
        return next((n for n, lane in enumerate(self.lanes) if lane.from_mm <= y_mm < lane.to_mm), None)


def _cross_faults(p: Profile) -> Iterator[str]:
    """What no single key shows: each line reads `[section] key = found: what is allowed`."""
    yield from _lane_faults(p)
    yield from _gate_faults(p)
    outlets = {gate.outlet for gate in p.gates.values()}
    for label, outlet in p.route.items():
        if label not in LABELS:
            yield f"[route] {label}: must be one of {', '.join(LABELS)}"
        if outlet != BELT_END and outlet not in outlets:
            yield f"[route] {label} = {outlet!r}: no gate has this outlet; have {', '.join(sorted(outlets))}"
    if p.grade.fewest_looks > p.grade.most_looks:
        yield f"[grade] fewest_looks = {p.grade.fewest_looks}: must be at most most_looks = {p.grade.most_looks}"
    if p.sort.shortest_window_mm > p.sort.window_mm:
        yield (
            f"[sort] shortest_window_mm = {p.sort.shortest_window_mm:g}: "
            f"must be at most window_mm = {p.sort.window_mm:g}"
        )


def _lane_faults(p: Profile) -> Iterator[str]:
    for n, lane in enumerate(p.lanes):
        if lane.to_mm <= lane.from_mm:
            yield f"[lanes.{n}] to_mm = {lane.to_mm:g}: must be above from_mm = {lane.from_mm:g}"
        if n and lane.from_mm < p.lanes[n - 1].to_mm:
            yield f"[lanes.{n}] from_mm = {lane.from_mm:g}: overlaps lane {n - 1}"
        height_mm = p.camera.height_px * p.camera.mm_per_px
        if lane.to_mm > height_mm:
            yield f"[lanes.{n}] to_mm = {lane.to_mm:g}: must be at most {height_mm:g}, the camera's view"


def _gate_faults(p: Profile) -> Iterator[str]:
    pins: dict[int, str] = {}
    served: dict[tuple[int, str], str] = {}
    for name, gate in p.gates.items():
        where = f"[gates.{name}]"
        if gate.pin in pins:
            yield f"{where} pin = {gate.pin}: already used by gates.{pins[gate.pin]}; give each gate its own"
        pins.setdefault(gate.pin, name)
        if (gate.lane, gate.outlet) in served:
            yield f"{where} lane, outlet: gates.{served[gate.lane, gate.outlet]} serves the same"
        served.setdefault((gate.lane, gate.outlet), name)
        if gate.lane >= len(p.lanes):
            yield f"{where} lane = {gate.lane}: must be 0 to {len(p.lanes) - 1}"
        if gate.outlet == BELT_END:
            yield f"{where} outlet = {BELT_END!r}: the belt's end has no gate; choose another name"
        nearest_mm = p.camera.view_mm + p.belt.speed_mm_s * (p.sort.latency_budget_ms + gate.open_delay_ms) / 1000
        nearest_mm += p.sort.window_mm / 2
        if gate.x_mm < nearest_mm:
            yield (
                f"{where} x_mm = {gate.x_mm:g}: must be at least {nearest_mm:.0f}, where a fruit that leaves the "
                f"camera's view gets within the latency budget"
            )
        window_ms = p.sort.shortest_window_mm / p.belt.speed_mm_s * 1000
        if window_ms < gate.shortest_on_ms:
            yield (
                f"{where} shortest_on_ms = {gate.shortest_on_ms:g}: must be at most {window_ms:.0f}, "
                f"[sort] shortest_window_mm at the belt's speed"
            )
        if p.sort.window_mm / p.belt.speed_mm_s * 1000 > gate.longest_on_ms:
            yield f"{where} longest_on_ms = {gate.longest_on_ms:g}: shorter than [sort] window_mm takes to pass"


def load_profile(path: Path) -> Profile:
    """Read and check a profile. Raises UsageFault where there is no file, ProfileFault with every fault otherwise."""
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, IsADirectoryError):
        raise UsageFault(f"{path}: no such file; give a profile such as demo.toml") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ProfileFault([f"{path}: cannot be read as text: {error}"]) from None
    try:
        return Profile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ProfileFault([f"{path}: not TOML: {error}"]) from None
    except ValidationError as error:
        raise ProfileFault([f"{path}: {line}" for line in _fault_lines(error)]) from None


def _fault_lines(error: ValidationError) -> Iterator[str]:
    for fault in error.errors(include_url=False):
        if not fault["loc"]:
            yield from fault["msg"].removeprefix("Value error, ").split("\n")
            continue
        *section, key = (str(part) for part in fault["loc"])
        where = f"[{'.'.join(section)}] {key}" if section else key
        found = fault["input"]
        shown = "" if isinstance(found, dict) or fault["type"] == "missing" else f" = {found!r}"
        yield f"{where}{shown}: {_allowed(fault['type'], fault['msg'])}"


def _allowed(kind: Literal["extra_forbidden", "missing"] | str, message: str) -> str:
    if kind == "extra_forbidden":
        return "unknown key; see firmware_config/profiles/demo.toml for those that exist"
    if kind == "missing":
        return "missing; it must be given"
    return message[0].lower() + message[1:]
