"""The part that finds the camera and the belt: the board rides through the picture until it has ridden often enough."""

from __future__ import annotations

from edge.belt import BeltHistory
from edge.calibrate.board import find
from edge.calibrate.changes import Changes, Value
from edge.calibrate.ride import Rides
from edge.calibrate.session import Laid, MakePart
from edge.config import Profile
from edge.datapath import Frame, GateEvent
from edge.ports import GateLink

RIDES = 5
_CLIPPED = 250.0
_GREY = 0.02
"""Differences of the paper's channels up to this are left alone: no paper is quite white."""


class CameraPart:
    """Answers `session.Part`. `board_scale`: how much larger than drawn the board was printed."""

    lays: Laid = "board"
    plate = None

    def __init__(self, profile: Profile, utc: str, board_scale: float = 1.0, rides: int = RIDES) -> None:
        self.rides = Rides()
        self._profile = profile
        self._utc = utc
        self._board_scale = board_scale
        self._wanted = rides

    @property
    def done(self) -> bool:
        return len(self.rides.done) >= self._wanted

    @property
    def lacks(self) -> str:
        return f"the whole board carried through the picture {self._wanted} times (seen {len(self.rides.done)})"

    def see(self, frame: Frame, travel_um: int) -> None:
        self.rides.see(frame.exposed_at_ns, travel_um, find(frame.pixels, self._board_scale))

    def hear(self, event: GateEvent) -> None:
        pass

    def step(self, now_ns: int) -> None:
        pass

    def changes(self) -> Changes:
        found, told = self.rides.found(), self._profile
        changes: Changes = {("camera",): {"mm_per_px": round(found.mm_per_px.value, 5)}}
        if balance := _balanced(told.camera.white_balance, found.white):
            changes["camera",]["white_balance"] = balance
        evidence: dict[str, Value] = {
            "made_utc": self._utc,
            "rides": found.mm_per_px.n,
            "mm_per_px": round(found.mm_per_px.value, 5),
            "mm_per_px_sd": round(found.mm_per_px.sd, 6),
            "skew_deg": round(found.skew_deg.value, 3),
            "skew_sd_deg": round(found.skew_deg.sd, 4),
            "speed_mm_s": round(found.speed_mm_s.value, 2),
            "speed_sd_mm_s": round(found.speed_mm_s.sd, 3),
        }
        if told.encoder is None:
            changes["belt",] = {"speed_mm_s": round(found.speed_mm_s.value, 2)}
        elif found.travel_ratio is not None:
            um_per_edge = told.encoder.um_per_edge * found.travel_ratio.value
            changes["encoder",] = {"um_per_edge": round(um_per_edge)}
            evidence["um_per_edge"] = round(um_per_edge, 2)
            evidence["um_per_edge_sd"] = round(told.encoder.um_per_edge * found.travel_ratio.sd, 3)
        changes["calibration", "camera"] = evidence
        return changes


def _balanced(gains: tuple[float, float], white: tuple[float, float, float]) -> tuple[float, float] | None:
    """The red and blue gains with which the board's paper is grey; None where they are, or where it is overexposed."""
    red, green, blue = white
    if max(white) > _CLIPPED or min(white) <= 0:
        return None
    if max(abs(red / green - 1), abs(blue / green - 1)) < _GREY:
        return None
    return round(gains[0] * green / red, 3), round(gains[1] * green / blue, 3)


def camera_part(utc: str, board_scale: float = 1.0, rides: int = RIDES) -> MakePart:
    """Makes the part."""

    def make(profile: Profile, gates: GateLink, belt: BeltHistory) -> CameraPart:
        return CameraPart(profile, utc, board_scale, rides)

    return make
