"""What keeps fruit from travelling with the belt, on purpose: one that stands at the rail, and a lane that is jammed.

Both befall the first lane. A jam begins shortly before its first gate, and each fruit stops behind the one before; what
has no room in the picture any more stands at its beginning. When the fault is over all move on at once.
"""

from __future__ import annotations

from sim.conveyor import Item
from sim.faults import Faults
from sim.motion import Belt

STUCK, JAM = "fruit-stuck", "lane-jam"
_LANE = 0
_STUCK_MM = 250.0
_JAM_BEFORE_MM = 80.0


class _Hold:
    """One span: a place, and from which travel of the belt to which."""

    def __init__(self, x_mm: float, from_mm: float, to_mm: float, one: bool) -> None:
        self._x_mm = x_mm
        self._from_mm = from_mm
        self._to_mm = to_mm
        self._one = one
        self._last_mm: float | None = None

    def befall(self, item: Item) -> bool:
        """Keep a fruit, if it comes while this holds. Fruit are told of in the order of their lane."""
        length_mm, x_mm = item.truth.length_mm, self._x_mm
        if self._last_mm is not None:
            if self._one:
                return False
            x_mm = max(0.0, self._x_mm - (self._last_mm + length_mm) / 2)
        if not self._from_mm <= item.travel_mm(x_mm) < self._to_mm:
            return False
        item.hold(x_mm, self._to_mm)
        self._x_mm, self._last_mm = x_mm, length_mm
        return True


class Holds:
    """Those of one run. False where there are none."""

    def __init__(self, faults: Faults, belt: Belt, first_gate_mm: float) -> None:
        self._holds = [
            _Hold(x_mm, belt.travel_mm(from_ns), belt.travel_mm(to_ns), name == STUCK)
            for name, x_mm in ((STUCK, _STUCK_MM), (JAM, first_gate_mm - _JAM_BEFORE_MM))
            for from_ns, to_ns in faults.spans(name)
        ]

    def __bool__(self) -> bool:
        return bool(self._holds)

    def befall(self, item: Item) -> bool:
        """A fruit is laid onto the belt. Whether it will be kept somewhere."""
        return item.lane == _LANE and any(hold.befall(item) for hold in self._holds)
