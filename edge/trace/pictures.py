"""Which fruit's pictures are kept for people, and what people say of them.

The line's thread hands over copies of small crops and never waits; a slow thread waits for the verdict, packs
what is worth keeping and answers who asks. Doubtful and unknown fruit are taken in as far as the day's bytes go, twice
at most, so that nothing is written only to be deleted: a card wears with each.
"""

from __future__ import annotations

import random
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from edge.clock import utc_text
from edge.config import Profile
from edge.datapath import UNKNOWN, Detection, Look, Record, StepInputs, Track, Verdict
from edge.kept import PICTURES, Answered, Asked, Why, Word
from edge.log import Log
from edge.trace.album import Album
from edge.trace.answering import answer
from edge.trace.views import View, Viewed, kept_of, packed, view

NS = 1_000_000_000
DOUBTED = 0.4
"""A fruit graded with less confidence is one for people to judge."""

RANDOM_SHARE = 0.002
MOST_SHOTS = 4
_REST_NS = NS // 20
_MOST_QUEUED, _MOST_DRAWN = 500, 100
"""What waits for the slow thread, and how many verdicts of drawn fruit beyond that."""

_MOST_COUNTED = 2_000
"""Fruit of which it is known how many pictures are kept: so many may be on their way to their gates."""

_MOST_FOLLOWED = 128
"""Fruit on the belt: four lanes of the densest feed."""

_AT_HAND_BYTES = 8_000_000
"""Of the fruit that nothing is kept of, their sharpest crop for whoever flags one: some 400 of 80 px."""

_MOST_ASKED = 16
_HOUR_S = 3_600


@dataclass(frozen=True, slots=True)
class _Seen:
    look: Look
    detection: Detection


@dataclass(frozen=True, slots=True)
class _Decided:
    track: Track
    verdict: Verdict


