"""The line as it moves, for a page that shows it: verdicts at once, pictures a few times a second.

Only while somebody watches. The line's thread hands over references and a few small crops; JPEGs are made by the
thread that speaks to the broker.
"""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.belt import BeltEstimate
from edge.config import Profile
from edge.datapath import BELT_END, BeltSample, Detection, Frame, GatePulse, Record, StepInputs, Track, Verdict
from edge.telemetry.messages import Message, Writer
from edge.telemetry.pictures import CropShelf, as_shares, jpeg_text
from edge.telemetry.preview_messages import (
    MOST_BOXES,
    MOST_CROPS,
    MOST_VERDICTS,
    Crop,
    Picture,
    Preview,
    Shown,
)

MS = 1_000_000
SPACING_NS = 50 * MS
"""Between two messages: verdicts of one moment share one."""

PICTURE_NS = 250 * MS
RANDOM_NS = 2_000 * MS
"""Between two crops drawn at random."""

WATCH_NS = 20_000 * MS
"""The longest that one word of a watcher counts."""

PICTURE_WIDTH_PX, CROP_PX = 320, 96
DOUBTED = 0.4
"""A fruit graded with less confidence is one for people to judge."""

DOUBT_NS = 1_000 * MS
"""Between two crops of doubtful fruit: people judge no faster."""


@dataclass(frozen=True, slots=True)
class _Decided:
    track: Track
    verdict: Verdict
    pulse: GatePulse | None
    latency_ns: int | None
    slack_ns: int | None
    crop: NDArray[np.uint8] | None


