"""The records that flow through the stages: frozen, one way, and said once.

Coordinates, in millimetres on the belt: x runs with it from the upstream edge of the picture, y across it from the
picture's first row. Belt travel is counted in integer micrometres (`_um`). A fruit keeps one number, `belt_um`: the
travel at which its middle stood at x = 0. Instants (`_at_ns`) are on `edge.clock`'s one clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from edge.gatepath import (
    BeltSample,
    EmergencyStop,
    Fall,
    Feed,
    GateClosed,
    GateEvent,
    GatePulse,
    Outcome,
    OutcomeResult,
)
from edge.ledger.entries import Event

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from edge.audited.draw import Sampled, Sampling

__all__ = [
    "BELT_END",
    "LABELS",
    "UNKNOWN",
    "Adopted",
    "BeltSample",
    "Detection",
    "EmergencyStop",
    "Fall",
    "Feed",
    "Frame",
    "GateClosed",
    "GateEvent",
    "GatePulse",
    "Grades",
    "Health",
    "Incident",
    "LineState",
    "Look",
    "Outcome",
    "OutcomeResult",
    "Reason",
    "Record",
    "Scene",
    "StepInputs",
    "Track",
    "Verdict",
]

LABELS = ("green", "turning", "red", "damaged")
"""What a bundle can call a fruit, in the order of every `scores` tuple."""

UNKNOWN = "unknown"
"""The label of whatever is not a tomato that the bundle can judge."""

BELT_END = "end"
"""The outlet without a gate: where fruit falls when nothing opens. Never a good outlet."""

LineState = Literal["starting", "sorting", "safe", "stopped"]
"""`safe`: it stopped itself; `stopped`: it was told to. Every gate is released in both."""

Reason = Literal["graded", "unknown", "doubtful", "crowded", "shed", "gateless", "lost", "audited"]
"""Why a fruit goes where it goes, the belt's end unless `graded` or `audited` (drawn for inspection). `gateless`: its
gate is out of use; `lost`: nobody knows when it will be at a gate."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture. `pixels`: uint8 RGB (height, width, 3); `half`: the same at half its size if the camera gives that;
    `exposed_at_ns`: the middle of its exposure; `lost`: frames of its camera that never came, so far."""

    camera: str
    number: int
    exposed_at_ns: int
    pixels: NDArray[np.uint8]
    lost: int = 0
    half: NDArray[np.uint8] | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """How a frame shows the empty belt: its brightness in grey levels, and, where a stretch of belt has passed since
    this was last told, the share of its picture that stayed dim meanwhile. `rgb`: its colour, where it was seen."""

    level: float
    spots: float | None = None
    rgb: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Detection:
    """One fruit seen in one frame. `box_px`: (x, y, width, height) in it. `x_mm, y_mm`: its middle on the belt; lengths
    are None on a still without a scale. `crop`: the box, uint8 RGB (h, w, 3), may share the frame's memory; `mask`:
    uint8 (h', w'), 255 on the fruit, the box at any resolution. `merged`: it may be more than one fruit."""

    box_px: tuple[int, int, int, int]
    x_mm: float | None
    y_mm: float | None
    length_mm: float | None
    width_mm: float | None
    touches_edge: bool
    crop: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    merged: bool = False


@dataclass(frozen=True, slots=True)
class Grades:
    """What the bundle says of one crop: `scores` are probabilities in the order of `LABELS` that add up to 1;
    `unknown_score` grows with strangeness from 0 to 1; `features`: the network's; `colour`: the crop's mean RGB."""

    scores: tuple[float, ...]
    unknown_score: float
    features: NDArray[np.int8] | None = None
    colour: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """One graded view of one track. `sharpness` is the crop's, for weighing looks against each other."""

    track_id: str
    frame: int
    sharpness: float
    scores: tuple[float, ...]
    unknown_score: float
    features: NDArray[np.int8] | None = None
    colour: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Track:
    """A fruit followed along the belt (see the module's text for `belt_um`)."""

    track_id: str
    lane: int
    belt_um: int
    y_mm: float
    length_mm: float
    looks: tuple[Look, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided for a track: its label, and the outlet that it is sent to, with the reason. `audit`: drawn."""

    track_id: str
    label: str
    confidence: float
    unknown_score: float
    scores: tuple[float, ...]
    outlet: str
    reason: Reason
    decided_at_ns: int
    bundle: str
    profile: str
    audit: Sampled | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that an operator is told, by its `code` in `edge.incidents`; `figures` fill the entry's text."""

    at_ns: int
    code: str
    state: Literal["raised", "cleared"]
    figures: Mapping[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Adopted:
    """From this step on `bundle`, `name@digest`, grades the fruit that were not looked at yet. It lies in `folder`."""

    bundle: str
    folder: str


@dataclass(frozen=True, slots=True)
class StepInputs:
    """All that one step of the line took from outside: with the bundle and the profile it decides the step's outputs,
    so recording these replays a run. None: `frame` without a picture, `scene` not measured, the others no news."""

    now_ns: int
    gate_events: tuple[GateEvent, ...]
    frame: Frame | None
    detections: tuple[Detection, ...]
    scene: Scene | None = None
    adopted: Adopted | None = None
    sampling: Sampling | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """The running line, every `metrics_s`: counters of the run, times of the last window; allowed: by its self-test."""

    at_ns: int
    state: LineState
    frames: int
    frames_dropped: int
    tracks: int
    verdicts: int
    fired: int
    late: int
    refused: int
    step_p50_ms: float
    step_p99_ms: float
    inference_p50_ms: float
    gate_late_p99_ms: float
    queued_messages: int
    shed_messages: int
    broker: Literal["online", "offline"]
    throttled: bool = False
    speed_allowed_mm_s: float | None = None
    fruit_per_s_allowed: float | None = None
    shed: int = 0
    feed_inhibit: bool = False
    unpictured: int = 0


Record = StepInputs | Look | Track | Verdict | GatePulse | GateEvent | Incident | Health | Event