class Pictures:
    """One run's. `put` and `looked` belong to the line's thread, `step` and `close` to a slow one, `ask`, `say` and
    `answered` to any. Answers RecordSink and `ports.Aside`."""

    def __init__(
        self, profile: Profile, utc: Callable[[], str] = utc_text, chance: random.Random | None = None
    ) -> None:
        """The profile names a history."""
        history = profile.history
        assert history.folder is not None
        self._album = Album(history.folder / PICTURES, history.picture_bytes_a_day, history.picture_days)
        self._profile = profile
        self._utc = utc
        self._chance = chance or random.Random()
        self._log = Log("pictures")
        self._looks: dict[str, Look] = {}
        self._queue: deque[_Seen | _Decided] = deque()
        self._views: OrderedDict[str, list[View]] = OrderedDict()
        self._track: Track | None = None
        self._at_hand: OrderedDict[str, Viewed] = OrderedDict()
        self._at_hand_bytes = 0
        self._counts: OrderedDict[str, int] = OrderedDict()
        self._asked: deque[Asked] = deque()
        self._words: deque[Word] = deque(maxlen=1_000)
        self._answers: deque[Answered] = deque()
        self._passed_over = self._unkept = 0
        self._spare = float(history.picture_bytes_a_day) / 12
        self._filled_ns: int | None = None
        self._why = ""

    def put(self, record: Record) -> None:
        """Answers RecordSink."""
        if isinstance(record, StepInputs):
            self._looks = {}  # a step in a hurry shows nobody what it looked at
        elif isinstance(record, Look):
            self._looks[record.track_id] = record
        elif isinstance(record, Track):
            self._track = record
        elif isinstance(record, Verdict) and self._track and self._track.track_id == record.track_id:
            is_drawn = record.audit is not None
            if len(self._queue) < (_MOST_QUEUED + _MOST_DRAWN if is_drawn else _MOST_QUEUED):
                self._queue.append(_Decided(self._track, record))
            else:
                self._passed_over += is_drawn

    def looked(self, seen: Sequence[tuple[str, Detection]]) -> None:
        """See `ports.Aside`."""
        looks, self._looks = self._looks, {}
        for track_id, detection in seen:
            if track_id in looks and len(self._queue) < _MOST_QUEUED:
                # A crop is a part of its frame, which may be megabytes.
                alone = replace(detection, crop=detection.crop.copy(), mask=detection.mask.copy())
                self._queue.append(_Seen(looks[track_id], alone))

    def ask(self, asked: Asked) -> bool:
        """Ask for the list or for pictures; returns whether it will be answered. Never blocks."""
        if len(self._asked) + len(self._answers) >= _MOST_ASKED:
            return False
        self._asked.append(asked)
        return True

    def say(self, word: Word) -> None:
        """A person says what a fruit is, or flags it. Never blocks."""
        self._words.append(word)

    def answered(self) -> Answered | None:
        """The next answer. Never blocks."""
        return self._answers.popleft() if self._answers else None

    def kept(self, track_id: str) -> int | None:
        """How many pictures of a fruit are on the disk; None where that is open, or long ago. Any thread."""
        return self._counts.get(track_id)

    def unpictured(self) -> int:
        """How many fruit of this run were drawn for the audit and have no pictures: they cannot be judged by any. Any
        thread."""
        return self._passed_over + self._unkept

    def step(self, now_ns: int) -> int:
        """Pack and answer what waits; returns when to be called again. Never raises."""
        self._fill(now_ns)
        for queue, take in ((self._queue, self._take), (self._words, self._heed), (self._asked, self._answer)):
            while queue:
                self._try(take, queue.popleft())
        return now_ns + _REST_NS

    def close(self) -> None:
        """Write what is left. Never raises."""
        self.step(self._filled_ns or 0)

    def _try(self, take: Callable[[Any], None], given: object) -> None:
        """Whatever goes wrong with one fruit costs that one."""
        try:
            take(given)
        except Exception as error:
            why = str(error.strerror if isinstance(error, OSError) else error)
            if why != self._why:
                self._log.warning("cannot keep pictures", why=why)
            self._why = why
        else:
            self._why = self._why if isinstance(given, _Seen) else ""

    def _fill(self, now_ns: int) -> None:
        """Room for doubtful fruit: twice the day's bytes a day, at most an hour's at once."""
        a_s = 2 * self._profile.history.picture_bytes_a_day / 86_400
        passed_s = 0.0 if self._filled_ns is None else (now_ns - self._filled_ns) / NS
        self._filled_ns = now_ns
        self._spare = min(self._spare + a_s * passed_s, a_s * _HOUR_S)

    def _take(self, given: _Seen | _Decided) -> None:
        if isinstance(given, _Seen):
            self._see(given)
            return
        shots = 0
        try:
            shots = self._decide(given.track, given.verdict)
        finally:
            self._unkept += given.verdict.audit is not None and not shots
            self._counts[given.verdict.track_id] = shots
            while len(self._counts) > _MOST_COUNTED:
                self._counts.popitem(last=False)

    def _see(self, seen: _Seen) -> None:
        views = self._views.setdefault(seen.look.track_id, [])
        views.append(view(seen.look, seen.detection))
        if len(views) > MOST_SHOTS:
            del views[_most_crowded(views)]
        while len(self._views) > _MOST_FOLLOWED:
            self._views.popitem(last=False)

    def _decide(self, track: Track, verdict: Verdict) -> int:
        """Returns how many pictures of it are kept."""
        views = self._views.pop(track.track_id, [])
        if not views:
            return 0
        hand = Viewed(track, verdict, views)
        if why := self._why_kept(verdict):
            return self._keep(hand, why)
        self._hold(hand)
        return 0

    def _why_kept(self, verdict: Verdict) -> Why | None:
        if verdict.reason == "audited":
            return "audited"
        if self._chance.random() < RANDOM_SHARE:
            return "random"
        if verdict.reason == "unknown" or verdict.label == UNKNOWN:
            return "unknown" if self._spare > 0 else None
        if verdict.reason == "doubtful" or verdict.confidence < DOUBTED:
            return "doubtful" if self._spare > 0 else None
        return None

    def _hold(self, hand: Viewed) -> None:
        sharpest = max(hand.views, key=lambda one: one.look.sharpness)
        self._at_hand[hand.track.track_id] = Viewed(hand.track, hand.verdict, [sharpest])
        self._at_hand_bytes += sharpest.bytes
        while self._at_hand_bytes > _AT_HAND_BYTES:
            _, gone = self._at_hand.popitem(last=False)
            self._at_hand_bytes -= gone.views[0].bytes

    def _keep(self, hand: Viewed, why: Why) -> int:
        pictures = [packed(one) for one in hand.views]
        kept = kept_of(hand, why, self._utc(), pictures)
        if why in ("unknown", "doubtful"):
            self._spare -= sum(map(len, pictures))
        return len(pictures) if self._album.add(kept, pictures) else 0

    def _heed(self, word: Word) -> None:
        hand = self._at_hand.pop(word.track_id, None)
        if hand:
            self._at_hand_bytes -= hand.views[0].bytes
            self._keep(hand, "flagged")
        self._album.note(word)

    def _answer(self, asked: Asked) -> None:
        self._answers.append(answer(asked, self._album, self._profile))


def _most_crowded(views: Sequence[View]) -> int:
    """Which of the inner views leaves the others most evenly over the passage. Whatever the running bundle made of them
    has no say: people judge by these, and bundles are compared on them."""
    at = [one.look.frame for one in views]
    return min(range(1, len(at) - 1), key=lambda n: (at[n] - at[n - 1]) * (at[n + 1] - at[n]))
