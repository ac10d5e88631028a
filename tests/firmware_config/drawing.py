"""The drawing of the header, made from the profiles: `python -m tests.firmware_config.drawing docs/wiring.svg`."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from edge.config import Profile
from tests.firmware_config.wiring import HEADER, MACHINES, profile_lines, read

ROW, TOP, LEFT, COLUMN = 26, 76, 300, 34
SUPPLY = {1: "3.3 V", 17: "3.3 V", 2: "5 V", 4: "5 V", **dict.fromkeys((6, 9, 14, 20, 25, 30, 34, 39), "ground")}
COLOURS = {"gate": "#d9822b", "exit": "#3b7dd8", "encoder": "#3b7dd8", "e-stop": "#c62f3b", "alive": "#2f9e5b"}
OTHER, FREE = "#8a6fc9", "#b9bec6"


def draw(profiles: Mapping[str, Profile]) -> str:
    """The SVG, whole."""
    height = TOP + 20 * ROW + 50
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * LEFT + 2 * COLUMN} {height}" '
        'font-family="system-ui, sans-serif" font-size="13">',
        f'<rect width="100%" height="100%" fill="#fff"/><rect x="{LEFT - 6}" y="{TOP - 20}" width="{2 * COLUMN + 12}" '
        f'height="{20 * ROW + 12}" rx="6" fill="#2d3440"/>',
        *_headings(),
        *(part for pin in range(1, 41) for part in _pin(pin, profiles)),
        *_legend(height - 18),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _headings() -> Iterator[str]:
    middle = LEFT + COLUMN
    yield _text(middle, 22, "the header, seen from above; USB ports below", "middle", "#111", 'font-weight="600"')
    for x, name in _columns(0):
        yield _text(x, TOP - 28, name, "end", "#555")
    for x, name in _columns(1):
        yield _text(x, TOP - 28, name, "start", "#555")


def _columns(side: int) -> tuple[tuple[int, str], ...]:
    """Where each machine's words stand, from the header outwards."""
    inner, outer = (LEFT - 56, LEFT - 176) if side == 0 else (LEFT + 2 * COLUMN + 56, LEFT + 2 * COLUMN + 176)
    return tuple(zip((inner, outer), MACHINES, strict=True))


def _pin(pin: int, profiles: Mapping[str, Profile]) -> Iterator[str]:
    side, y = (pin - 1) % 2, TOP + (pin - 1) // 2 * ROW
    bcm = next((number for number, at in HEADER.items() if at == pin), None)
    said = {name: line.what for name in MACHINES for at, line in profile_lines(profiles[name]).items() if at == bcm}
    kinds = {what.split()[0] for what in said.values()}
    colour = COLOURS.get(kinds.pop(), OTHER) if kinds else FREE
    if pin in SUPPLY:
        colour = "#111" if SUPPLY[pin] == "ground" else "#e0b400"
    x = LEFT + COLUMN // 2 + side * COLUMN
    yield f'<circle cx="{x}" cy="{y}" r="11" fill="{colour}"/>'
    yield _text(x, y + 4, str(pin), "middle", "#fff", 'font-size="10"')
    anchor, name_x = ("end", LEFT - 14) if side == 0 else ("start", LEFT + 2 * COLUMN + 14)
    yield _text(name_x, y + 4, SUPPLY.get(pin, str(bcm)), anchor, "#777" if pin in SUPPLY else "#111")
    for words_x, name in _columns(side):
        if name in said:
            yield _text(words_x, y + 4, said[name], anchor, "#111")


def _legend(y: int) -> Iterator[str]:
    words = (("gate", "gate"), ("input", "exit"), ("e-stop", "e-stop"), ("alive", "alive"), ("to upstream", ""))
    for n, (word, kind) in enumerate((*words, ("free", "free"))):
        x = 40 + n * 108
        yield f'<circle cx="{x}" cy="{y - 4}" r="6" fill="{FREE if kind == "free" else COLOURS.get(kind, OTHER)}"/>'
        yield _text(x + 12, y, word, "start", "#333")


def _text(x: int, y: int, words: str, anchor: str, colour: str, more: str = "") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{colour}" {more}>{words}</text>'.replace(" >", ">")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(draw(read().profiles), encoding="utf-8")
