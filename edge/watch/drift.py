"""Decay, noticed on the machine: every fruit is held to those of a time when all was well, and a cause is named.

False alarms are promised (`edge.watch.betting`), however often it looks. What it cannot see: what was wrong from the
first fruit on, since the machine learns from them what is usual; decay within `reference.TOLERANCE`; and errors that
leave light, detail, colour, confidence and features as they were. Those are for audits to find. A season's mix of
grades moves nothing here, as fruit are held to those that were called the same. It only warns.

A bundle that takes over is blamed for what has moved since, never for what had moved before. Fruit whose colour had
moved by then are taken for what it was meant for: an alarm about them ends where its answers are as usual, and what is
usual is learned from it. Whether it was taught them indeed, its doubts and audits show.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from edge.config import Profile
from edge.datapath import Record, StepInputs, Track, Verdict
from edge.incidents import Figures, Told
from edge.log import Log
from edge.watch import causes, kept
from edge.watch.betting import Bets, limit
from edge.watch.kernel import Floats, Witness
from edge.watch.means import Means, mean
from edge.watch.observed import Belt, Observed, observe
from edge.watch.psi import MOVED, Moves
from edge.watch.reference import COLOUR, FEATURES, MONITORS, Middle, Reference, pays

JUDGED = ("graded", "doubtful", "unknown", "audited")
"""The reasons for which a bundle answers; fruit that were crowded or shed say nothing of it."""

_LOG = Log("watch")

WEEK_S = 7 * 24 * 3600
_KEPT_FRUIT, _KEPT_NS = 100, 300_000_000_000
"""Fruit from one state that may be kept to the next; time from one that is to the next: cards wear."""
_SEASON_FRUIT = 1_000
"""From one look at the season to the next."""
_NAMED_BY = 100
"""Fruit by which a cause is named, from the one on that raised the alarm: it may have begun with that very one."""
_WELL = 300
"""In a row and on average, until an alarm is over."""


class Drift:
    """A RecordSink. All but `keep` belongs to the thread that makes the records."""

    def __init__(self, profile: Profile, bundle: str, folder: Path | None = None) -> None:
        """`folder`: where to remember over a restart; None: nowhere."""
        settings = profile.watch
        self._size = settings.reference_fruit
        self._limit = limit(fruit_per_week(profile), settings.false_alarms_per_week)
        self._belt = Belt()
        self._track: Track | None = None
        self._told: list[Told] = []
        self.reference = Reference(bundle, self._size)
        self.next: Reference | None = None
        """That of a bundle which took over, while it is learned."""
        self.bets, self.witness = Bets(len(MONITORS)), Witness()
        self.moves = Moves()
        self.lately: deque[Floats] = deque(maxlen=_NAMED_BY)
        """The last fruit of the bundle that the reference is of: their monitors against the most that is usual."""
        self._before: Floats | None = None
        """The mean of those, once another bundle has taken over."""
        self._came_at = 0
        """The count of fruit by then."""
        self._season = False
        self._last: Means | None = None
        """Of the fruit since something was suspected, or since the last look at whether an alarm is over."""
        self._suspected = False
        self.fruit = 0
        self.alarm: str | None = None
        self.figures: Figures = {}
        self._folder = folder
        self._snapshot: kept.Arrays | None = None
        if folder is not None:
            kept.read_into(folder, self)

    def restore(
        self, reference: Reference, wealth: Floats, direction: Floats, fruit: int, alarm: str | None, figures: Figures
    ) -> None:
        """Go on from there. An alarm that stood is told again: `alarm` is a code of the catalogue."""
        self.reference, self.bets.wealth, self.witness = reference, wealth, Witness(direction)
        self.fruit, self.alarm, self.figures = fruit, alarm, figures
        if alarm is not None:
            self._last = Means()
            self._told.append(Told(alarm, True, figures))

    def keep(self, now_ns: int) -> int:
        """Bring to disk what was learned since the last call; returns when to be called again. Any one thread."""
        snapshot, self._snapshot = self._snapshot, None
        if snapshot is not None and self._folder is not None:
            kept.write(self._folder, snapshot)
        return now_ns + _KEPT_NS

    def close(self) -> None:
        """Bring to disk what was learned last."""
        self.keep(0)

    def put(self, record: Record) -> None:
        """Answers RecordSink: scenes, and a fruit's track before its verdict."""
        if isinstance(record, StepInputs):
            if record.scene is not None:
                self._belt.see(record.scene)
        elif isinstance(record, Track):
            self._track = record
        elif isinstance(record, Verdict) and record.reason in JUDGED and self._track is not None:
            one = observe(self._track, record, self._belt)
            if one is not None:
                self.take(one, record.bundle)

    def take(self, one: Observed, bundle: str) -> None:
        """One more fruit that a bundle judged."""
        self.fruit += 1
        self._learn_or_judge(one, bundle)
        if self._folder is not None and self.fruit % _KEPT_FRUIT == 0:
            self._snapshot = kept.arrays_of(self)

    def _learn_or_judge(self, one: Observed, bundle: str) -> None:
        if not self.reference.ready:
            self.moves.learn(one)
            if bundle != self.reference.bundle:
                self.reference = Reference(bundle, self._size)
            self.reference.learn(one)
            return
        own = bundle == self.reference.bundle
        if own:
            self.next = self._before = None
        elif self.next is None or self.next.bundle != bundle:
            self._take_over(bundle)
        self._judge(one, own)
        # Not through a lamp or a lens that is to be mended: the mended machine would be taken for a decayed one.
        if self.next is not None and self.alarm is None:
            self.next.learn(one, self.reference)
            if self.next.ready:
                self.reference, self.next, self.witness = self.next, None, Witness()
                self._before = None
                self.lately.clear()
                self.bets.begin_anew()

    def _take_over(self, bundle: str) -> None:
        """From this fruit on another bundle judges."""
        self.next, self._came_at = Reference(bundle, self._size), self.fruit
        self._before = mean(np.array(self.lately)) if self.lately else np.zeros(len(MONITORS))
        self.bets.begin_anew()
        if self._last is not None:
            self._last = Means()  # a cause that is not named yet is named by fruit of one bundle

    def news(self) -> Iterator[Told]:
        """What an operator is to be told since this was last asked."""
        told, self._told = self._told, []
        yield from told

    def _judge(self, one: Observed, own: bool) -> None:
        """`own`: by the bundle that the reference is of; else its features mean something else."""
        reference = self.reference
        middle = reference.middle
        assert middle is not None
        if own and reference.belated(one):
            reference.learn(one)
            return
        against = self._against(one, middle, own)
        self.moves.take(one)
        if self.fruit % _SEASON_FRUIT == 0:
            self._tell_season()
        if self._last is not None:
            self._last.take(against, one, middle)
        if self.bets.take(against) >= self._limit and not self._suspected:
            self._suspected, self._last = True, Means()
        if self._last is not None:
            self._conclude(self._last)

    def _against(self, one: Observed, middle: Middle, own: bool) -> Floats:
        """A fruit's monitors against the most that is usual."""
        against: Floats = middle.figures(one) / self.reference.limits()[one.grade]
        if own:
            if (apart := self.reference.apart(one)) is not None:
                against[FEATURES] = pays(self.witness.take(apart[0]), apart[1])
            self.lately.append(against)
        elif self._before is not None and self._before[COLOUR] > causes.MOVED:
            against[COLOUR] = np.nan
        return against

    def _tell_season(self) -> None:
        """News and no fault: the share of a grade, or the size, is another than when what is usual was learned."""
        indices = {name: round(psi, 2) for name, psi in self.moves.psi().items()}
        moved = max(indices["mix"], indices["size"]) > MOVED
        if moved and not self._season:
            _LOG.info("the season has changed", **{f"psi_{name}": psi for name, psi in indices.items()})
        self._season = moved

    def _conclude(self, last: Means) -> None:
        if self._suspected and last.fruit >= _NAMED_BY:
            self._suspected, self._last = False, Means()
            self._raise(last)
        elif not self._suspected and last.fruit >= _WELL:
            over = not (last.against > causes.MOVED).any()
            self._last = None if over else Means()
            if over and self.alarm is not None:
                self._told.append(Told(self.alarm, False))
                self.alarm = None
            self.bets.begin_anew()

    def _raise(self, last: Means) -> None:
        self.bets.begin_anew()
        bundle = (self.next or self.reference).bundle
        before, since = self._before, 0 if self._before is None else self.fruit - self._came_at
        recent = causes.Recent(last.against, last.apart[:3], float(last.apart[3]), bundle, before, since)
        code = causes.name(recent).code
        if self.alarm == code:
            return  # it stands
        if self.alarm is not None:
            self._told.append(Told(self.alarm, False))
        self.alarm = code
        self.figures = causes.figures(recent)
        self._told.append(Told(code, True, self.figures))


def fruit_per_week(profile: Profile) -> float:
    """The most that the machine could sort: a gate's window behind the other in every lane, day and night."""
    return len(profile.lanes) * profile.belt.speed_mm_s / profile.sort.window_mm * WEEK_S
