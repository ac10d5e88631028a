"""A fruit's looks as pictures: copied small while it is on the belt, packed when they are kept."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.datapath import Detection, Look, Track, Verdict
from edge.kept import Kept, Shot, Why

MOST_PX = 256
QUALITY = 90


@dataclass(frozen=True, slots=True)
class View:
    """One look. `pixels` uint8 RGB (h, w, 3), `mask` uint8 (h, w), 255 on the fruit."""

    look: Look
    pixels: NDArray[np.uint8]
    mask: NDArray[np.uint8]

    @property
    def bytes(self) -> int:
        return self.pixels.nbytes + self.mask.nbytes


@dataclass(frozen=True, slots=True)
class Viewed:
    """A fruit that was decided, with the looks that are still at hand."""

    track: Track
    verdict: Verdict
    views: list[View]


def view(look: Look, detection: Detection) -> View:
    """A copy: a crop may share its memory with the whole frame. Its longer side is at most MOST_PX."""
    height, width = detection.crop.shape[:2]
    scale = min(1.0, MOST_PX / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    crop = detection.crop.copy() if scale == 1 else cv2.resize(detection.crop, size, interpolation=cv2.INTER_AREA)
    return View(look, np.asarray(crop, np.uint8), np.asarray(cv2.resize(detection.mask, size), np.uint8))


def packed(view: View) -> bytes:
    """WebP; the mask is its alpha, which is lossless."""
    rgba = np.dstack([view.pixels[..., ::-1], view.mask])
    _, coded = cv2.imencode(".webp", np.ascontiguousarray(rgba), (cv2.IMWRITE_WEBP_QUALITY, QUALITY))
    return coded.tobytes()


def kept_of(hand: Viewed, why: Why, at_utc: str, pictures: Sequence[bytes]) -> Kept:
    """What `track.json` says of it; `pictures` are its views, packed."""
    verdict = hand.verdict
    features = [one.look.features for one in hand.views if one.look.features is not None]
    mean = np.round(np.mean(features, axis=0)).astype(np.int8).tobytes() if features else b""
    shots = (
        Shot(f"{n}.webp", one.look.frame, _rounded(one.look.scores), len(data), hashlib.sha256(data).hexdigest())
        for n, (one, data) in enumerate(zip(hand.views, pictures, strict=True), 1)
    )
    return Kept(
        track_id=verdict.track_id,
        why=why,
        at_utc=at_utc,
        label=verdict.label,
        confidence=round(verdict.confidence, 4),
        unknown_score=round(verdict.unknown_score, 4),
        scores=_rounded(verdict.scores),
        outlet=verdict.outlet,
        reason=verdict.reason,
        bundle=verdict.bundle,
        profile=verdict.profile,
        lane=hand.track.lane,
        length_mm=round(hand.track.length_mm, 1),
        features=base64.b64encode(mean).decode(),
        shots=tuple(shots),
    )


def _rounded(scores: Sequence[float]) -> tuple[float, ...]:
    return tuple(round(score, 4) for score in scores)
