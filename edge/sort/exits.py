"""What the exit sensors say: each fall is given to the fruit that was due there, and each fruit settled gate by gate.

A fruit is due at a gate's sensor when its middle has passed the gate and has fallen for `exit_ms`, which is learned
from the first falls. Places are belt travel, so a belt that slows is no fault. Pure; belongs to the main thread.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from math import hypot
from statistics import median

from edge.belt import NS, BeltEstimate
from edge.config import Gate
from edge.datapath import Track
from edge.sort.cusum import Late, Share, Shift

_SDS = 3.5
"""A fruit is looked for within so many standard deviations of its time."""

_PLACE_UM = 8_000
"""How far a fruit may be from where it is believed to be at its gate (sd): a calibration's and a slip's part."""

_SPEED_OVER_NS = 50_000_000
_SECOND_NS = 150_000_000
"""An edge that is no fruit's, so soon after a fall, is that fall's second."""

_REPORT_NS = 250_000_000
"""Falls are heard of this late at most."""

_LEARNED = 16
_SLOW_UM_S = 50_000

_KEPT_UM = 500_000
"""A fruit is remembered for so much travel after its last gate: others are held to it."""

RECENT = 6


class Awaited:
    """A fruit on its way past the gates. `gate` is the one that was asked to take it, `fired` what came of that. Once
    it has fallen somewhere (`fell`), `late_um` says by how much later than it was due, at the belt's speed of then."""

    __slots__ = ("at", "belt_um", "fell", "fired", "gate", "late_um", "second", "speed_um_s", "track_id")

    def __init__(self, track: Track, gate: str | None) -> None:
        self.track_id = track.track_id
        self.belt_um = track.belt_um
        self.gate = gate
        self.fired: bool | None = None
        self.fell: str | None = None
        self.late_um = 0
        self.speed_um_s = 0
        self.second = False
        self.at = 0


class Exit:
    """One gate's sensor, what it has said, and the tests on it."""

    def __init__(self, gate: str, told: Gate) -> None:
        self.gate = gate
        self.lane = told.lane
        self.x_um = round(told.x_mm * 1000)
        self.exit_ns = round(told.exit_ms * 1e6)
        self.sd_ns = round(told.exit_sd_ms * 1e6)
        self.learning: list[int] = []
        self.broken_at_ns: int | None = None
        self.fell_at_ns: int | None = None
        self.last: Awaited | None = None
        self.misses, self.strays, self.seconds, self.late = Share(), Share(), Share(), Late()
        self.caught: deque[bool] = deque(maxlen=RECENT)
        self.passed: deque[bool] = deque(maxlen=RECENT)

    def sd_um(self, speed_um_s: int) -> float:
        """The spread of the places at which a fruit seems to have left the belt here."""
        return hypot(self.sd_ns * speed_um_s / NS, _PLACE_UM)

    def learn(self, fruit: Awaited) -> None:
        """The first falls show how long a fruit falls at this gate."""
        self.learning.append(fruit.late_um * NS // fruit.speed_um_s)
        if len(self.learning) == _LEARNED:
            self.exit_ns += round(median(self.learning))

    def says(self, fruit: Awaited) -> bool:
        """Whether the time of a fruit's fall says anything: not on a belt that hardly moves."""
        return fruit.speed_um_s >= _SLOW_UM_S

    @property
    def learned(self) -> bool:
        return len(self.learning) >= _LEARNED

    def reset(self) -> None:
        """Begin anew with every test, as after a fault that was told of."""
        for test in (self.misses, self.strays, self.seconds, self.late):
            test.reset()
        self.caught.clear()
        self.passed.clear()


class Row:
    """One lane's sensors in the order of their gates, and its fruit in theirs."""

    def __init__(self, exits: Iterable[Exit]) -> None:
        self.exits = sorted(exits, key=lambda exit_: exit_.x_um)
        self.fruit: deque[Awaited] = deque()
        self.missed: list[str] = []
        """The gates of the fruit that were missed in a row."""
        self.ahead, self.behind = Shift(), Shift()

    def fall(self, exit_: Exit, at_ns: int, belt: BeltEstimate) -> Awaited | None:
        """Give a fall to a fruit; None where it is no fruit's."""
        left_ns = at_ns - exit_.exit_ns
        place_um = belt.um_at(left_ns) - exit_.x_um
        speed_um_s = (place_um + exit_.x_um - belt.um_at(left_ns - _SPEED_OVER_NS)) * NS // _SPEED_OVER_NS
        reach_um = _SDS * exit_.sd_um(speed_um_s)
        near = [f for f in self.fruit if f.fell is None and abs(place_um - f.belt_um) <= reach_um]
        if not near:
            if exit_.last and exit_.fell_at_ns is not None and at_ns - exit_.fell_at_ns <= _SECOND_NS:
                exit_.last.second = True
            return None
        # Those that were sent there come first, one after the other; who falls as well has a fall of its own.
        own = (f for f in near if f.gate == exit_.gate and f.fired)
        fruit = next(own, None) or min(near, key=lambda f: abs(place_um - f.belt_um))
        fruit.fell = exit_.gate
        fruit.late_um, fruit.speed_um_s = place_um - fruit.belt_um, speed_um_s
        exit_.last, exit_.fell_at_ns = fruit, at_ns
        return fruit

    def settled(self, now_ns: int, belt: BeltEstimate) -> Iterator[tuple[Exit, Awaited]]:
        """Every fruit with each gate that it has been at, once no fall of then can be heard of any more. A fruit that
        has fallen is at no further gate."""
        for n, exit_ in enumerate(self.exits):
            before_ns = now_ns - exit_.exit_ns - _REPORT_NS - round(_SDS * exit_.sd_ns)
            gone_um = belt.um_at(before_ns) - exit_.x_um - round(_SDS * _PLACE_UM)
            for fruit in self.fruit:
                if fruit.belt_um > gone_um:
                    break
                if fruit.at == n:
                    fruit.at = len(self.exits) if fruit.fell == exit_.gate else n + 1
                    yield exit_, fruit
        last_um = self.exits[-1].x_um + _KEPT_UM
        while self.fruit and belt.um_at(now_ns) - self.fruit[0].belt_um > last_um:
            self.fruit.popleft()
