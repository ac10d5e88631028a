"""What went through: fruit by time, lane, label, reason and outlet, and how punctual the gates were."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from edge.datapath import BELT_END
from edge.inspection import INSPECTED
from edge.ledger.entries import Decision

MINUTE_S = 60
_PER_MS = 10
"""Lateness is counted in tenths of a millisecond."""


def landed(decision: Decision) -> str:
    """The outlet that a fruit went to as far as the device knows: the belt's end unless its gate was opened."""
    return decision.outlet if decision.result == "fired" else BELT_END


def intended(decision: Decision) -> str:
    """The outlet that it would have gone to without the audit."""
    return decision.outlet if decision.audit is None else decision.sorted_to or BELT_END


class Flow:
    """Counts of the fruit it is given, in any order; memory grows with the minutes."""

    def __init__(self) -> None:
        self.fruit = 0
        self.audited = 0
        self.minutes: dict[int, Counter[str]] = defaultdict(Counter)
        """By minute since 1970: outlets."""
        self.outlets: Counter[str] = Counter()
        self.intended: Counter[str] = Counter()
        self._lanes: Counter[int] = Counter()
        self._labels: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()
        self._results: Counter[str] = Counter()
        self._late: Counter[int] = Counter()
        self._gated = self._through = 0
        self.bundles: Counter[str] = Counter()
        self.profiles: Counter[str] = Counter()
        self._first = self._last = 0.0

    def take(self, utc: datetime, decision: Decision) -> None:
        """One fruit."""
        at_s = utc.timestamp()
        self._first = min(self._first or at_s, at_s)
        self._last = max(self._last, at_s)
        self.fruit += 1
        self.audited += decision.audit is not None
        outlet = landed(decision)
        self.minutes[int(at_s) // MINUTE_S][outlet] += 1
        self.outlets[outlet] += 1
        self.intended[intended(decision)] += 1
        self._lanes[decision.lane] += 1
        self._labels[decision.label] += 1
        self._reasons[decision.reason] += 1
        if decision.audit is None and decision.outlet != BELT_END:
            self._gated += 1
            self._through += outlet != BELT_END
        self.bundles[decision.bundle] += 1
        self.profiles[decision.profile] += 1
        if decision.result is not None:
            self._results[decision.result] += 1
            if decision.late_ns is not None and decision.result == "fired":
                self._late[max(0, decision.late_ns) * _PER_MS // 1_000_000] += 1

    @property
    def _busy_h(self) -> float:
        return len(self.minutes) / 60

    @property
    def per_hour(self) -> float:
        """In the minutes with fruit; 0 without any."""
        return self.fruit / self._busy_h if self.fruit else 0.0

    @property
    def reached(self) -> float:
        """The chance of a fruit that its verdict's gate takes it: it is answered for (not shed or crowded), not
        drawn for the audit, and its pulse is not missed."""
        answered = sum(self._reasons[reason] for reason in INSPECTED)
        return answered / max(1, self.fruit) * (self._through / self._gated if self._gated else 1.0)

    def told(self, good: frozenset[str], fruit_kg: float) -> dict[str, Any]:
        """Throughput, yield and punctuality. `good`: the outlets of sound labels."""
        in_good = sum(count for outlet, count in self.outlets.items() if outlet in good)
        asked = self._results.total()
        return {
            "fruit": self.fruit,
            "first_utc": _iso(self._first) if self.fruit else None,
            "last_utc": _iso(self._last) if self.fruit else None,
            "throughput": {
                "per_hour": _rounded(self.per_hour),
                "kg_per_hour": _rounded(self.per_hour * fruit_kg),
                "busy_hours": round(self._busy_h, 2),
                "by_lane": {str(lane): self._lanes[lane] for lane in sorted(self._lanes)},
                "best_minute": max((row.total() for row in self.minutes.values()), default=0),
            },
            "yield": {"good": in_good, "share": _share(in_good, self.fruit), "audited": self.audited},
            "labels": dict(self._labels.most_common()),
            "reasons": dict(self._reasons.most_common()),
            "pulses": {
                **{result: self._results[result] for result in ("fired", "late", "refused")},
                "missed_share": _share(asked - self._results["fired"], asked),
                "late_ms": {name: self._quantile(share) for name, share in (("p50", 0.5), ("p99", 0.99), ("max", 1.0))},
            },
        }

    def bars(self, most: int = 96) -> Iterator[tuple[datetime, int, Counter[str]]]:
        """At most so many even stretches of time: where each begins, its minutes, and its fruit by outlet."""
        if not self.minutes:
            return
        first, last = min(self.minutes), max(self.minutes)
        wide = next(
            w
            for w in (1, 2, 5, 10, 15, 30, 60, 120, 240, 720, 1440, 10080, 43200, 1 << 40)
            if (last // w - first // w) < most
        )
        found: dict[int, Counter[str]] = defaultdict(Counter)
        for minute, row in self.minutes.items():
            found[minute // wide] += row
        for n in range(first // wide, last // wide + 1):
            yield datetime.fromtimestamp(n * wide * MINUTE_S, UTC), wide, found.get(n, Counter())

    def _quantile(self, share: float) -> float | None:
        goal, seen = share * self._late.total(), 0
        for bucket in sorted(self._late):
            seen += self._late[bucket]
            if seen >= goal:
                return bucket / _PER_MS
        return None


def _iso(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _rounded(pace: float) -> float | None:
    return round(pace, 1) or None


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 5) if whole else None
