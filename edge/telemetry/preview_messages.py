"""The shapes of `preview`, what a page that shows the line lives from, and of the line's layout."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from edge.config import Profile
from edge.datapath import Reason
from edge.telemetry.header import Count, Header, Share

MOST_VERDICTS = 32
MOST_BOXES = 64
MOST_CROPS = 2
MOST_PICTURE = 40_000
"""Characters of one picture in base64: 320 pixels wide need about 15,000."""

Jpeg = Annotated[str, Field(max_length=MOST_PICTURE, json_schema_extra={"contentEncoding": "base64"})]


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePlace:
    lane: Count
    outlet: str
    x_mm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where everything is: x along the belt from the picture's upstream edge, y across from its first row. `view_mm`
    is what the camera sees, along and across; `lanes` are from and to in y; `route` sends a label to an outlet."""

    view_mm: tuple[float, float]
    speed_mm_s: float
    lanes: tuple[tuple[float, float], ...]
    gates: dict[str, GatePlace]
    route: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A fruit just decided. Its middle was at x = 0 when the belt read `origin_mm`; its gate is to be open while the
    belt reads `opens_mm` (null without a pulse). `age_ms` is how long before the message it was decided, `latency_ms`
    how long after the newest picture, `slack_ms` how long before its gate had to be told."""

    track_id: str
    lane: Count
    origin_mm: float
    y_mm: float
    length_mm: float
    label: str
    confidence: Share
    unknown_score: Share
    outlet: str
    reason: Reason
    gate: str | None
    opens_mm: tuple[float, float] | None
    age_ms: float
    latency_ms: float | None
    slack_ms: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What the camera sees. `boxes` are the fruit found in it, (x, y, width, height) as shares of the picture."""

    jpeg: Jpeg
    age_ms: float
    boxes: Annotated[tuple[tuple[Share, Share, Share, Share], ...], Field(max_length=MOST_BOXES)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crop:
    """One fruit's picture, for people to judge: of one in doubt, or of one drawn at random."""

    track_id: str
    why: Literal["doubtful", "random"]
    jpeg: Jpeg
    label: str
    confidence: Share
    unknown_score: Share
    outlet: str
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview(Header):
    """The line as it moves, only while somebody watches; at most once, so seq is 0. At ts_utc the belt read `belt_mm`
    and ran at `speed_mm_s`."""

    schema: Literal["sorter.preview/1"] = "sorter.preview/1"
    belt_mm: float
    speed_mm_s: float
    verdicts: Annotated[tuple[Shown, ...], Field(max_length=MOST_VERDICTS)] = ()
    picture: Picture | None = None
    crops: Annotated[tuple[Crop, ...], Field(max_length=MOST_CROPS)] = ()


def layout(profile: Profile) -> Layout:
    """The layout that a profile describes."""
    camera = profile.camera
    return Layout(
        view_mm=(round(camera.width_px * camera.mm_per_px, 1), round(camera.height_px * camera.mm_per_px, 1)),
        speed_mm_s=profile.belt.speed_mm_s,
        lanes=tuple((lane.from_mm, lane.to_mm) for lane in profile.lanes),
        gates={
            name: GatePlace(lane=gate.lane, outlet=gate.outlet, x_mm=gate.x_mm) for name, gate in profile.gates.items()
        },
        route=dict(profile.route),
    )
