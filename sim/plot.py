"""`sorter sim --plot`: the timeline of a run as a picture. Time runs to the right, the belt upwards, a panel a lane.

Every verdict has a colour and a letter, every mishap a mark and a word, so nothing is told by colour alone. The colours
are those of Okabe and Ito, which the colour-blind tell apart (jfly.uni-koeln.de/color, 2008).
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from edge.errors import UsageFault
from sim.chronicle import HELD, Chronicle, Passage, Spell
from sim.setup import Setup

COLOURS = {"green": "#009E73", "turning": "#E69F00", "red": "#D55E00", "damaged": "#CC79A7"}
LETTERS = {
    "green": "G",
    "turning": "T",
    "red": "R",
    "damaged": "D",
    "unknown": "?",
    "doubtful": "~",
    "crowded": "=",
    "shed": "!",
    "lost": "^",
    "gateless": "|",
    "audited": "*",
}
"""A graded fruit by its label, another by the reason for which it was not sorted."""

WELL = ("right", "unsure")
LONGEST_S = 60.0
"""More than this in one picture is a carpet: what is drawn then begins before the first mishap."""

_LEAD_S = 10.0
_NONE = "#555555"
_OPEN = "#56B4E9"
_HELD = "#F0E442"
_FAULT = "#0072B2"
_BAND_MM = 70.0
_RESULTS = {"fired": "^", "late": "x", "refused": "s"}


def draw(chronicle: Chronicle, setup: Setup, path: Path) -> None:
    """Write the PNG. Raises UsageFault where it cannot be written."""
    drawing = _Drawing(chronicle, setup)
    lanes = len(setup.profile.lanes)
    figure = Figure(figsize=(max(11.0, 2.5 + 0.85 * drawing.span_s), 1.4 + 3.6 * lanes), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(lanes, 1, sharex=True, squeeze=False)[:, 0]
    for lane, axes in enumerate(panels):
        drawing.lane(axes, lane)
    panels[-1].set_xlabel("seconds since the belt started")
    figure.suptitle(drawing.title(), fontsize=11, x=0.01, ha="left")
    figure.legend(
        handles=_legend(),
        loc="outside lower left",
        ncols=max(4, round(figure.get_figwidth() / 2.2)),
        fontsize=8,
        frameon=False,
    )
    try:
        figure.savefig(path)
    except OSError as error:
        raise UsageFault(f"--plot {path}: cannot be written: {error.strerror}") from None


class _Drawing:
    """One run's panels. `from_s` to `from_s + span_s` is what is drawn of it."""

    def __init__(self, chronicle: Chronicle, setup: Setup) -> None:
        self._chronicle = chronicle
        self._setup = setup
        self._whole_s = self._s(chronicle.end_ns)
        self.span_s = min(self._whole_s, LONGEST_S)
        self._spells = chronicle.spells
        self._faults = [spell for spell in self._spells if spell.name != HELD]
        mishaps = [self._s(p.left_ns) for p in chronicle.passages if p.fate not in WELL]
        first_s = min([*mishaps, *(self._s(spell.from_ns) for spell in self._spells)], default=0.0)
        self.from_s = min(max(0.0, first_s - _LEAD_S), self._whole_s - self.span_s)

    def title(self) -> str:
        setup, passages = self._setup, self._chronicle.passages
        fates = sorted({p.fate for p in passages})
        told = ", ".join(f"{sum(p.fate == fate for p in passages)} {fate}" for fate in fates)
        part = "" if self.span_s == self._whole_s else f"; drawn from {self.from_s:.0f} s of {self._whole_s:.0f} s"
        return f"{setup.scenario.name}, seed {setup.seed}, {setup.perception}: {len(passages)} fruit: {told}{part}"

    def lane(self, axes: Axes, lane: int) -> None:
        """One panel: the fruit of a lane along the belt, its gates, and the spells of trouble."""
        profile = self._setup.profile
        axes.set_xlim(self.from_s, self.from_s + self.span_s)
        axes.set_ylabel(f"lane {lane}: mm along the belt")
        axes.axhspan(0, profile.camera.view_mm, color="#000000", alpha=0.05, lw=0)
        axes.text(self.from_s, 6, " camera", fontsize=7, color=_NONE, va="bottom")
        for spell in self._spells:
            self._spell(axes, spell)
        ends = [0.0]
        for name, gate in profile.gates.items():
            if gate.lane == lane:
                self._gate(axes, name, gate.x_mm, f"{LETTERS.get(gate.outlet, '')} {gate.outlet}".strip())
                ends.append(gate.x_mm)
        drawn = [p for p in self._chronicle.passages if p.lane == lane and self._is_seen(p)]
        mishaps = any(p.fate not in WELL for p in drawn)
        for passage in drawn:
            self._passage(axes, passage)
        axes.set_ylim(
            -_BAND_MM * len(self._faults), max([*ends, *(p.left_mm for p in drawn)]) + (140 if mishaps else 30)
        )
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)

    def _gate(self, axes: Axes, name: str, x_mm: float, text: str) -> None:
        opened = [(self._s(a), self._s(b) - self._s(a)) for a, b in self._chronicle.opened(name)]
        axes.axhline(x_mm, color=_NONE, lw=0.4, zorder=1)
        axes.broken_barh(opened, (x_mm - 13, 26), facecolors=_OPEN, alpha=0.75, lw=0, zorder=2)
        axes.annotate(
            text, (1, x_mm), (4, 0), ("axes fraction", "data"), textcoords="offset points", va="center", fontsize=8
        )

    def _passage(self, axes: Axes, p: Passage) -> None:
        """A fruit's way, its verdict's letter where it was decided, and the mark of its end."""
        colour = COLOURS.get(p.decided or "", _NONE)
        dash = (0, (4, 2)) if p.gate is None else "solid"
        at_s, way_mm = [self._s(at_ns) for at_ns, _ in p.way], [x_mm for _, x_mm in p.way]
        axes.plot(at_s, way_mm, color=colour, lw=1.2, ls=dash, zorder=3)
        if p.decided is not None and p.decided_ns is not None and p.decided_mm is not None:
            letter = LETTERS.get(p.decided, p.decided[0])
            box = {"boxstyle": "circle,pad=0.15", "fc": "white", "ec": colour, "lw": 1.0}
            at = (self._s(p.decided_ns), p.decided_mm)
            axes.text(*at, letter, color=_NONE, fontsize=7, weight="bold", ha="center", va="center", bbox=box, zorder=5)
        end = (self._s(p.left_ns), p.left_mm)
        axes.plot(*end, "o", color=colour, ms=3, zorder=4)
        if p.result is not None and p.aimed_gate is not None:
            aimed_mm = self._setup.profile.gates[p.aimed_gate].x_mm
            at_ns = p.left_ns if p.fired_ns is None else p.fired_ns
            axes.plot(self._s(at_ns), aimed_mm - 20, _RESULTS[p.result], color="black", ms=3, mew=0.8, zorder=4)
        if p.fate not in WELL:
            told = f"{p.true_label}, {p.fate}" if p.fate == "misgraded" else p.fate
            axes.plot(*end, "o", mfc="none", mec="black", ms=9, mew=1.4, zorder=6)
            axes.annotate(told, end, (1, 6), textcoords="offset points", fontsize=7, rotation=50, zorder=6)

    def _spell(self, axes: Axes, spell: Spell) -> None:
        """The safe state over the whole panel; a fault as a band below its foot, which has its name."""
        to_s = self.from_s + self.span_s if spell.to_ns is None else self._s(spell.to_ns)
        from_s = self._s(spell.from_ns)
        if spell.name == HELD:
            axes.axvspan(from_s, to_s, fc=_HELD, alpha=0.25, hatch="//", ec="#999999", lw=0.0, zorder=0)
            foot_mm = float(self._setup.profile.camera.view_mm)
        else:
            foot_mm = -_BAND_MM * (1 + self._faults.index(spell))
            axes.broken_barh([(from_s, to_s - from_s)], (foot_mm, _BAND_MM), fc=_FAULT, alpha=0.3, lw=0, zorder=0)
        where = (max(from_s, self.from_s), foot_mm)
        axes.annotate(spell.name, where, (3, 3), textcoords="offset points", fontsize=8, zorder=6, annotation_clip=True)

    def _is_seen(self, p: Passage) -> bool:
        return self._s(p.left_ns) >= self.from_s and self._s(p.from_ns) <= self.from_s + self.span_s

    def _s(self, at_ns: int) -> float:
        return (at_ns - self._chronicle.start_ns) / 1e9


def _legend() -> list[Line2D | Patch]:
    key = partial(Line2D, [], [])
    fruit = [
        key(label=f"{LETTERS[label]} {label}", color=colour, marker="o", ms=3) for label, colour in COLOURS.items()
    ]
    ends = ", ".join(f"{LETTERS[reason]} {reason}" for reason in LETTERS if reason not in COLOURS)
    return [
        *fruit,
        key(label=f"to the belt's end ({ends})", color=_NONE, ls=(0, (4, 2))),
        Patch(fc=_OPEN, alpha=0.75, label="gate truly open"),
        *(key(label=f"pulse {name}", color="black", marker=mark, ls="", ms=4) for name, mark in _RESULTS.items()),
        key(
            label="another fate than right or unsure", mec="black", mfc="none", color="none", marker="o", ms=8, mew=1.4
        ),
        Patch(fc=_HELD, alpha=0.4, hatch="//", ec="#999999", label="safe state: every gate held"),
        Patch(fc=_FAULT, alpha=0.3, label="a fault befalls the machine"),
    ]
