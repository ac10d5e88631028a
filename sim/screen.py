"""The view's one screen: a pure function of the state, for a terminal, a picture or a test."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import zip_longest
from typing import TYPE_CHECKING

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from edge.datapath import BELT_END
from sim.beltpicture import belt_picture, colour_of, letter, rows_of

if TYPE_CHECKING:
    from sim.view import Spread, ViewState

WIDE = 110
"""Columns from which all three boards stand side by side."""

EVENTS = 4
NOTHING = "-"

_DEVICE = {
    "starting": ("…", "bold #f2c14e"),
    "sorting": ("●", "bold #2fa084"),
    "safe": ("■", "bold #ffffff on #b3362d"),
    "restarting": ("↻", "bold #f2c14e"),
    "stopped": ("□", "dim"),
}
_BAR = 8


def screen(state: ViewState, width: int, height: int | None = None) -> RenderableType:
    """The state in `width` columns; the events get the rows of `height` that the rest leaves, one at least."""
    return Group(head(state, width), boards(state, width), tail(state, width, height))


def head(state: ViewState, width: int) -> RenderableType:
    """The part that moves: what runs, and the belt."""
    return Group(_title(state, width), _panel(Group(*belt_picture(state, width - 4)), "belt"))


def boards(state: ViewState, width: int) -> RenderableType:
    """The part that counts. It is the dear one to draw."""
    rows = _board_rows(state)
    if width >= WIDE:
        return _beside((9, _outlets(state, rows)), (8, _fates(state, rows)), (8, _times(state, rows)))
    return Group(_beside((5, _outlets(state, rows)), (4, _times(state, rows))), _fates_line(state))


def tail(state: ViewState, width: int, height: int | None) -> RenderableType:
    """The broker and the last events."""
    rows = 1 + (2 + rows_of(state.lanes)) + _board_rows(state) + (width < WIDE)
    events = EVENTS if height is None else max(1, height - rows - 1)
    return Group(_broker(state), *_events(state, events))


def purity(fallen: dict[str, int], outlet: str, route: dict[str, str]) -> float:
    """The share of an outlet's fruit whose true label belongs there; NaN while it is empty."""
    total = sum(fallen.values())
    good = sum(n for label, n in fallen.items() if route.get(label, BELT_END) == outlet)
    return good / total if total else math.nan


def milliseconds(spread: Spread) -> str:
    """`p50 / p99 ms`, as far as they are known."""
    known = [value for value in (spread.p50_ms, spread.p99_ms) if not math.isnan(value)]
    return " / ".join(f"{value:.{1 if abs(value) < 100 else 0}f}" for value in known) + " ms" if known else NOTHING


def broker_line(state: ViewState) -> str:
    """Where to point an MQTT client."""
    seen = state.broker
    if seen.name is None:
        return "no broker: the line sorts on; messages wait in the outbox"
    return f"mosquitto_sub -h {seen.host} -p {seen.port} -t 'sorter/v1/#' -v"


def _title(state: ViewState, width: int) -> Table:
    sign, style = _DEVICE[state.device]
    minutes, seconds = divmod(int(state.elapsed_s), 60)
    left = Text.assemble((" sorter ", "bold reverse"), f" {state.scenario}", (f"  seed {state.seed}", "dim"))
    middle = Text.assemble((f" {sign} {state.device} ", style), (f"  {minutes:02}:{seconds:02}", "bold"))
    if state.restarts:
        middle.append(f"  restarts {state.restarts}", "dim")
    right = Text.assemble(("bundle " if width >= WIDE else "", "dim"), state.bundle or NOTHING, " ")
    title = Table.grid(expand=True)
    for justify in ("left", "center", "right"):
        title.add_column(justify=justify, no_wrap=True, overflow="ellipsis")
    title.add_row(left, middle, right)
    return title


def outlets_in_order(state: ViewState) -> dict[str, dict[str, int]]:
    """Every outlet with what fell there, as the fruit meet them, the belt's end last."""
    names = [gate.outlet for gate in sorted(state.gates, key=lambda gate: gate.x_mm)]
    return {name: state.outlets.get(name, {}) for name in dict.fromkeys([*names, *sorted(state.outlets), BELT_END])}


