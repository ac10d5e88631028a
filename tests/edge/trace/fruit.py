"""Fruit that are kept, and fruit that pass a line, for tests."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace

import numpy as np

from edge.audited.draw import Sampled
from edge.config import Profile
from edge.datapath import Detection, Look, Track, Verdict
from edge.kept import Kept, Shot, Why
from edge.trace.pictures import Pictures
from tests.edge.profiles import demo

DAY = "2026-01-02"


def a_fruit(n: int, why: Why = "doubtful", size: int = 1_000, at: str = "", **changed) -> tuple[Kept, list[bytes]]:
    """One with two pictures that take `size` bytes together."""
    pictures = [bytes([n % 256]) * (size // 2), bytes([(n + 1) % 256]) * (size - size // 2)]
    shots = (
        Shot(f"{k}.webp", k, (0.0, 0.6, 0.4, 0.0), len(p), hashlib.sha256(p).hexdigest())
        for k, p in enumerate(pictures, 1)
    )
    kept = Kept(
        track_id=f"run.{n}",
        why=why,
        at_utc=at or f"{DAY}T10:00:{n:02}.000Z",
        label="red",
        confidence=0.3,
        unknown_score=0.1,
        scores=(0.0, 0.6, 0.4, 0.0),
        outlet="end",
        reason="doubtful",
        bundle="factory@0123456789ab",
        profile="ba9876543210",
        lane=0,
        length_mm=57.0,
        features=base64.b64encode(np.array([n, 1, 0], np.int8).tobytes()).decode(),
        shots=tuple(shots),
    )
    return replace(kept, **changed), pictures


def with_history(tmp_path, **keys) -> Profile:
    return demo(history={"folder": tmp_path} | keys)


def pass_by(
    pictures: Pictures, n: int, label: str = "red", reason: str = "graded", confidence: float = 0.9, looks: int = 2
) -> None:
    """One fruit passes: its looks, then its track and its verdict."""
    track_id, seen = f"run.{n}", []
    for frame in range(looks):
        scores = (0.0, 0.1, 0.9 - frame / 10, frame / 10)
        look = Look(track_id, frame, 1.0 + frame, scores, 0.1, np.array([n % 100, frame, 0], np.int8))
        crop = np.full((40, 30, 3), (200, 30, frame), np.uint8)
        mask = np.zeros((20, 15), np.uint8)
        mask[2:18, 2:13] = 255
        pictures.put(look)
        pictures.looked([(track_id, Detection((0, 0, 30, 40), 0.0, 0.0, 50.0, 50.0, False, crop, mask))])
        seen.append(look)
    pictures.put(Track(track_id, 0, 0, 100.0, 57.0, tuple(seen)))
    outlet = "end" if reason != "graded" else "red"
    audit = Sampled(0.02, "red", "graded") if reason == "audited" else None
    scores = (0.0, 0.1, 0.9, 0.0)
    pictures.put(Verdict(track_id, label, confidence, 0.1, scores, outlet, reason, n, "b@1", "p", audit))  # type: ignore[arg-type]  # a test may name reasons to come
