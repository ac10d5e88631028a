"""What the view shows, and the view itself: a screen on a terminal, plain lines elsewhere, a picture for the README."""

import re
import sys
from collections import deque
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from rich.console import Console, Group
from rich.live import Live
from rich.segment import Segments

from edge.datapath import Health, LineState
from sim.plain import event_line, status_line
from sim.screen import boards, head, screen, tail

DRAW_NS = 100_000_000
BOARDS_NS = 500_000_000
"""Figures that change faster are not read, and the boards are half of a frame's price."""
PLAIN_NS = 5_000_000_000

DeviceState = LineState | Literal["restarting"]


@dataclass(frozen=True, slots=True)
class FruitSeen:
    """A true fruit on the belt now. `label` is its true one, `outlet` where the machine sent it once that is known."""

    lane: int
    x_mm: float
    label: str
    outlet: str | None = None


@dataclass(frozen=True, slots=True)
class GateSeen:
    """A gate, and whether its line stands at open now."""

    name: str
    lane: int
    x_mm: float
    outlet: str
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Spread:
    """A measured time in milliseconds; NaN before the first. All but one in a hundred are better than `p99_ms`:
    shorter, or for a slack longer."""

    p50_ms: float = float("nan")
    p99_ms: float = float("nan")


@dataclass(slots=True)
class BrokerSeen:
    """`name` with its version, "mosquitto 2.0.18"; None where there is no broker."""

    name: str | None = None
    host: str = "127.0.0.1"
    port: int = 1883
    online: bool = False


@dataclass(slots=True)
class ViewState:
    """All that is shown. Whoever runs the world writes it between two ticks; the view only reads it."""

    scenario: str = "clean"
    seed: int = 1
    elapsed_s: float = 0.0
    lanes: int = 2
    view_mm: float = 448.0
    belt_mm: float = 1_000.0
    speed_mm_s: float = 600.0
    route: dict[str, str] = field(default_factory=dict)
    """Label to outlet: a fruit is in the right outlet when its true label is routed there."""
    fruit: list[FruitSeen] = field(default_factory=list)
    gates: list[GateSeen] = field(default_factory=list)
    fed: int = 0
    fruit_per_s: float = 0.0
    """Fed in the last seconds, all lanes together."""
    outlets: dict[str, dict[str, int]] = field(default_factory=dict)
    """Outlet to true label to fruit that fell there; the belt's end is `end`."""
    fates: dict[str, int] = field(default_factory=dict)
    health: Health | None = None
    gate_late: Spread = field(default_factory=Spread)
    inference: Spread = field(default_factory=Spread)
    latency: Spread = field(default_factory=Spread)
    slack: Spread = field(default_factory=Spread)
    broker: BrokerSeen = field(default_factory=BrokerSeen)
    device: DeviceState = "starting"
    restarts: int = 0
    bundle: str = ""
    profile: str = ""
    events: deque[tuple[float, str]] = field(default_factory=lambda: deque(maxlen=200))
    """(elapsed_s, one line), newest last."""
    said: int = 0
    """How many events there were; the deque keeps the last of them."""

    def say(self, text: str) -> None:
        """An event, now."""
        self.events.append((self.elapsed_s, text))
        self.said += 1


class View:
    """Shows one state until it is left; the last screen stays on the terminal. Belongs to one thread."""

    def __init__(self, state: ViewState, console: Console | None = None) -> None:
        self._state = state
        self._console = console or Console(file=sys.stdout)
        self._live: Live | None = None
        self._due_ns = 0
        self._shown = 0
        self._boards = Segments([])
        self._boards_due_ns = self._boards_width = 0

    def __enter__(self) -> Self:
        if self._console.is_terminal and not self._console.is_dumb_terminal:
            self._live = Live(console=self._console, screen=True, auto_refresh=False)
            self._live.start()
        return self

    def tick(self, now_ns: int) -> int:
        """Show what is due; returns when to be called again. Cheap where nothing is due."""
        if self._live is None:
            self._tell_events()
        if now_ns >= self._due_ns:
            if self._live is None:
                self._line(status_line(self._state))
                self._due_ns = now_ns + PLAIN_NS
            else:
                self._draw(self._live, now_ns)
                self._due_ns = now_ns + DRAW_NS
        return self._due_ns

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is None:
            self._tell_events()
            self._line(status_line(self._state))
        else:
            self._live.stop()
            self._console.print(screen(self._state, self._console.width))

    def _draw(self, live: Live, now_ns: int) -> None:
        width, height = self._console.size
        if now_ns >= self._boards_due_ns or width != self._boards_width:
            self._boards = Segments(list(self._console.render(boards(self._state, width))))
            self._boards_due_ns, self._boards_width = now_ns + BOARDS_NS, width
        live.update(Group(head(self._state, width), self._boards, tail(self._state, width, height)), refresh=True)

    def _tell_events(self) -> None:
        new = min(self._state.said - self._shown, len(self._state.events))
        for at_s, text in list(self._state.events)[len(self._state.events) - new :]:
            self._line(event_line(at_s, text))
        self._shown = self._state.said

    def _line(self, text: str) -> None:
        self._console.out(text, highlight=False)
        self._console.file.flush()


def export_svg(state: ViewState, path: Path, width: int = 124) -> None:
    """The screen as a picture, for the README. It fetches nothing: the reader's own monospace font draws it."""
    console = Console(record=True, width=width, file=StringIO(), force_terminal=True, color_system="truecolor")
    console.print(screen(state, width))
    picture = console.export_svg(title="sorter sim")
    path.write_text(re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL), encoding="utf-8")
