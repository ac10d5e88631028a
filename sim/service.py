"""How long the line's step takes on a machine that is not here, and the line as such a machine would run it.

Times are drawn: one for the frame, one for each look. They come from `sim/service_times.toml`, which names its sources,
or from the figures of `sorter bench pipeline --json` on the machine itself.
"""

from __future__ import annotations

import json
import random
import tomllib
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from edge.bench.pipeline import bench
from edge.bundle import Bundle
from edge.datapath import Feed, GateEvent, GatePulse, Record
from edge.errors import UsageFault
from edge.line import Line
from edge.ports import GateLink, RecordSink
from sim.timeline import NEVER_NS

TABLE = Path(__file__).with_name("service_times.toml")
NONE = "none"
HERE = "here"
"""This machine, as `time_here` measures it."""

_BLOCKS = 10


@dataclass(frozen=True, slots=True)
class ServiceTimes:
    """Medians in milliseconds; `share` and `times` are the spread about them (see the table)."""

    name: str
    frame_ms: float
    look_ms: float
    share: tuple[float, ...]
    times: tuple[float, ...]

    def draw_ns(self, draw: random.Random, frames: int, looks: int) -> int:
        """The time of a step that took so many frames (0 or 1) and looks."""
        ms = sum(self.frame_ms * self._factor(draw.random()) for _ in range(frames))
        ms += sum(self.look_ms * self._factor(draw.random()) for _ in range(looks))
        return round(ms * 1e6)

    def _factor(self, at: float) -> float:
        n = min(len(self.share) - 1, bisect_right(self.share, at))
        low, high = self.share[n - 1], self.share[n]
        return self.times[n - 1] + (self.times[n] - self.times[n - 1]) * (at - low) / (high - low)


def load_service_times(name: str) -> ServiceTimes | None:
    """By its name in the table, or from the JSON file of a bench; None for `none`. Raises UsageFault."""
    if name == NONE:
        return None
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    spread = table.pop("spread")
    if name in table:
        frame_ms, look_ms = table[name]["frame_ms"], table[name]["look_ms"]
    elif name.endswith(".json"):
        frame_ms, look_ms = _benched(Path(name))
    else:
        raise UsageFault(f"--service-time {name}: must be {NONE}, {', '.join(table)}, or a bench's FILE.json")
    return ServiceTimes(name, frame_ms, look_ms, tuple(spread["share"]), tuple(spread["times"]))


def time_here(bundle: Bundle) -> ServiceTimes:
    """This machine's own times with a bundle, by a short `sorter bench pipeline`: some seconds."""
    spread = tomllib.loads(TABLE.read_text(encoding="utf-8"))["spread"]
    frame_ms, look_ms = _parts(bench(bundle.folder, _BLOCKS)["cases"][0])
    return ServiceTimes(HERE, frame_ms, look_ms, tuple(spread["share"]), tuple(spread["times"]))


def _benched(path: Path) -> tuple[float, float]:
    """What `sorter bench pipeline --json` found, in its first case."""
    try:
        found = _parts(json.loads(path.read_text(encoding="utf-8"))["cases"][0])
    except OSError as error:
        raise UsageFault(f"{path}: cannot be read: {error.strerror}; sorter bench pipeline --json writes it") from None
    except (ValueError, KeyError, IndexError, TypeError, ZeroDivisionError):
        raise UsageFault(f"{path}: not the figures of sorter bench pipeline --json") from None
    if not all(0 < ms < 10_000 for ms in found):
        raise UsageFault(f"{path}: a frame of {found[0]:g} ms and a look of {found[1]:g} ms: must be above 0")
    return found


def _parts(case: Mapping[str, Any]) -> tuple[float, float]:
    """What a frame and what a look take, in milliseconds, of a bench's case."""
    stages: Mapping[str, float] = case["stages_ms"]
    return stages["detect"] + stages["track_and_decide"], stages["grade"] / case["fruit"]


class Listener(Protocol):
    """Whoever must know how much later than its step's instant a record is heard."""

    served_ns: int


class ServedLine:
    """The line on a slower machine: what a step says is heard when its drawn time is over. It is the line's GateLink
    and its sink, and the timeline's actor. A frame that comes meanwhile waits in the camera's slot."""

    def __init__(
        self,
        times: ServiceTimes,
        draw: random.Random,
        slowed: Callable[[int], float],
        gates: GateLink,
        sink: RecordSink,
        listener: Listener,
    ) -> None:
        self._times = times
        self._draw = draw
        self._slowed = slowed
        self._gates = gates
        self._sink = sink
        self._said: list[Record] = []
        self._told: list[Callable[[], None]] = []
        self._busy_until_ns = 0
        self._beats = 0
        self._beat_at_ns: deque[int] = deque()
        self._wake_ns = 0
        self._rung = False
        self._listener = listener
        self._line: Line | None = None
        self._step: Callable[[int], int] = lambda now_ns: NEVER_NS

    def serve(self, line: Line, step: Callable[[int], int]) -> Callable[[int], int]:
        """Take the line whose ports these are, and how it is stepped; returns the step of the two."""
        self._line, self._step = line, step
        return self.step

    def submit(self, pulse: GatePulse) -> None:
        self._told.append(partial(self._gates.submit, pulse))

    def put(self, record: Record) -> None:
        self._said.append(record)

    def beat(self) -> None:
        self._beats += 1
        self._gates.beat()

    def scale(self, scale_ppm: int) -> None:
        self._told.append(partial(self._gates.scale, scale_ppm))

    def hold(self, held: bool) -> None:
        self._told.append(partial(self._gates.hold, held))

    def ask(self, feed: Feed) -> None:
        self._gates.ask(feed)

    def events(self, now_ns: int) -> Iterable[GateEvent]:
        return self._gates.events(now_ns)

    def ring(self) -> None:
        """A frame lies in the slot."""
        self._rung = True

    def step(self, now_ns: int) -> int:
        """Deliver what the last step said, and step the line again where it is due."""
        line = self._line
        if line is None:
            return NEVER_NS
        if now_ns < self._busy_until_ns:
            return self._work_on(now_ns)
        self._deliver()
        if now_ns < self._wake_ns and not self._rung:
            return self._wake_ns
        self._rung = False
        self._beats = 0
        frames, looks = line.counts.frames, line.counts.looks
        self._wake_ns = self._step(now_ns)
        worked_ns = self._times.draw_ns(self._draw, line.counts.frames - frames, line.counts.looks - looks)
        took_ns = round(worked_ns * self._slowed(now_ns))
        self._busy_until_ns = now_ns + took_ns
        self._listener.served_ns = took_ns
        if took_ns:
            # The line beats in mid-step too: it is heard as often, evenly.
            self._beat_at_ns = deque(now_ns + took_ns * n // self._beats for n in range(1, self._beats))
            return self._work_on(now_ns)
        self._deliver()
        return self._wake_ns

    def _work_on(self, now_ns: int) -> int:
        """In the middle of a step's time; the instant of the next word from it."""
        while self._beat_at_ns and self._beat_at_ns[0] <= now_ns:
            self._beat_at_ns.popleft()
            self._gates.beat()
        return self._beat_at_ns[0] if self._beat_at_ns else self._busy_until_ns

    def _deliver(self) -> None:
        """Records before pulses: what is said of a pulse comes after the pulse."""
        said, self._said = self._said, []
        told, self._told = self._told, []
        for record in said:
            self._sink.put(record)
        for tell in told:
            tell()
