"""Whether the machine still is the one that was calibrated. Pure: each check judges a reading."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from edge.config import Profile
from edge.doctor.finding import Check, Finding

CALIBRATION = Check("calibration", "gates open where and when a calibration found them; a drawing only guesses")
MOVED = Check("camera-moved", "a camera that was moved sees fruit where they are not, and gates open beside them")
BELT = Check("belt-colour", "what lamps, lens and white balance do to the belt, they do to the fruit")

_AGAIN = "sorter calibrate"
_OLD_DAYS = 365
_SAME = 1e-3
"""Figures of the profile that differ by more, as a share, were changed since."""

_SAME_MS = 0.5

_MM, _FAR_MM = 1.0, 3.0
_DEG, _FAR_DEG = 0.3, 1.0
_ZOOM, _FAR_ZOOM = 0.005, 0.015
"""What is attended to, and what is a fault: a gate's window is some 20 mm longer than a fruit's middle needs."""

_PATH_DEG = 0.5
"""Fruit roll a little to the side: their paths tell less than the board's."""

_SPEED, _FAR_SPEED = 0.02, 0.05

_TINT, _STRONG_TINT = 0.06, 0.15


@dataclass(frozen=True, slots=True)
class Path:
    """How fruit went through the picture, by so many steps from one frame to the next: turned from its rows towards its
    columns, and how fast by the profile's scale."""

    turn_deg: float
    speed_mm_s: float
    steps: int


@dataclass(frozen=True, slots=True)
class Shift:
    """How what stands still in the picture has moved since the calibration: along and across the belt, turned, and
    larger by a factor. `along_known`: whether anything in the picture tells about along."""

    along_mm: float
    across_mm: float
    turn_deg: float
    zoom: float
    along_known: bool


def made(profile: Profile, now: datetime) -> Iterator[Finding]:
    """What was calibrated, when, and whether the profile still says so."""
    told = profile.calibration
    camera, check = told.camera, CALIBRATION.of("camera")
    if camera is None:
        yield check.attention("never: its scale and its turn are a drawing's", _AGAIN)
    elif abs(profile.camera.mm_per_px / camera.mm_per_px - 1) > _SAME:
        yield check.attention(
            f"{camera.mm_per_px:g} mm/px on {camera.made_utc[:10]}; the profile says {profile.camera.mm_per_px:g}",
            f"{_AGAIN}, or put the figure back",
        )
    else:
        what = f"{camera.mm_per_px:g} mm/px, sd {camera.mm_per_px_sd:.2g}, turned by {camera.skew_deg:g} degrees"
        yield _dated(check, what, camera.made_utc, now)
    yield _gates(profile, now)


def _gates(profile: Profile, now: datetime) -> Finding:
    """Only where a sensor sees what falls can a gate be measured."""
    found, check = profile.calibration.gates, CALIBRATION.of("gates")
    delays = {name: gate.open_delay_ms for name, gate in profile.gates.items() if gate.exit_pin is not None}
    if not delays:
        return check.unchecked("no gate has an exit sensor: their delays are a data sheet's")
    if missing := [name for name in delays if name not in found]:
        return check.attention(f"never: {', '.join(missing)}; their delays are a data sheet's", _AGAIN)
    changed = [name for name, says_ms in delays.items() if abs(says_ms - found[name].open_delay_ms) > _SAME_MS]
    if changed:
        return check.attention(f"changed since: {', '.join(changed)}", f"{_AGAIN}, or put the figures back")
    oldest = min(found[name].made_utc for name in delays)
    worst_ms = max(found[name].open_delay_sd_ms for name in delays)
    return _dated(check, f"{len(delays)} of them, their delays to {worst_ms:.1f} ms (sd)", oldest, now)


def _dated(check: Check, what: str, made_utc: str, now: datetime) -> Finding:
    days = (now - datetime.fromisoformat(made_utc)).days
    told = f"{what}, on {made_utc[:10]}"
    return check.attention(f"{told}: {days} days ago", _AGAIN) if days > _OLD_DAYS else check.good(told)


def moved(shift: Shift | None) -> Iterator[Finding]:
    """None: the profile has no plate to compare with."""
    if shift is None:
        yield MOVED.unchecked("no calibration has kept what the camera saw beside the belt", _AGAIN)
        return
    along = f"{shift.along_mm:+.1f} mm along" if shift.along_known else "along the belt nothing tells"
    zoom = (shift.zoom - 1) * 100
    told = f"{along}, {shift.across_mm:+.1f} mm across, turned by {shift.turn_deg:+.2f} degrees, {zoom:+.2f} % larger"
    away_mm = max(abs(shift.across_mm), abs(shift.along_mm) if shift.along_known else 0.0)
    parts = ((away_mm, _MM, _FAR_MM), (abs(shift.turn_deg), _DEG, _FAR_DEG), (abs(shift.zoom - 1), _ZOOM, _FAR_ZOOM))
    remedy = f"see that it is tight and put it back, or {_AGAIN}"
    if any(by > far for by, _, far in parts):
        yield MOVED.fault(told, remedy)
    elif any(by > near for by, near, _ in parts):
        yield MOVED.attention(told, remedy)
    else:
        yield MOVED.good(told)


def paths(profile: Profile, path: Path | None) -> Iterator[Finding]:
    """How fruit go now, beside how the board went. The speed speaks of the scale only where the belt has one speed."""
    camera, check = profile.calibration.camera, MOVED.of("paths")
    if camera is None or path is None:
        lacks = "the camera was never calibrated" if camera is None else "too few fruit went through the picture"
        yield check.unchecked(lacks, _AGAIN if camera is None else "let fruit run under the camera, and ask again")
        return
    turn_deg = path.turn_deg - camera.skew_deg
    told = f"fruit run turned by {turn_deg:+.2f} degrees ({path.steps} steps)"
    share = path.speed_mm_s / camera.speed_mm_s - 1 if profile.encoder is None else 0.0
    if profile.encoder is None:
        told += f", at {path.speed_mm_s:.0f} mm/s by its scale, {share:+.1%}"
    remedy = f"see that camera and belt are where they were, or {_AGAIN}"
    if abs(turn_deg) > _FAR_DEG or abs(share) > _FAR_SPEED:
        yield check.fault(told, remedy)
    elif abs(turn_deg) > _PATH_DEG or abs(share) > _SPEED:
        yield check.attention(told, remedy)
    else:
        yield check.good(told)


def belt_colour(then: tuple[float, float, float] | None, now: tuple[float, float, float] | None) -> Iterator[Finding]:
    """The belt's RGB at the calibration and now; its brightness is the exposure's affair."""
    if then is None or now is None or min(*then, *now) <= 0:
        yield BELT.unchecked("no calibration has kept its colour" if then is None else "no empty belt was seen", _AGAIN)
        return
    ratios = [b / a for a, b in zip(then, now, strict=True)]
    tint = max(ratios) / min(ratios) - 1
    red, green, blue = (100 * ratio / (sum(ratios) / 3) for ratio in ratios)
    told = f"red {red:.0f} %, green {green:.0f} %, blue {blue:.0f} % of what they were, brightness apart"
    remedy = f"see to the lamps, wipe lens and belt, put white_balance back; a new belt or lamp: {_AGAIN}"
    if tint > _STRONG_TINT:
        yield BELT.fault(told, remedy)
    elif tint > _TINT:
        yield BELT.attention(told, remedy)
    else:
        yield BELT.good(told)
