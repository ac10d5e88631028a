"""The indicators of `edge.indicators` from a ledger: what was good and bad minute by minute, what is left of each
budget, and when it burnt too fast (`edge.burning`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.burning import burning
from edge.indicators import Agreed, Burn, Indicator
from plant.report.happenings import iso

Floats = NDArray[np.float64]

MINUTE_S = 60
STEP_MIN = 5
"""A rule is looked at so often."""


@dataclass(slots=True)
class Counts:
    """Of one indicator, by minute since 1970: what there was, what of it was bad, and the squares of what each event
    had bad beyond the budget."""

    budget: float
    minutes: dict[int, tuple[float, float, float]] = field(default_factory=dict)

    def add(self, utc: datetime, there: float, bad: float) -> None:
        """One event, that counts for `there`; of that, so much was bad."""
        minute = int(utc.timestamp()) // MINUTE_S
        of, missed, squares = self.minutes.get(minute, (0.0, 0.0, 0.0))
        self.minutes[minute] = (of + there, missed + bad, squares + (bad - self.budget * there) ** 2)


class Budgets:
    """Takes good and bad by the name of what is counted; an indicator that shares it shares the counts."""

    def __init__(self, agreed: Agreed) -> None:
        self._agreed = agreed
        self._counts = {name: Counts(one.budget) for name, one in agreed.indicators.items()}
        self._by_what: dict[str, list[str]] = {}
        for name, one in agreed.indicators.items():
            self._by_what.setdefault(one.counts, []).append(name)

    @property
    def reach(self) -> timedelta:
        """So far back before what is reported an event still matters."""
        return timedelta(days=max((one.window_days for one in self._agreed.indicators.values()), default=0.0))

    def add(self, what: str, utc: datetime, there: float, bad: float) -> None:
        """One event of what an indicator counts."""
        for name in self._by_what.get(what, ()):
            self._counts[name].add(utc, there, bad)

    def told(self, since: datetime, until: datetime) -> dict[str, Any]:
        """Each indicator over what is reported and over its window that ends then, with the spells of each rule."""
        return {name: self._one(self._counts[name], one, since, until) for name, one in self._agreed.indicators.items()}

    def _one(self, counts: Counts, one: Indicator, since: datetime, until: datetime) -> dict[str, Any]:
        series = _Series(counts, since - timedelta(days=one.window_days), until)
        first, last = series.place(since), series.place(until)
        there, bad, _ = series.over(first, last)
        in_window, bad_in_window, _ = series.over(max(0, last - round(one.window_days * 1440)), last)
        used = bad_in_window / (in_window * one.budget) if in_window else None
        value = None if not there else float(1 - bad / there)
        return {
            "says": one.says,
            "target": one.target,
            "value": None if value is None else round(value, 6),
            "events": round(float(there), 2),
            "bad": round(float(bad), 2),
            "state": "unmeasured" if value is None else "met" if value >= one.target else "missed",
            "window_days": one.window_days,
            "budget_left": None if used is None else round(float(1 - used), 4),
            "burns": list(self._burns(series, one, first, last)),
        }

    def _burns(self, series: _Series, one: Indicator, first: int, last: int) -> Iterator[dict[str, Any]]:
        for name, rule in self._agreed.burn.items():
            places = np.arange(first, last + 1, STEP_MIN)
            alarms, rates = series.burning(rule, one, places)
            for begin, end in _spells(alarms):
                to = series.utc(int(places[end])) if end < len(places) else None
                yield {
                    "rule": name,
                    "says": rule.says,
                    "from_utc": iso(series.utc(int(places[begin]))),
                    "to_utc": iso(to) if to else None,
                    "rate": round(float(rates[begin:end].max()), 1),
                    "limit": round(rule.rate(one.window_days), 2),
                }


class _Series:
    """Counts on a grid of minutes, summed up so that any window is a difference."""

    def __init__(self, counts: Counts, since: datetime, until: datetime) -> None:
        held = counts.minutes
        ends = (int(since.timestamp()) // MINUTE_S, -(-int(until.timestamp()) // MINUTE_S))
        self._first = max(min(held, default=ends[1]), ends[0])
        self._last = max(self._first, min(max(held, default=ends[0]) + 1, ends[1]))
        grid = np.zeros((self._last - self._first + 1, 3))
        for minute, row in held.items():
            if self._first <= minute < self._last:
                grid[minute - self._first + 1] = row
        self._sums: Floats = np.cumsum(grid, axis=0)

    def place(self, utc: datetime) -> int:
        """The minute's place on the grid, as near as there is one."""
        return min(max(int(utc.timestamp()) // MINUTE_S, self._first), self._last) - self._first

    def utc(self, place: int) -> datetime:
        return datetime.fromtimestamp((self._first + place) * MINUTE_S, UTC)

    def over(self, first: int | NDArray[np.intp], last: int | NDArray[np.intp]) -> Floats:
        """What there was, what was bad and its squares between two places, or many; their axis comes first."""
        found: Floats = (self._sums[last] - self._sums[first]).T
        return found

    def burning(self, rule: Burn, one: Indicator, places: NDArray[np.intp]) -> tuple[NDArray[np.bool_], Floats]:
        """Whether a rule holds at each place, and how fast the budget burnt over its long window."""
        windows = (
            self.over(np.maximum(0, places - round(h * 60)), places) for h in (rule.long_hours, rule.short_hours)
        )
        return burning(rule, one, *windows)


def _spells(on: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Runs of true: first, and the first behind it."""
    turns = np.flatnonzero(np.diff(np.concatenate([[False], on, [False]])))
    return list(zip(turns[::2].tolist(), turns[1::2].tolist(), strict=True))


def sorting(
    runs: Sequence[tuple[datetime, datetime]], stops: Sequence[tuple[datetime, datetime]]
) -> Mapping[int, bool]:
    """By minute since 1970, of those in a run, whether it was without a stop."""
    found: dict[int, bool] = {}
    for since, until in runs:
        for minute in range(int(since.timestamp()) // MINUTE_S, int(until.timestamp()) // MINUTE_S + 1):
            found[minute] = True
    for since, until in stops:
        for minute in range(int(since.timestamp()) // MINUTE_S, int(until.timestamp()) // MINUTE_S + 1):
            if minute in found:
                found[minute] = False
    return found
