"""The road of kept pictures to who asked for them: at a limited rate, and only while nothing else waits."""

from __future__ import annotations

import base64
from typing import Protocol

from edge.kept import Answered, Asked, Chunk, Word
from edge.telemetry.messages import Message, Writer
from edge.telemetry.review_messages import Judge, PicturesPart, Review, ToJudge

BYTES_PER_S = 300_000
"""Ten fruit a second: faster than anybody judges, and little beside the preview."""

NS = 1_000_000_000


class Album(Protocol):
    """Who keeps pictures. No method blocks."""

    def ask(self, asked: Asked) -> bool:
        """Returns whether it will be answered."""

    def say(self, word: Word) -> None:
        """A person says what a fruit is, or flags it."""

    def answered(self) -> Answered | None:
        """The next answer."""


class Showing:
    """One run's. Belongs to the thread that speaks to the broker."""

    def __init__(self, writer: Writer, album: Album) -> None:
        self._writer = writer
        self._album = album
        self._next_ns = 0

    def step(self, now_ns: int) -> Message | None:
        """The message that may be sent now, if any. Call it only while the road is clear."""
        if now_ns < self._next_ns or (answered := self._album.answered()) is None:
            return None
        message = self._encoded(answered)
        self._next_ns = now_ns + len(message.payload) * NS // BYTES_PER_S
        return message

    def _encoded(self, answered: Answered) -> Message:
        asked, head = answered.asked, self._writer.aside()
        if isinstance(answered, Chunk):
            part = PicturesPart(
                **head,
                user=asked.user,
                id=asked.command_id,
                track_id=answered.asked.track_id,
                offset=answered.offset,
                total=answered.total,
                sha256=answered.sha256,
                data=base64.b64encode(answered.data).decode(),
            )
            return self._writer.encode(part)
        items = tuple(
            ToJudge(track_id=one.track_id, why=one.why, at_utc=one.at_utc, total=one.total, because=one.because)
            for one in answered.items
        )
        people = {
            user: Judge(judged=one.judged, median_s=one.median_s, shared=one.shared, agreed=one.agreed)
            for user, one in answered.people.items()
        }
        review = Review(
            **head, user=asked.user, id=asked.command_id, items=items, waiting=answered.waiting, people=people
        )
        return self._writer.encode(review)
