"""Figures as a person reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def number(value: float | None) -> str:
    """Three digits after the point for a fraction, none for a count; empty for None."""
    if value is None:
        return ""
    if float(value).is_integer() and abs(value) > 1:
        return f"{value:,.0f}"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:,.1f}"


def between(interval: Sequence[float] | None) -> str:
    """Both ends; empty where there is none."""
    return "" if interval is None else f"{interval[0]:.3f}\N{EN DASH}{interval[1]:.3f}"


def spread(found: Mapping[str, Any]) -> str:
    """A figure and its interval in one line."""
    return number(found["value"]) + (f" ({between(found['interval'])})" if found["interval"] else "")


def percent(value: float | None) -> str:
    """`94.1 %`."""
    return "unmeasured" if value is None else f"{100 * value:.1f} %"
