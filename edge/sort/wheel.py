"""The encoder's wheel on the belt: edges in, travel and speed out. Integer arithmetic, no clock, no pins.

An edge moves the count by one: single-channel wheels count both edges of one line, forwards only; quadrature wheels
all four edges of a period, either way. The speed is taken over the newest stretch of edges and carried on by its own
change, so that it does not trail behind a ramp.
"""

from bisect import bisect_left
from math import isqrt

from edge.belt import NS
from edge.datapath import BeltSample

_WINDOW_NS = 40_000_000
"""Edges this recent make the speed, or two periods of the wheel where they are slower than that."""

_KEPT = 512
"""Edges kept: 40 ms at more than the 5,000 edges a second that a profile may ask for."""

_GRACE_NS = 50_000_000
"""Edges may stay away for so long before the belt counts as slower: a busy process hears of them late."""

_HARDEST_STOP_UM_S2 = 10_000_000
"""No belt brakes harder. Where it must have been faster at its last edge than this allows, the edges are only late."""

_STANDING_NS = 250_000_000
"""Without an edge for so long the belt stands."""


class WheelEncoder:
    """Answers ports.Encoder from edges. One thread; instants may not go backwards by more than edges cross on a wire.

    An edge that follows the last one of its line sooner than `shortest_ns` is contact bounce and is refused, as is one
    that does not change its line's level.
    """

    def __init__(self, um_per_edge: int, quadrature: bool, shortest_ns: int) -> None:
        self._um = um_per_edge
        self._quadrature = quadrature
        self._shortest_ns = shortest_ns
        # Whole periods only: the two levels of a real wheel are not equally long.
        self._period = 4 if quadrature else 2
        self._levels: list[int | None] = [None, None]
        self._edge_at_ns = [-shortest_ns, -shortest_ns]
        self._stops_from_um_s = isqrt(2 * _HARDEST_STOP_UM_S2 * um_per_edge)
        self._stamps: list[int] = []
        self._count = 0
        self._way = 1
        self.refused = 0
        """Edges refused as bounce so far."""

    def start(self, levels: tuple[int, int]) -> None:
        """The levels of the lines A and B before the first edge."""
        self._levels = list(levels)

    def edge(self, at_ns: int, channel: int, level: int) -> None:
        """Line A (0) or B (1) has gone to a level at an instant."""
        if level == self._levels[channel] or at_ns - self._edge_at_ns[channel] < self._shortest_ns:
            self.refused += 1
            return
        self._levels[channel] = level
        self._edge_at_ns[channel] = at_ns
        way = self._direction(channel, level)
        if way != self._way:
            self._way = way
            self._stamps.clear()
        self._count += way
        stamps = self._stamps
        if stamps and at_ns - stamps[-1] >= _STANDING_NS:
            stamps.clear()
        stamps.append(max(at_ns, stamps[-1] + 1) if stamps else at_ns)
        if len(stamps) > 2 * _KEPT:
            del stamps[:_KEPT]

    def sample(self, now_ns: int) -> BeltSample:
        """See ports.Encoder. The newest edge's, at its own instant; once edges stay away, one of now that says how slow
        the belt has become."""
        at_um = self._count * self._um
        if not self._stamps:
            return BeltSample(now_ns, at_um, 0, self.refused)
        last_ns = self._stamps[-1]
        since_ns = now_ns - last_ns
        speed_um_s = self._speed_um_s()
        grace_ns = _GRACE_NS if speed_um_s <= self._stops_from_um_s else _STANDING_NS
        if since_ns < max(2 * self._um * NS // max(1, speed_um_s), grace_ns):
            return BeltSample(last_ns, at_um, self._way * speed_um_s, self.refused)
        slow_um_s = 0 if since_ns >= _STANDING_NS else min(speed_um_s, self._um * NS // since_ns)
        return BeltSample(now_ns, at_um + self._way * (self._um - 1), self._way * slow_um_s, self.refused)

    def _direction(self, channel: int, level: int) -> int:
        """Forwards where A leads B: A then rises while B is low."""
        if not self._quadrature:
            return 1
        other = self._levels[1 - channel] or 0
        return 1 if (level != other) == (channel == 0) else -1

    def _speed_um_s(self) -> int:
        """At the newest edge: the mean over the newest stretch, and what that gained on the stretch before."""
        stamps, period = self._stamps, self._period
        newest = len(stamps) - 1
        recent = newest - bisect_left(stamps, stamps[-1] - _WINDOW_NS)
        half = max(period, recent // 2 // period * period)
        if newest < half:
            return newest * self._um * NS // (stamps[-1] - stamps[0]) if newest else 0
        late_ns = stamps[-1] - stamps[-1 - half]
        speed = half * self._um * NS // late_ns
        if newest < 2 * half:
            return speed
        early_ns = stamps[-1 - half] - stamps[-1 - 2 * half]
        gained = speed - half * self._um * NS // early_ns
        # A mean holds in the middle of its stretch: the newest edge is half a stretch further on.
        return max(speed // 2, min(2 * speed, speed + gained * late_ns // (late_ns + early_ns)))
