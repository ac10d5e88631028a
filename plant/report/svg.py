"""The report's pictures: SVG that stands in the page. Letters and lines take the page's own colours, so one picture
reads in light, in dark and on paper; what a colour tells stands there as a word or a figure too."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

_OF_A_NAME = {
    "red": "#D55E00",
    "turning": "#E3A51A",
    "green": "#009E73",
    "damaged": "#7A5BA8",
    "end": "#8A8A8A",
}
"""Outlets that are called as their fruit look."""

COLOURS = ("#0F8BD6", "#D55E00", "#009E73", "#CC79A7", "#B8860B", "#7F7F7F")
"""After Okabe and Ito; blue and yellow shifted so far that they are seen on black and on white."""

_WIDTH = 920
_TICKS = 5


@dataclass(frozen=True, slots=True)
class Whisker:
    """A row of `whiskers`: its value, its interval, what is written behind it, and whether it stands out."""

    name: str
    value: float | None
    interval: Sequence[float] | None
    said: str
    strong: bool = True


def whiskers(rows: Sequence[Whisker], says: str, low: float | None = None, high: float | None = None) -> str:
    """A dot and its interval for each row on one axis; `low` and `high` are its ends where they are given."""
    ends = [edge for row in rows for edge in (row.interval or ())] + [
        row.value for row in rows if row.value is not None
    ]
    first = min(ends, default=0.0) if low is None else low
    last = max(ends, default=1.0) if high is None else high
    ticks = _ticks(first, last)
    first, last = min(first, ticks[0]), max(last, ticks[-1])
    left, right, step = 290, _WIDTH - 170, 26
    height = step * len(rows) + 30

    def x(value: float) -> float:
        return left + (min(max(value, first), last) - first) / ((last - first) or 1) * (right - left)

    parts = [
        _line(x(tick), 6, x(tick), height - 24, "grid") + _text(x(tick), height - 8, _short(tick), "mid")
        for tick in ticks
    ]
    if first < 0 < last:
        parts.append(_line(x(0), 6, x(0), height - 24, "axis"))
    for n, row in enumerate(rows):
        y = 18 + step * n
        parts.append(_text(left - 12, y + 4, row.name, "end"))
        parts.append(_text(right + 12, y + 4, row.said, "start"))
        if row.interval:
            parts.append(_line(x(row.interval[0]), y, x(row.interval[1]), y, "whisker"))
        if row.value is not None:
            fill = COLOURS[0] if row.strong else "none"
            dot = f'cx="{x(row.value):.1f}" cy="{y}" r="5.5" fill="{fill}" stroke="{COLOURS[0]}"'
            parts.append(f'<circle {dot} stroke-width="2"/>')
    return _svg(parts, height, says)


def stacks(
    bars: Sequence[tuple[datetime, int, Mapping[str, int]]],
    names: Sequence[str],
    spans: Sequence[tuple[datetime, datetime | None, str]],
    zone: tzinfo,
    says: str,
) -> str:
    """Fruit a minute over time, a stack for each bar; above it `spans` that are marked, from, to and how severe."""
    if not bars:
        return ""
    left, right, top, bottom, height = 60, _WIDTH - 10, 44, 230, 262
    most = max((sum(row.values()) / minutes for _, minutes, row in bars), default=0.0) or 1.0
    ticks = _ticks(0.0, most)
    most = max(most, ticks[-1])
    begin, wide_s = bars[0][0], bars[0][1] * 60
    end_s = wide_s * len(bars)

    def x(at: datetime) -> float:
        return left + min(max((at - begin).total_seconds(), 0), end_s) / end_s * (right - left)

    parts = [_legend(names, left)]
    for tick in ticks:
        y = bottom - tick / most * (bottom - top)
        parts.append(_line(left, y, right, y, "grid") + _text(left - 8, y + 4, _short(tick), "end"))
    width = (right - left) / len(bars)
    for at, minutes, row in bars:
        parts.append(_stack(x(at), width, bottom, (bottom - top) / most / minutes, names, row))
    for since, until, severity in spans:
        shown = max(3.0, (x(until) if until else right) - x(since))
        parts.append(f'<rect class="{severity}" x="{x(since):.1f}" y="{top - 12}" width="{shown:.1f}" height="8"/>')
    every = max(1, len(bars) // 8)
    for at, _, _ in bars[::every]:
        parts.append(_text(x(at), bottom + 18, _when(at, zone, end_s), "start"))
    return _svg(parts, height, says)


def _stack(
    x: float, width: float, bottom: float, per_fruit: float, names: Sequence[str], row: Mapping[str, int]
) -> str:
    found, y = [], bottom
    for n, name in enumerate(names):
        tall = row.get(name, 0) * per_fruit
        y -= tall
        if tall:
            found.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(1.0, width - 1):.1f}" height="{tall:.1f}" '
                f'fill="{colour(name, n)}"/>'
            )
    return "".join(found)


def colour(name: str, n: int) -> str:
    """Of the nth outlet."""
    return _OF_A_NAME.get(name, COLOURS[n % len(COLOURS)])


def _legend(names: Sequence[str], left: float) -> str:
    found, x = [], left
    for n, name in enumerate(names):
        found.append(f'<rect x="{x}" y="6" width="12" height="12" fill="{colour(name, n)}"/>')
        found.append(_text(x + 18, 17, name, "start"))
        x += 40 + 8 * len(name)
    return "".join(found)


def _when(at: datetime, zone: tzinfo, wide_s: float) -> str:
    return at.astimezone(zone).strftime("%H:%M" if wide_s <= 36 * 3600 else "%d %b")


def _ticks(low: float, high: float) -> list[float]:
    """Round places that lie about the range."""
    span = (high - low) or abs(high) or 1.0
    rough = span / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough)
    first = math.floor(low / step + 1e-9)
    last = math.ceil(high / step - 1e-9)
    return [round(n * step, 10) for n in range(first, last + 1)]


def _short(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:g}"


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, said: str, anchor: str) -> str:
    where = {"mid": "middle"}.get(anchor, anchor)
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{where}">{html.escape(said)}</text>'


def _svg(parts: Sequence[str], height: float, says: str) -> str:
    return (
        f'<svg class="plot" role="img" aria-label="{html.escape(says)}" viewBox="0 0 {_WIDTH} {height:g}" '
        f'xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'
    )
