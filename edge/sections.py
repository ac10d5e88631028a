"""The sections of a profile: which keys there are, in which units, within which limits."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from edge.auditsection import Audit
from edge.calibrated import Calibration
from edge.keeping import History, Recorder
from edge.reportsection import Report
from edge.section import Section

Name = Annotated[
    str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$", description="1 to 32 of a-z, 0-9, - and _, no - or _ first")
]
PositiveMm = Annotated[float, Field(gt=0, le=10_000)]
Gain = Annotated[float, Field(gt=0, le=32)]
Broker = Annotated[
    str, Field(pattern=r"^mqtts?://[^/\s:]+(:\d+)?$", description="mqtt://host or mqtts://host, :port where it differs")
]
CommandName = Literal["feed", "label", "acknowledge", "preview", "check-update", "review", "pictures", "lot"]
"""What may be asked of a machine over its broker; `edge.telemetry.command_messages` says how."""
RoleName = Literal["viewer", "reviewer", "operator", "releaser"]
"""Who people can be; `firmware_config/mosquitto/roles.toml` says which commands each may give."""
Fraction = Annotated[float, Field(ge=0, le=1)]


class Belt(Section):
    """The belt: without an encoder its one speed, with one the fastest that it runs."""

    speed_mm_s: Annotated[float, Field(ge=10, le=3_000)]


class Encoder(Section):
    """A wheel on the belt, at one line of the GPIO or at two in quadrature. `um_per_edge` is the belt's travel from one
    edge to the next: of either level, and of either line."""

    pin_a: Annotated[int, Field(ge=2, le=27)]
    pin_b: Annotated[int | None, Field(ge=2, le=27)] = None
    um_per_edge: Annotated[int, Field(ge=20, le=10_000)]


class Camera(Section):
    """The camera over the belt, as calibration found it. `readout_us`: from the first row's exposure to the last's, 0
    on a global shutter."""

    source: Annotated[str, Field(min_length=1)] = "picamera"
    width_px: Annotated[int, Field(ge=160, le=4_056)]
    height_px: Annotated[int, Field(ge=120, le=3_040)]
    frames_hz: Annotated[float, Field(ge=1, le=240)]
    exposure_us: Annotated[int, Field(ge=20, le=20_000)]
    gain: Annotated[float, Field(ge=1, le=16)] = 1.0
    white_balance: Annotated[tuple[Gain, Gain], Field(strict=False)] = (1.0, 1.0)
    mm_per_px: Annotated[float, Field(ge=0.05, le=5)]
    silent_ms: Annotated[float | None, Field(ge=20, le=2_000)] = None
    readout_us: Annotated[int, Field(ge=0, le=100_000)] = 0
    two_streams: bool = True
    strobe_pin: Annotated[int | None, Field(ge=2, le=27)] = None
    trigger_pin: Annotated[int | None, Field(ge=2, le=27)] = None
    belt_level: Annotated[float | None, Field(ge=5, le=255)] = None

    @property
    def view_mm(self) -> float:
        """The length of belt in the picture."""
        return self.width_px * self.mm_per_px

    @property
    def usb_number(self) -> int | None:
        """The N of `usb:N`, which is /dev/videoN; None for any other source."""
        number = self.source.removeprefix("usb:")
        return int(number) if self.source.startswith("usb:") and number.isdecimal() else None


class Lane(Section):
    """A strip of the belt, in millimetres across it from the picture's first row."""

    from_mm: Annotated[float, Field(ge=0, le=5_000)]
    to_mm: PositiveMm


class Gate(Section):
    """One gate: where it is, what it serves, how fast it moves, and the sensor behind it that sees fruit fall."""

    lane: Annotated[int, Field(ge=0, le=15)]
    outlet: Name
    pin: Annotated[int, Field(ge=2, le=27)]
    active_high: bool = True
    x_mm: PositiveMm
    open_delay_ms: Annotated[float, Field(ge=0, le=200)]
    close_delay_ms: Annotated[float, Field(ge=0, le=200)]
    delay_sd_ms: Annotated[float, Field(ge=0, le=50)] = 1.0
    shortest_on_ms: Annotated[float, Field(ge=1, le=500)]
    longest_on_ms: Annotated[float, Field(ge=5, le=5_000)]
    shortest_off_ms: Annotated[float, Field(ge=0, le=500)] = 0.0
    exit_pin: Annotated[int | None, Field(ge=2, le=27)] = None
    exit_ms: Annotated[float, Field(ge=1, le=2_000)] = 180.0
    exit_sd_ms: Annotated[float, Field(ge=1, le=200)] = 25.0


class Sort(Section):
    """When a fruit is decided and how a pulse is cut."""

    window_mm: PositiveMm
    shortest_window_mm: PositiveMm
    clearance_mm: Annotated[float, Field(ge=0, le=500)]
    late_mm: PositiveMm
    latency_budget_ms: Annotated[float, Field(ge=1, le=2_000)]
    aim_sd_mm: Annotated[float, Field(ge=0, le=50)] = 2.0
    most_risk: Fraction = 0.01


class Grade(Section):
    """Which bundle, how many looks, and what counts as doubt. A threshold left out is the bundle's own."""

    bundle: str = "factory"
    fewest_looks: Annotated[int, Field(ge=1, le=64)] = 3
    most_looks: Annotated[int, Field(ge=1, le=64)] = 12
    stop_when_certain: bool = True
    promise: bool = False
    least_confidence: Fraction | None = None
    most_unknown: Fraction | None = None


