"""The report's pictures: SVG that stands in the page, text as text. Lines and letters take the page's own colour, so
the same picture reads in light and in dark; marks differ in shape too, so nothing is told by colour alone."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

_INK = "#010203"
"""Stands for the page's own text colour until the SVG is written."""

COLOURS = ("#0F8BD6", "#D55E00", "#009E73", "#CC79A7", "#B8860B", "#7F7F7F")
"""After Okabe and Ito; blue and yellow shifted so far that they are seen on black and on white."""

_MARKS = "os^Dvx"

_FEWEST = 10
"""Passages of a reliability bin that is drawn."""

_STYLE: Any = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": _INK,
    "axes.edgecolor": _INK,
    "axes.labelcolor": _INK,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "legend.frameon": False,
}

Row = tuple[str, float, Sequence[float] | None]
"""A bar: its name, its value, and the interval about it."""

Line = tuple[str, Sequence[float], Sequence[float], Sequence[Sequence[float] | None]]
"""Name, x, y, and the interval about each y."""


class Drawing:
    """A figure of `columns` panels that becomes SVG. `name` keeps its inner references apart from other pictures'."""

    def __init__(self, name: str, says: str, columns: int = 1, rows: int = 1, height: float = 2.7) -> None:
        self._name, self._says = name, says
        with _styled(name):
            self._figure = Figure(figsize=(9.2, height * rows), layout="constrained")
            FigureCanvasSVG(self._figure)
            found = self._figure.subplots(rows, columns, squeeze=False)
        self.panels: list[Axes] = list(found.ravel())

    def svg(self) -> str:
        """One `<svg>` element, named for those who cannot see it."""
        out = io.StringIO()
        with _styled(self._name):
            self._figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
        text = out.getvalue()
        text = text[text.index("<svg") :].replace(_INK, "currentColor")
        return text.replace("<svg", f'<svg role="img" aria-label="{self._says}" class="plot"', 1)


@contextmanager
def _styled(name: str) -> Iterator[None]:
    with mpl.rc_context({**_STYLE, "svg.hashsalt": name}):
        yield


def bars(axes: Axes, rows: Sequence[Row], title: str, limit: float | None = None, top: float | None = None) -> None:
    """Sideways bars with intervals, and a dashed line at a limit."""
    with _styled(title):
        names, values = [row[0] for row in rows], [row[1] for row in rows]
        places = np.arange(len(rows))[::-1]
        axes.barh(places, values, height=0.6, color=COLOURS[0], alpha=0.75)
        for place, (_, value, interval) in zip(places, rows, strict=True):
            if interval:
                axes.plot(interval, [place, place], color=_INK, linewidth=1.2)
            axes.annotate(f" {value:.3f}", (max(value, (interval or (0, 0))[1]), place), va="center", fontsize=9)
        if limit is not None:
            axes.axvline(limit, color=COLOURS[1], linestyle="--", linewidth=1.2)
            axes.annotate(f" limit {limit:g}", (limit, len(rows) - 0.42), color=COLOURS[1], fontsize=9)
        axes.set_yticks(places, names)
        axes.set_xlim(0, top)
        axes.set_ylim(-0.6, len(rows) - 0.1)
        axes.set_title(title, pad=10)


def lines(axes: Axes, found: Sequence[Line], title: str, x_says: str) -> None:
    """Curves with the interval of each point."""
    with _styled(title):
        for n, (name, x, y, intervals) in enumerate(found):
            colour = COLOURS[n % len(COLOURS)]
            axes.plot(x, y, marker=_MARKS[n % len(_MARKS)], color=colour, label=name, markersize=4.5, linewidth=1.5)
            for place, interval in zip(x, intervals, strict=True):
                if interval:
                    axes.plot([place, place], interval, color=colour, linewidth=1, alpha=0.6)
        axes.set_title(title)
        axes.set_xlabel(x_says)
        axes.grid(alpha=0.2, color=_INK, linewidth=0.5)
        axes.xaxis.set_major_locator(MaxNLocator(6))


def named_places(axes: Axes, x: Sequence[float], names: Sequence[str]) -> None:
    """Words in place of the numbers on the x axis."""
    with _styled("names"):
        axes.set_xticks(x, names)


def legend(axes: Axes) -> None:
    with _styled("legend"):
        axes.legend(fontsize=9, labelcolor=_INK)


def reliability(axes: Axes, calibrations: Mapping[str, Any], title: str) -> None:
    """The share right over the confidence; on the diagonal, a confidence is what it says."""
    found: list[Line] = []
    for name, one in calibrations.items():
        rows = [row for row in one["bins"] if row["n"] >= _FEWEST]
        found.append((name, [row["confidence"] for row in rows], [row["right"] for row in rows], [None] * len(rows)))
    lines(axes, found, title, "confidence")
    with _styled(title):
        axes.plot([0, 1], [0, 1], color=_INK, linestyle=":", linewidth=1)
        axes.set_xlim(0, 1.02)
        axes.set_ylim(0, 1.02)


def confusion(axes: Axes, counts: Mapping[str, Mapping[str, int]], title: str) -> None:
    """Shares of each true grade, a row; the number in each cell counts passages."""
    with _styled(title):
        rows, columns = list(counts), list(next(iter(counts.values())))
        table = np.array([[counts[row][column] for column in columns] for row in rows], float)
        shares = table / np.maximum(1, table.sum(axis=1, keepdims=True))
        for r, row in enumerate(rows):
            for c, column in enumerate(columns):
                colour = COLOURS[0] if row == column else COLOURS[1]
                axes.add_patch(_cell(c, r, colour, 0.06 + 0.7 * float(shares[r, c]) if shares[r, c] else 0.0))
                if table[r, c]:
                    axes.text(c, r, f"{table[r, c]:.0f}", ha="center", va="center", fontsize=9)
        axes.set_xlim(-0.5, len(columns) - 0.5)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xticks(range(len(columns)), columns, rotation=30, ha="right")
        axes.set_yticks(range(len(rows)), rows)
        axes.set_title(title)
        axes.tick_params(length=0)


def _cell(column: int, row: int, colour: str, alpha: float) -> Rectangle:
    return Rectangle((column - 0.48, row - 0.48), 0.96, 0.96, facecolor=colour, alpha=alpha, edgecolor="none")