def _board_rows(state: ViewState) -> int:
    return 3 + max(len(outlets_in_order(state)), 5)


def _outlets(state: ViewState, rows: int) -> Panel:
    table = _table("", "outlet", ">fruit", ">pure", "")
    for outlet, fallen in outlets_in_order(state).items():
        share = purity(fallen, outlet, state.route)
        known = not math.isnan(share) and outlet != BELT_END
        filled = round(share * _BAR) if known else 0
        table.add_row(
            Text(f" {letter(outlet)} ", f"bold #101010 on {colour_of(outlet)}"),
            outlet,
            f"{sum(fallen.values()):,}",
            f"{share:.1%}" if known else NOTHING,
            Text.assemble(("━" * filled, colour_of(outlet)), ("─" * (_BAR - filled) if known else "", "dim")),
        )
    return _panel(table, "where they fell", rows)


def _fates(state: ViewState, rows: int) -> Panel:
    table = _table("fate", ">fruit", "fate", ">fruit")
    table.show_header = False
    cells = [(Text(fate, _fate_style(fate, n)), Text(f"{n:,}", _fate_style(fate, n))) for fate, n in _counted(state)]
    half = (len(cells) + 1) // 2
    for left, right in zip_longest(cells[:half], cells[half:], fillvalue=("", "")):
        table.add_row(*left, *right)
    return _panel(table, "what became of them", rows)


def _fates_line(state: ViewState) -> Text:
    line = Text(" ", no_wrap=True, overflow="ellipsis")
    for fate, count in _counted(state):
        if count:
            line.append(f"{fate} {count:,}  ", _fate_style(fate, count))
    return line


def _counted(state: ViewState) -> list[tuple[str, int]]:
    """The fates, the one that is hoped for first."""
    return sorted(state.fates.items(), key=lambda item: item[0] != "right")


def _fate_style(fate: str, count: int) -> str:
    return "bold" if fate == "right" else "" if count else "dim"


def _times(state: ViewState, rows: int) -> Panel:
    table = _table("what", "value")
    table.show_header = False
    for name, value in (
        ("fruit", f"{state.fruit_per_s:.1f}/s, {state.fed:,} fed"),
        ("gates late", milliseconds(state.gate_late)),
        ("inference", milliseconds(state.inference)),
        ("latency", milliseconds(state.latency)),
        ("slack", milliseconds(state.slack)),
        ("frames", _frames(state)),
    ):
        table.add_row(Text(name, "dim"), value)
    return _panel(table, "how it runs, p50 / p99", rows)


def _frames(state: ViewState) -> str:
    if state.health is None:
        return NOTHING
    return f"{state.health.frames:,}, {state.health.frames_dropped:,} dropped"


def _broker(state: ViewState) -> Text:
    seen = state.broker
    sign, style = ("●", "bold #2fa084") if seen.online else ("○", "bold #f2c14e")
    name = f"{seen.name}{'' if seen.online else ' (not connected)'}  " if seen.name else ""
    return Text.assemble((f" {sign} ", style), name, (broker_line(state), "dim"), no_wrap=True, overflow="ellipsis")


def _events(state: ViewState, most: int) -> Iterable[Text]:
    for at_s, text in list(state.events)[-most:]:
        yield Text.assemble((f" {at_s:6.1f} s  ", "dim"), text, no_wrap=True, overflow="ellipsis")


def _beside(*boards: tuple[int, RenderableType]) -> Table:
    grid = Table.grid(expand=True)
    for ratio, _ in boards:
        grid.add_column(ratio=ratio)
    grid.add_row(*(board for _, board in boards))
    return grid


def _panel(inside: RenderableType, title: str, rows: int | None = None) -> Panel:
    return Panel(
        inside, title=title, title_align="left", box=box.ROUNDED, border_style="dim", padding=(0, 1), height=rows
    )


def _table(*names: str) -> Table:
    """A table without lines; a name that begins with > stands over a column of numbers."""
    table = Table(box=None, expand=True, padding=(0, 1, 0, 0), header_style="dim")
    for name in names:
        table.add_column(name.removeprefix(">"), justify="right" if name.startswith(">") else "left", no_wrap=True)
    return table
