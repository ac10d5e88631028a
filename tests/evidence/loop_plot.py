"""The closed loop as a picture: what share of the fruit is not known and what share is right, over the line's time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from tests.evidence.loop_conductor import Story
from tests.evidence.loop_line import Line, Passed

WINDOW = 100
"""Fruit behind each point of a curve: those before it."""

_CURVES: tuple[tuple[str, str, str, Callable[[Passed], bool], Callable[[Passed], bool]], ...] = (
    ("right, all fruit", "#009E73", "-", lambda one: True, lambda one: one.right),
    ("right, the new cultivar", "#D55E00", "-", lambda one: one.new, lambda one: one.right),
    ("not known, all fruit", "#0072B2", "--", lambda one: True, lambda one: one.sorted_for == "unknown"),
)
"""Name, colour, line, of which fruit, and what is counted."""


def draw(line: Line, story: Story, path: Path) -> None:
    """Write the SVG: the same bytes for the same run."""
    mpl.rcParams["svg.hashsalt"] = "loop"
    figure = Figure(figsize=(11, 5.2), layout="constrained")
    FigureCanvasSVG(figure)
    axes = figure.subplots()
    for name, colour, dash, of, counted in _CURVES:
        own = [one for one in line.passed if of(one)]
        if len(own) > WINDOW // 2:
            at_s, shares = _moving(own, counted)
            axes.plot(at_s, shares, dash, color=colour, label=name, linewidth=1.8)
    marks = {"the cultivar comes": line.plan.from_s, **story.at_s}
    for n, (what, at_s) in enumerate(sorted(marks.items(), key=lambda mark: mark[1])):
        axes.axvline(at_s, color="#555555", linewidth=0.8, linestyle=":")
        axes.annotate(what, (at_s, 1.02 + 0.05 * (n % 4)), fontsize=8, ha="left", annotation_clip=False)
    axes.set(ylim=(0, 1.0), xlabel="seconds of the line's time", ylabel=f"share of the last {WINDOW} fruit")
    axes.set_title(" ", fontsize=30)
    axes.grid(alpha=0.25)
    axes.legend(loc="center right", fontsize=9)
    figure.savefig(path, metadata={"Date": None})


def _moving(own: list[Passed], counted: Callable[[Passed], bool]) -> tuple[list[float], list[float]]:
    """Each point over the fruit before it, fewer at the beginning."""
    hits = np.concatenate(([0.0], np.cumsum([float(counted(one)) for one in own])))
    ends = np.arange(min(WINDOW // 4, len(own)), len(own) + 1)
    starts = np.maximum(0, ends - WINDOW)
    shares = (hits[ends] - hits[starts]) / (ends - starts)
    return [own[end - 1].at_s for end in ends], [float(one) for one in shares]
