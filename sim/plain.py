"""The view without a terminal: a line every few seconds, and every event as it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.datapath import BELT_END
from sim.screen import milliseconds, outlets_in_order, purity

if TYPE_CHECKING:
    from sim.view import ViewState


def status_line(state: ViewState) -> str:
    """The state in one line that ends where it is complete."""
    fates = ", ".join(f"{fate} {count:,}" for fate, count in state.fates.items() if count) or "none yet"
    outlets = ", ".join(
        f"{outlet} {sum(fallen.values()):,}" + _pure(fallen, outlet, state.route)
        for outlet, fallen in outlets_in_order(state).items()
        if fallen
    )
    parts = [
        f"{state.elapsed_s:7.1f} s  {state.device}",
        f"{state.fruit_per_s:.1f} fruit/s, {state.fed:,} fed",
        f"fates: {fates}",
        f"fell: {outlets or 'none yet'}",
        f"gates late {milliseconds(state.gate_late)}",
        f"inference {milliseconds(state.inference)}",
        f"broker {'online' if state.broker.online else 'offline'}",
    ]
    return "; ".join(parts)


def event_line(at_s: float, text: str) -> str:
    return f"{at_s:7.1f} s  {text}"


def _pure(fallen: dict[str, int], outlet: str, route: dict[str, str]) -> str:
    if outlet == BELT_END:
        return ""
    return f" ({purity(fallen, outlet, route):.1%} pure)"
