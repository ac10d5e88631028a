"""What the tracks say of the belt: fruit that move further through the picture than the belt is said to have travelled
show an encoder that slips, or a belt that runs at another speed than the profile's.

A single fruit slips and rolls, and the camera's scale is only as good as its calibration: small differences are
nobody's fault and change nothing. A difference that eight fruit agree on is taken for the belt's own.
"""

from math import fsum
from statistics import median

from edge.config import Profile
from edge.incidents import BELT_OFF_SPEED, ENCODER_RUNS_AHEAD, ENCODER_SLIPS, Told

PPM = 1_000_000
_FRUIT = 8
_FEWEST_SIGHTS = 4
_SIGHTS = 8
"""Of a fruit at most, evenly over the view."""

_SHORTEST_SHARE = 0.4
"""Of the view: a fruit that was seen over less of it says too little."""

_AGREEMENT = 0.01
"""Median distance of the fruit from their median, as a fraction: beyond it they do not agree."""

_TRUSTED = 0.02
"""Differences up to this are left alone: the camera's scale and the belt's speed, as calibrated, are each known to
about 1 %, and the windows of the gates bear both."""

_BOUND = 0.1
"""A correction goes no further than this fraction."""


class Drift:
    """The check of one run's belt. `scale_ppm` is the correction so far, in millionths of the encoder's own travel."""

    def __init__(self, profile: Profile) -> None:
        self.scale_ppm = PPM
        self._speed_mm_s = None if profile.encoder else profile.belt.speed_mm_s
        self._shortest_mm = _SHORTEST_SHARE * profile.camera.view_mm
        self._spacing_um = round(profile.camera.view_mm * 1000 / _SIGHTS)
        self._sights: dict[str, list[tuple[int, float]]] = {}
        self._found: list[float] = []
        self._raised: Told | None = None

    def sight(self, track_id: str, travel_um: int, x_mm: float | None) -> None:
        """A whole fruit was seen at x_mm while the belt read `travel_um`. A belt that stands adds nothing."""
        sights = self._sights.get(track_id)
        if x_mm is None or (sights and travel_um - sights[-1][0] < self._spacing_um):
            return
        if sights is None:
            sights = self._sights[track_id] = []
        sights.append((travel_um, x_mm))

    def left(self, track_id: str, apart: bool) -> list[Told] | None:
        """A track is done; `apart`: it was never taken for a part of another. Where that gives `scale_ppm` a new value,
        what the operator is told of it; else None."""
        sights = self._sights.pop(track_id, [])
        moved = _moved(sights, self._shortest_mm) if apart else None
        if moved is None:
            return None
        self._found.append(moved)
        if len(self._found) < _FRUIT:
            return None
        found, self._found = self._found, []
        middle = median(found)
        if median(abs(each - middle) for each in found) > _AGREEMENT or abs(middle - 1) <= _TRUSTED:
            return None
        return self._correct(middle)

    def _correct(self, ratio: float) -> list[Told] | None:
        scale = max(1 - _BOUND, min(1 + _BOUND, self.scale_ppm / PPM * ratio))
        if round(scale * PPM) == self.scale_ppm:
            return None
        self.scale_ppm = round(scale * PPM)
        self._sights.clear()  # what was seen so far was measured with the other scale
        return self._say(scale)

    def _say(self, scale: float) -> list[Told]:
        told: list[Told] = []
        if self._raised is not None:
            told.append(Told(self._raised.code, False, self._raised.figures))
            self._raised = None
        if abs(scale - 1) > _TRUSTED:
            if self._speed_mm_s is not None:
                code, figures = BELT_OFF_SPEED.code, {"speed_mm_s": self._speed_mm_s * scale}
            else:
                # Of 100 mm that the belt moves, the wheel counts 100 / scale.
                entry = ENCODER_SLIPS if scale > 1 else ENCODER_RUNS_AHEAD
                code, figures = entry.code, {"percent": abs(1 - 1 / scale) * 100}
            self._raised = Told(code, True, figures)
            told.append(self._raised)
        return told


def _moved(sights: list[tuple[int, float]], shortest_mm: float) -> float | None:
    """Travel through the picture over travel of the belt, by least squares; None where the sights do not say."""
    if len(sights) < _FEWEST_SIGHTS or sights[-1][1] - sights[0][1] < shortest_mm:
        return None
    first_um = sights[0][0]
    travel_mm = [(um - first_um) / 1000 for um, _ in sights]
    mean_t = fsum(travel_mm) / len(sights)
    mean_x = fsum(x_mm for _, x_mm in sights) / len(sights)
    spread = fsum((t - mean_t) ** 2 for t in travel_mm)
    together = fsum((t - mean_t) * (x_mm - mean_x) for t, (_, x_mm) in zip(travel_mm, sights, strict=True))
    return together / spread if spread else None