class Previewer:
    """Answers RecordSink: `put` from the line's thread, `step` and `watch` from the one that speaks to the broker."""

    def __init__(self, writer: Writer, profile: Profile, chance: random.Random | None = None) -> None:
        self._writer = writer
        self._profile = profile
        self._crops = CropShelf(profile)
        self._chance = chance or random.Random()
        self._until_ns = 0
        self._watched = False
        self._belt = BeltEstimate()
        self._seen: tuple[Frame, tuple[Detection, ...]] | None = None
        self._track: Track | None = None
        self._pending: Verdict | None = None
        self._decided: deque[_Decided] = deque(maxlen=MOST_VERDICTS)
        self._shown: deque[Crop] = deque(maxlen=4 * MOST_CROPS)
        self._said_ns = self._pictured_ns = self._drawn_ns = self._doubted_ns = 0
        self._shown_frame = -1

    def watch(self, now_ns: int, for_ns: int = WATCH_NS) -> None:
        """Somebody watches, for so long unless they say so again."""
        self._until_ns = max(self._until_ns, now_ns + min(for_ns, WATCH_NS))
        self._watched = True

    def put(self, record: Record) -> None:
        """Take a record; while nobody watches only the belt's travel is kept."""
        if isinstance(record, StepInputs):
            self._see(record)
        elif not self._watched:
            return
        elif isinstance(record, Track):
            self._track = record
        elif isinstance(record, Verdict):
            self._pending = record
            if record.outlet == BELT_END:
                self._decide(record, None)
        elif isinstance(record, GatePulse) and self._pending and self._pending.track_id == record.track_id:
            self._decide(self._pending, record)

    def step(self, now_ns: int) -> Message | None:
        """The message that is due, if any."""
        if not self._watched or not self._belt.known:
            return None
        if now_ns >= self._until_ns:
            self._forget()
            return None
        is_due = now_ns >= self._pictured_ns + PICTURE_NS
        if not is_due and (now_ns < self._said_ns + SPACING_NS or not self._decided):
            return None
        self._said_ns = now_ns
        verdicts = tuple(self._show(now_ns, self._decided.popleft()) for _ in range(len(self._decided)))
        picture = None
        if is_due:
            self._pictured_ns = now_ns
            picture = self._picture(now_ns)
        crops = tuple(self._shown.popleft() for _ in range(min(MOST_CROPS, len(self._shown))))
        return self._writer.encode(
            Preview(
                **self._writer.aside(),
                belt_mm=round(self._belt.um_at(now_ns) / 1000, 1),
                speed_mm_s=round((self._belt.um_at(now_ns + 1000 * MS) - self._belt.um_at(now_ns)) / 1000, 1),
                verdicts=verdicts,
                picture=picture,
                crops=crops,
            )
        )

    def _forget(self) -> None:
        self._watched = False
        self._seen = self._track = self._pending = None
        self._crops = CropShelf(self._profile)  # a new one: the line's thread may be looking into the old
        self._decided.clear()
        self._shown.clear()

    def _see(self, inputs: StepInputs) -> None:
        for event in inputs.gate_events:
            if isinstance(event, BeltSample):
                self._belt.observe(event)
        if self._watched and inputs.frame and self._belt.known:
            self._seen = (inputs.frame, inputs.detections)
            self._crops.see(self._belt.um_at(inputs.frame.exposed_at_ns), inputs.detections)

    def _decide(self, verdict: Verdict, pulse: GatePulse | None) -> None:
        track, self._pending = self._track, None
        if track is None or track.track_id != verdict.track_id:
            return
        slack_ns = latency_ns = None
        if pulse and (opens_ns := self._belt.at_ns(pulse.open_um)):
            slack_ns = opens_ns - pulse.open_lead_ns - verdict.decided_at_ns
        if seen := self._seen:
            latency_ns = verdict.decided_at_ns - seen[0].exposed_at_ns
        self._decided.append(_Decided(track, verdict, pulse, latency_ns, slack_ns, self._crops.of(track)))

    def _show(self, now_ns: int, decided: _Decided) -> Shown:
        track, verdict, pulse = decided.track, decided.verdict, decided.pulse
        self._offer_crop(now_ns, decided)
        return Shown(
            track_id=track.track_id,
            lane=track.lane,
            origin_mm=round(track.belt_um / 1000, 1),
            y_mm=round(track.y_mm, 1),
            length_mm=round(track.length_mm, 1),
            label=verdict.label,
            confidence=round(verdict.confidence, 3),
            unknown_score=round(verdict.unknown_score, 3),
            outlet=verdict.outlet,
            reason=verdict.reason,
            gate=pulse.gate if pulse else None,
            opens_mm=(round(pulse.open_um / 1000, 1), round(pulse.close_um / 1000, 1)) if pulse else None,
            age_ms=_ms(now_ns - verdict.decided_at_ns) or 0.0,
            latency_ms=_ms(decided.latency_ns),
            slack_ms=_ms(decided.slack_ns),
        )

    def _offer_crop(self, now_ns: int, decided: _Decided) -> None:
        """Every doubtful fruit is worth a look, of the others one now and then."""
        verdict = decided.verdict
        doubtful = verdict.reason in ("doubtful", "unknown") or verdict.confidence < DOUBTED
        is_due = now_ns >= (self._doubted_ns + DOUBT_NS if doubtful else self._drawn_ns)
        if decided.crop is None or not is_due:
            return
        jpeg = jpeg_text(decided.crop, CROP_PX)
        if jpeg is None:
            return
        if doubtful:
            self._doubted_ns = now_ns
        else:
            self._drawn_ns = now_ns + round(self._chance.uniform(0.5, 1.5) * RANDOM_NS)
        self._shown.append(
            Crop(
                track_id=verdict.track_id,
                why="doubtful" if doubtful else "random",
                jpeg=jpeg,
                label=verdict.label,
                confidence=round(verdict.confidence, 3),
                unknown_score=round(verdict.unknown_score, 3),
                outlet=verdict.outlet,
                reason=verdict.reason,
            )
        )

    def _picture(self, now_ns: int) -> Picture | None:
        """The newest frame, once."""
        if self._seen is None or self._seen[0].number == self._shown_frame:
            return None
        frame, detections = self._seen
        self._shown_frame = frame.number
        jpeg = jpeg_text(frame.pixels, PICTURE_WIDTH_PX)
        height, width = frame.pixels.shape[:2]
        boxes = tuple(as_shares(seen.box_px, width, height) for seen in detections[:MOST_BOXES])
        age_ms = _ms(now_ns - frame.exposed_at_ns) or 0.0
        return Picture(jpeg=jpeg, age_ms=age_ms, boxes=boxes) if jpeg else None


def _ms(duration_ns: int | None) -> float | None:
    return None if duration_ns is None else round(duration_ns / MS, 1)
