"""What `sorter calibrate` writes beside the keys that a machine runs by: each figure with its date and how surely it is
known. `_sd` is the standard deviation of the figure of that name."""

from typing import Annotated

from pydantic import Field

from edge.section import Section

Sd = Annotated[float, Field(ge=0)]


Positive = Annotated[float, Field(gt=0)]


class CameraCalibration(Section):
    """What the board showed as it rode through the picture."""

    made_utc: str
    rides: Annotated[int, Field(ge=1)]
    mm_per_px: Positive
    mm_per_px_sd: Sd
    skew_deg: Annotated[float, Field(ge=-180, le=180)]
    skew_sd_deg: Sd
    speed_mm_s: Positive
    speed_sd_mm_s: Sd
    um_per_edge: Annotated[float | None, Field(gt=0)] = None
    um_per_edge_sd: Sd | None = None


class LightCalibration(Section):
    """The empty belt: its colour, and what stood in the picture beside it. `plate` is a picture beside the profile."""

    made_utc: str
    belt_level: Annotated[float, Field(ge=0, le=255)]
    belt_rgb: Annotated[tuple[float, float, float], Field(strict=False)]
    plate: str


class GateCalibration(Section):
    """What balls showed of a gate. `delay_sd_ms` is how much each movement's delay spreads; the other `_sd_` how surely
    the figure is known. `speeds`: of the belt, in mm/s: at one speed a gate's place and its delay cannot be told apart,
    and its place is what the profile said."""

    made_utc: str
    balls: Annotated[int, Field(ge=1)]
    speeds_mm_s: Annotated[tuple[float, float], Field(strict=False)]
    open_delay_ms: float
    open_delay_sd_ms: Sd
    close_delay_ms: float
    close_delay_sd_ms: Sd
    x_mm: Positive
    x_sd_mm: Sd
    delay_sd_ms: Sd
    exit_ms: float | None = None
    exit_sd_ms: Sd | None = None


class Calibration(Section):
    """What `sorter calibrate` found, when, and how surely. The machine runs by the keys of the other sections."""

    camera: CameraCalibration | None = None
    light: LightCalibration | None = None
    gates: dict[str, GateCalibration] = Field(default={})
