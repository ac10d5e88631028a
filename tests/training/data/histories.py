"""History folders of rendered fruit that were judged, as a machine writes them."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from edge.datapath import Detection, Look, Track, Verdict
from edge.kept import PICTURES, Why, Word
from edge.trace.album import Album
from edge.trace.views import Viewed, kept_of, packed, view
from sim.fruit import load_builtin

AT = "2026-01-02T10:00:00.000Z"
DAMAGED_LAST = (0.05, 0.9)
"""What the asked bundle saw of damage in the two looks."""


@dataclass(frozen=True)
class Said:
    user: str
    label: str | None
    seconds: float | None = 1.0


def an_album(folder: Path) -> Album:
    return Album(folder / PICTURES, 10**9, 30)


def keep(album: Album, n: int, label: str, words: list[Said], why: Why = "doubtful", called: str = "red") -> str:
    """One rendered fruit of a grade is kept with two looks, and judged."""
    skin = [skin for skin in _skins() if skin.label == label][n % 5]
    track_id = f"{label}.{n}"
    viewed = Viewed(_track(track_id), _verdict(track_id, called), [_view(track_id, skin, k) for k in range(2)])
    pictures = [packed(one) for one in viewed.views]
    assert album.add(kept_of(viewed, why, AT, pictures), pictures)
    for k, said in enumerate(words):
        at = f"2026-01-02T11:00:{k:02}.000Z"
        album.note(Word(track_id, said.user, f"{track_id}-{k}", at, said.label, said.seconds))
    return track_id


@functools.cache
def _skins():
    return load_builtin("held")


def _view(track_id: str, skin, k: int):
    rgba = cv2.resize(skin.view(k * skin.views // 2), (70, 70))
    mask = np.where(rgba[..., 3] > 127, 255, 0).astype(np.uint8)
    crop = np.ascontiguousarray(rgba[..., :3])
    damage = DAMAGED_LAST[k]
    look = Look(track_id, k, 1.0, (0.0, 0.0, 1 - damage, damage), 0.1, np.array([k, 1], np.int8))
    return view(look, Detection((0, 0, 70, 70), 0.0, 0.0, 50.0, 50.0, False, crop, mask))


def _track(track_id: str) -> Track:
    return Track(track_id, 0, 0, 100.0, 57.0, ())


def _verdict(track_id: str, called: str) -> Verdict:
    scores = (0.0, 0.4, 0.6, 0.0)
    return Verdict(track_id, called, 0.6, 0.1, scores, "end", "doubtful", 1, "asked@0123456789ab", "ba9876543210")
