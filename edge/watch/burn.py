"""The machine's own watch over what was agreed: which budget of `edge.indicators` burns too fast, by multi-window burn
rates (The Site Reliability Workbook, chapter 5). It only warns.

Pulses, openings of gates and minutes of the run are counted as they come, by the minute. What people say of inspected
fruit comes hours behind, so there the windows end with the last fruit of which somebody spoke.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge import clock
from edge.audited.estimate import parts_of
from edge.audited.roll import Drawn
from edge.burning import Floats, burning, is_overlong, judged, squares
from edge.config import Profile
from edge.datapath import GateClosed, Health, Outcome, Record
from edge.durable import write_whole
from edge.incidents import Figures, Told
from edge.incidents_burn import BY_COUNT
from edge.indicators import Agreed, Indicator
from edge.log import Log

FILE = "burn.json"
FORMAT = 1
SAVE_NS = 300_000_000_000
"""A card wears with each."""
CUT_OFF_MIN = 60
"""A run that did not say that it ended was cut off: the line stood until the next, but counts for no longer."""
_OWN = ("in_time", "openings", "sorting")
_MOST = 10_000
_OPEN = 512
_S = 1_000_000_000
_MINUTE_MS = 60_000

_LOG = Log("watch")


class BudgetWatch:
    """One run's. `put` and `news` belong to the line's thread, `keep` and `close` to one that may wait for the disk."""

    def __init__(
        self,
        profile: Profile,
        agreed: Agreed,
        inspected: Callable[[], Iterable[Drawn]] = tuple,
        times: Callable[[], tuple[int, int]] = clock.both,
    ) -> None:
        """`inspected`: the fruit of the audit that people have judged; asked by the thread of `keep`. The profile names
        a history."""
        assert profile.history.folder is not None
        self._path: Path = profile.history.folder / "watch" / FILE
        self._profile = profile
        self._agreed = agreed
        self._inspected = inspected
        self._times = times
        self._reach = round(60 * max((rule.long_hours for rule in agreed.burn.values()), default=1))
        self._heard: deque[tuple[str, bool]] = deque(maxlen=_MOST)
        self._opened: dict[str, int] = {}
        self._is_safe = self._stopped = False
        self._seen = {what: _none(self._reach) for what in _OWN}
        self._minute: int | None = None
        self._save_ns = 0
        self._burns: dict[str, tuple[tuple[str, str], Figures]] = {}

    def put(self, record: Record) -> None:
        """Answers RecordSink."""
        if isinstance(record, Outcome):
            self._heard.append(("in_time", record.result != "fired"))
            if record.opened_at_ns is not None:
                self._opened[record.pulse.track_id] = record.opened_at_ns
                if len(self._opened) > _OPEN:
                    self._opened.pop(next(iter(self._opened)))
        elif isinstance(record, GateClosed):
            longest_ms = self._profile.gates[record.gate].longest_on_ms
            for track_id in record.tracks:
                if (opened_at_ns := self._opened.pop(track_id, None)) is not None:
                    self._heard.append(("openings", is_overlong(opened_at_ns, record.at_ns, longest_ms)))
        elif isinstance(record, Health):
            self._is_safe = record.state == "safe"

    def news(self) -> Iterator[Told]:
        """What the operator is told."""
        burns = self._burns
        for what, entry in BY_COUNT.items():
            yield Told(entry.code, what in burns, burns[what][1] if what in burns else {})

    def keep(self, now_ns: int) -> int:
        """Count what was heard, and once a minute see what burns; returns when to be called again."""
        minute = self._times()[0] // _MINUTE_MS
        if self._minute is None:
            self._minute = minute
            self._save_ns = now_ns + SAVE_NS
            self._remember(minute)
        self._take(self._minute)
        if minute != self._minute:
            self._count("sorting", self._minute, self._stopped)
            self._minute, self._stopped = minute, self._is_safe
            self._look(minute)
        if now_ns >= self._save_ns:
            self._save_ns = now_ns + SAVE_NS
            self._save(ended=False)
        return now_ns + _S

    def close(self) -> None:
        """Note that the run ended of itself. Never raises."""
        if self._minute is not None:
            self._take(self._minute)
            self._count("sorting", self._minute, self._stopped)
            self._save(ended=True)

    def _take(self, minute: int) -> None:
        self._stopped |= self._is_safe
        while self._heard:
            what, is_bad = self._heard.popleft()
            self._count(what, minute, is_bad)

    def _count(self, what: str, minute: int, is_bad: bool) -> None:
        row = self._seen[what][minute % self._reach]
        if row[0] != minute:
            row[:] = minute, 0, 0
        row[1:] += 1, is_bad

    def _look(self, minute: int) -> None:
        found: dict[str, tuple[tuple[str, str], Figures]] = {}
        spoken = self._spoken()
        for name, one in self._agreed.indicators.items():
            is_own = one.counts in _OWN
            rows = self._own(one, minute) if is_own else _spread(one, spoken.get(one.counts, []))
            if not len(rows) or one.counts in found:
                continue
            burn = self._burn(name, one, rows, minute if is_own else rows[:, 0].max() + 1)
            if burn:
                before = self._burns.get(one.counts)
                found[one.counts] = before if before and before[0] == burn[0] else burn
        self._burns = found

    def _burn(self, name: str, one: Indicator, rows: Floats, end: float) -> tuple[tuple[str, str], Figures] | None:
        """The most urgent rule by which it burns at a minute, and what is said of it."""
        for rule_name, rule in self._agreed.burn.items():
            long, short = (_within(rows, end - round(60 * hours)) for hours in (rule.long_hours, rule.short_hours))
            burns, rate = burning(rule, one, long, short)
            if burns:
                agreed = f"{one.says} ({100 * one.target:.10g} % agreed)"
                return (name, rule_name), {"agreed": agreed, "rate": round(float(rate), 1), "urgency": rule.says}
        return None

    def _own(self, one: Indicator, minute: int) -> Floats:
        """A row a minute: when, what there was, what of it was bad, and the squares of `edge.burning`."""
        held = self._seen[one.counts]
        rows = held[(held[:, 0] >= minute - self._reach) & (held[:, 0] < minute)]
        return np.column_stack([rows, squares(one.budget, rows[:, 1], rows[:, 2])])

    def _spoken(self) -> dict[str, list[tuple[float, float, float]]]:
        """What people's words come to, a fruit each: by what is counted when, what there was and what of it was bad."""
        route, worth = self._profile.route, self._profile.money.worth
        found: dict[str, list[tuple[float, float, float]]] = {}
        for drawn in self._inspected():
            if drawn.outlet:
                for what, there, bad in judged(parts_of(drawn.inspected()), drawn.outlet, route, worth):
                    found.setdefault(what, []).append((drawn.at_s // 60, there, bad))
        return found

    def _remember(self, minute: int) -> None:
        """Go on where the last run ended."""
        try:
            held = json.loads(self._path.read_bytes())
            if held["format"] != FORMAT:
                raise ValueError("of another version")
            seen = {what: np.array(held["seen"][what], np.int64).reshape(-1, 3) for what in _OWN}
            is_ended = bool(held["ended"])
        except FileNotFoundError:
            return
        except (OSError, KeyError, TypeError, ValueError) as error:
            _LOG.warning(f"{self._path}: {error}; what burns is counted anew")
            return
        for what, rows in seen.items():
            self._seen[what][rows[:, 0] % self._reach] = rows
        last = int(seen["sorting"][:, 0].max(initial=0)) or minute
        for at in () if is_ended else range(last + 1, min(minute, last + 1 + CUT_OFF_MIN)):
            self._count("sorting", at, is_bad=True)

    def _save(self, ended: bool) -> None:
        seen = {what: rows[rows[:, 1] > 0].tolist() for what, rows in self._seen.items()}
        try:
            write_whole(self._path, json.dumps({"format": FORMAT, "ended": ended, "seen": seen}, separators=(",", ":")))
        except OSError as error:
            _LOG.warning(f"{self._path}: cannot be kept: {error.strerror}; what burns is counted anew after a restart")


def _none(minutes: int) -> NDArray[np.int64]:
    """Rows of when, what there was, what of it was bad; a minute's place is its number modulo their number."""
    return np.zeros((minutes, 3), np.int64)


def _spread(one: Indicator, spoken: Sequence[tuple[float, float, float]]) -> Floats:
    """With the squares of `edge.burning`."""
    rows = np.array(spoken, float).reshape(-1, 3)
    return np.column_stack([rows, (rows[:, 2] - one.budget * rows[:, 1]) ** 2])


def _within(rows: Floats, first: float) -> Floats:
    """What there was from a minute on, what of it was bad, and the squares."""
    summed: Floats = rows[rows[:, 0] >= first, 1:].sum(axis=0)
    return summed