class Safety(Section):
    """The watch that main and gate process keep over each other; the line that changes its level while both are well,
    for a relay that drops when it stands; and the emergency stop: a contact that opens when it is pressed, on a line
    that is pulled to the level that stops."""

    heartbeat_ms: Annotated[int, Field(ge=40, le=1_000)] = 100
    alive_pin: Annotated[int | None, Field(ge=2, le=27)] = None
    e_stop_pin: Annotated[int | None, Field(ge=2, le=27)] = None
    e_stop_active_high: bool = True


class Feed(Section):
    """The lines to upstream: one that holds the feed back, one that slows the belt. Asked for while fruit are shed and
    in the safe state, and for `clear_s` longer. `when_dead`: what their pulls ask for without the device."""

    inhibit_pin: Annotated[int | None, Field(ge=2, le=27)] = None
    inhibit_active_high: bool = True
    slow_pin: Annotated[int | None, Field(ge=2, le=27)] = None
    slow_active_high: bool = True
    when_dead: Literal["inhibit", "free"] = "inhibit"
    clear_s: Annotated[float, Field(ge=0.1, le=600)] = 3.0


class Telemetry(Section):
    """The broker. Leave `broker` out for a machine that tells nobody."""

    broker: Broker | None = None
    mqtt: Literal["3.1.1", "5"] = "3.1.1"
    username: str | None = None
    password_file: Annotated[Path | None, Field(strict=False)] = None
    ca_file: Annotated[Path | None, Field(strict=False)] = None
    cert_file: Annotated[Path | None, Field(strict=False)] = None
    key_file: Annotated[Path | None, Field(strict=False)] = None
    queue: Annotated[int, Field(ge=100, le=1_000_000)] = 10_000
    metrics_s: Annotated[float, Field(ge=0.1, le=3_600)] = 1.0
    outbox: Annotated[Path | None, Field(strict=False)] = None
    outbox_bytes: Annotated[int, Field(ge=1_000_000, le=1_000_000_000_000)] = 1_000_000_000
    outbox_days: Annotated[float, Field(ge=0.01, le=3_650)] = 7.0
    sync_s: Annotated[float, Field(ge=0.1, le=60)] = 2.0
    openmetrics_port: Annotated[int | None, Field(ge=1, le=65_535)] = None
    homeassistant: bool = False
    sparkplug: bool = False


_DAY, _HOUR = "(mon|tue|wed|thu|fri|sat|sun)", r"(([01]\d|2[0-3]):[0-5]\d|24:00)"
Window = Annotated[
    str, Field(pattern=rf"^{_DAY}(-{_DAY})? {_HOUR}-{_HOUR}$", description="mon-fri 22:00-04:00, in local time")
]


class Update(Section):
    """Signed bundles over the air. Without `source` the machine keeps the bundle that it has."""

    source: Annotated[
        str | None, Field(pattern=r"^(https?|file)://[^\s?#]+$", description="https://, http:// or file:///folder")
    ] = None
    root: Annotated[Path, Field(strict=False)] = Path("/etc/sorter/root.json")
    folder: Annotated[Path, Field(strict=False)] = Path("/var/lib/sorter/update")
    channel: Name = "stable"
    machine_class: Name = "line"
    check_minutes: Annotated[float, Field(ge=0.1, le=10_080)] = 60.0
    shadow_fruit: Annotated[int, Field(ge=0, le=100_000)] = 300
    shadow_share: Annotated[float, Field(ge=0.01, le=1)] = 0.5
    most_disagreement: Annotated[float, Field(ge=0.01, le=0.99)] = 0.08
    probation_minutes: Annotated[float, Field(ge=0.05, le=10_080)] = 30.0
    windows: Annotated[list[Window], Field(max_length=14)] = Field(default=[])


class Watch(Section):
    """Whether the machine watches itself for decay: `reference_fruit` from which it learns what is usual, and how many
    false alarms a week it may give at most."""

    drift: bool = True
    reference_fruit: Annotated[int, Field(ge=200, le=1_000_000)] = 2_000
    false_alarms_per_week: Annotated[float, Field(ge=0.001, le=10)] = 1.0


class People(Section):
    """One person who sorts by eye: the human baseline of the report."""

    fruit_per_hour: Annotated[float, Field(gt=0, le=1_000_000)]
    right: Fraction
    cost_per_hour: Annotated[float, Field(ge=0, le=1_000_000)]


class Money(Section):
    """`worth`: the value of one fruit of each true grade in each outlet, any currency. `mix`: the share of each grade
    in what the plant is fed; the bundle's own where it is left out. The rest is for the report alone."""

    currency: str = "EUR"
    worth: dict[str, dict[str, float]] = Field(default={})
    mix: dict[str, Fraction] = Field(default={})
    fruit_kg: Annotated[float, Field(gt=0, le=100)] = 0.1
    fruit_per_hour: Annotated[float, Field(gt=0, le=10_000_000)] = 18_000.0
    cost_per_hour: Annotated[float, Field(ge=0, le=1_000_000)] = 0.0
    people: People | None = None


class Settings(Section):
    """All the sections of one machine."""

    site: Name
    machine: Name
    belt: Belt
    encoder: Encoder | None = None
    camera: Camera
    lanes: Annotated[list[Lane], Field(min_length=1, max_length=16)]
    gates: Annotated[dict[Name, Gate], Field(min_length=1)]
    route: dict[str, Name]
    sort: Sort
    grade: Grade = Grade()
    safety: Safety = Safety()
    feed: Feed = Feed()
    telemetry: Telemetry = Telemetry()
    commands: dict[Name, list[CommandName | RoleName]] = Field(default={})
    recorder: Recorder = Recorder()
    history: History = History()
    update: Update = Update()
    watch: Watch = Watch()
    money: Money = Money()
    audit: Audit = Audit()
    report: Report = Report()
    calibration: Calibration = Calibration()
