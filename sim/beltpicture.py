"""The belt as lines of text: fruit in their lanes, the camera's view above them, the gates at the edges.

Nothing is said by colour alone: a fruit carries the letter of its true label, an open gate points outwards.
"""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from rich.text import Text

from edge.datapath import BELT_END

if TYPE_CHECKING:
    from sim.view import FruitSeen, GateSeen, ViewState

COLOURS = {"green": "#2fa084", "turning": "#f2c14e", "red": "#d1493f", "damaged": "#8d6a9f", "unknown": "#8a94a6"}
"""Far enough apart in lightness to be told from each other without red and green."""

FRUIT_MM = 57
BELT = "on #17263d"
SPECK = "#46608c on #17263d"
SPECK_MM = 90
LANE_ROWS = 3

Cell = tuple[str, str]
Row = list[Cell]


def letter(name: str) -> str:
    """One letter for a label or an outlet."""
    return "?" if name == "unknown" else name[:1].upper()


def colour_of(name: str) -> str:
    return COLOURS.get(name, COLOURS["unknown"])


def rows_of(lanes: int) -> int:
    """How many rows the picture takes."""
    return 1 + 2 + lanes * LANE_ROWS + lanes - 1


def belt_picture(state: ViewState, width: int) -> list[Text]:
    """The whole belt in `width` columns: a ruler, the lanes between two edges, the gates on the edges: those of the
    last lane below, the others' above."""
    per_mm = width / max(state.belt_mm, 1.0)
    last = state.lanes - 1
    above = [gate for gate in state.gates if gate.lane != last]
    below = [gate for gate in state.gates if gate.lane == last]
    lanes: list[Row] = []
    for lane in range(state.lanes):
        lanes += [_bare(state, width, per_mm)] if lane else []
        lanes += _lane(state, lane, width, per_mm)
    return [
        _ruler(state, width, per_mm),
        _edge(above, width, per_mm, "▲"),
        *map(_text, lanes),
        _edge(below, width, per_mm, "▼"),
    ]


def _ruler(state: ViewState, width: int, per_mm: float) -> Text:
    row: Row = [(" ", "")] * width
    seen = min(width, round(state.view_mm * per_mm))
    if seen > 10:
        _write(row, 0, "╭" + " camera ".center(seen - 2, "─") + "╮", "dim")
    names = {gate.x_mm: gate.outlet for gate in state.gates}
    room = min((b - a for a, b in zip(sorted(names), sorted(names)[1:], strict=False)), default=1e9) * per_mm
    if all(len(name) < room for name in names.values()):
        for x_mm, name in names.items():
            _write(row, round(x_mm * per_mm) - len(name) // 2, name, colour_of(name))
    if row[-len(BELT_END) - 1 :] == [(" ", "")] * (len(BELT_END) + 1):
        _write(row, width - len(BELT_END), BELT_END, "dim")
    return _text(row)


def _edge(gates: list[GateSeen], width: int, per_mm: float, outwards: str) -> Text:
    row: Row = [("─", "dim")] * width
    for gate in gates:
        shown = f"{outwards}{letter(gate.outlet)}{outwards}" if gate.is_open else f"[{letter(gate.outlet)}]"
        style = f"bold #101010 on {colour_of(gate.outlet)}" if gate.is_open else colour_of(gate.outlet)
        _write(row, round(gate.x_mm * per_mm) - 1, shown, style)
    return _text(row)


def _bare(state: ViewState, width: int, per_mm: float) -> Row:
    """A row between two lanes: specks on the belt show that it moves."""
    row: Row = [(" ", BELT)] * width
    specks = round(state.belt_mm / SPECK_MM) + 1
    for n in range(specks):
        x_mm = (n * SPECK_MM + state.elapsed_s * state.speed_mm_s) % (SPECK_MM * specks)
        _write(row, round(x_mm * per_mm), "·", SPECK)
    return row


def _lane(state: ViewState, lane: int, width: int, per_mm: float) -> list[Row]:
    rows: list[Row] = [[(" ", BELT)] * width for _ in range(LANE_ROWS)]
    for fruit in state.fruit:
        if fruit.lane == lane:
            _draw(rows, fruit, state.route, per_mm)
    return rows


def _draw(rows: list[Row], fruit: FruitSeen, route: dict[str, str], per_mm: float) -> None:
    """A round fruit of block elements. Sent elsewhere than its true label would be, it carries the letter of that
    outlet below its own."""
    across = max(3, 2 * round((FRUIT_MM * per_mm - 1) / 2) + 1)
    left = round(fruit.x_mm * per_mm) - across // 2
    colour = colour_of(fruit.label)
    for row, shape in zip(rows, _shape(across), strict=True):
        _write(row, left, shape, f"{colour} {BELT}")
    _write(rows[1], left + across // 2, letter(fruit.label), f"bold {_ink(colour)} on {colour}")
    if fruit.outlet is not None and fruit.outlet != route.get(fruit.label, BELT_END):
        _write(rows[2], left + across // 2, letter(fruit.outlet), f"bold reverse {BELT}")


def _shape(across: int) -> tuple[str, str, str]:
    """A disc in three rows; a cell is twice as high as wide."""
    if across < 7:
        inner = across - 2
        return f" {'▄' * inner} ", f"▐{'█' * inner}▌", f" {'▀' * inner} "
    inner = across - 4
    return f"▗▟{'█' * inner}▙▖", "█" * across, f"▝▜{'█' * inner}▛▘"


def _ink(colour: str) -> str:
    """Black or white, whichever reads better on a colour (`#rrggbb`; luma of Rec. 601)."""
    red, green, blue = (int(colour[n : n + 2], 16) for n in (1, 3, 5))
    return "#101010" if 0.299 * red + 0.587 * green + 0.114 * blue > 120 else "#ffffff"


def _write(row: Row, at: int, text: str, style: str) -> None:
    """Spaces leave what is there."""
    for n, character in enumerate(text, at):
        if 0 <= n < len(row) and character != " ":
            row[n] = (character, style)


def _text(row: Row) -> Text:
    line = Text(no_wrap=True)
    for style, run in groupby(row, key=itemgetter(1)):
        line.append("".join(character for character, _ in run), style)
    return line
