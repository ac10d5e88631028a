"""The capacity curve as a picture: `python -m sim.curve capacity.json docs/capacity.svg` draws what
`sorter bench capacity --json` wrote. Share of fruit with a pulse over fruit a second and lane, a line a case; the
aim faults of all its rates beside its name."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from sim.capacity import HAVE_PULSE

_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 720, 360, 60, 20, 50
_TO_PER_S, _FROM_SHARE = 30.0, 0.5
_COLOURS = {1: "#999999", 2: "#4477aa", 4: "#aa3377"}
_DASHES = {"here": "1 0", "pi5": "6 3", "pi4": "2 3"}

Case = tuple[int, str]


def svg(figures: dict[str, Any]) -> str:
    """The picture as SVG text."""
    cases = {case: list(points) for case, points in groupby(figures["curve"], _case)}
    body = [*_axes(), *(line for case in cases for line in _line(case, cases[case])), *_legend(cases, figures["fruit"])]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" '
    return head + 'font-size="12"><rect width="100%" height="100%" fill="white"/>\n' + "\n".join(body) + "\n</svg>\n"


def _case(point: dict[str, Any]) -> Case:
    return point["lanes"], point["service_time"]


def _x(per_s: float) -> float:
    return round(_LEFT + per_s / _TO_PER_S * (_WIDTH - _LEFT - 20), 1)


def _y(share: float) -> float:
    down = (1 - max(share, _FROM_SHARE)) / (1 - _FROM_SHARE)
    return round(_TOP + down * (_HEIGHT - _TOP - _BOTTOM), 1)


def _axes() -> Iterator[str]:
    for per_s in range(0, 31, 5):
        yield f'<text x="{_x(per_s)}" y="{_HEIGHT - 30}" text-anchor="middle">{per_s}</text>'
    for percent in range(50, 101, 10):
        y = _y(percent / 100)
        yield f'<path d="M{_LEFT} {y}H{_WIDTH - 20}" stroke="#dddddd"/>'
        yield f'<text x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{percent} %</text>'
    yield f'<path d="M{_LEFT} {_y(HAVE_PULSE)}H{_WIDTH - 20}" stroke="#cc3311"/>'
    yield f'<text x="{_WIDTH / 2}" y="{_HEIGHT - 8}" text-anchor="middle">fruit a second and lane</text>'
    yield f'<text x="{_LEFT + 10}" y="{_TOP + 24}">share of fruit with a pulse</text>'


def _line(case: Case, points: Sequence[dict[str, Any]]) -> Iterator[str]:
    lanes, service_time = case
    path = " ".join(f"{_x(p['fruit_per_s_lane'])},{_y(p['with_pulse'])}" for p in points)
    colour, dashes = _COLOURS.get(lanes, "#000000"), _DASHES.get(service_time, "1 0")
    yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"/>'


def _legend(cases: Mapping[Case, Sequence[dict[str, Any]]], fruit: int) -> Iterator[str]:
    for n, ((lanes, service_time), points) in enumerate(cases.items()):
        faults = f"{sum(point['faults'] for point in points)} aim faults in {fruit * len(points):,} fruit"
        y = _HEIGHT - _BOTTOM - 16 * (len(cases) - n)
        colour, dashes = _COLOURS.get(lanes, "#000000"), _DASHES.get(service_time, "1 0")
        yield f'<path d="M{_LEFT + 10} {y}h30" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"/>'
        yield f'<text x="{_LEFT + 48}" y="{y + 4}">lanes {lanes}, {service_time}: {faults}</text>'


def main() -> None:
    """Read the figures, write the picture."""
    parser = argparse.ArgumentParser(prog="python -m sim.curve", description=main.__doc__)
    parser.add_argument("figures", type=Path)
    parser.add_argument("picture", type=Path)
    given = parser.parse_args()
    picture: Path = given.picture
    picture.write_text(svg(json.loads(given.figures.read_text(encoding="utf-8"))), encoding="utf-8")


if __name__ == "__main__":
    main()
