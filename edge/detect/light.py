"""The light on the belt, from frame to frame: lamps that age, flicker or fail.

Its reference is the profile's, or the run's own: the belt as it showed in the run's first second. A bundle is trained
on exposures about the pictures' own, spread by exp(N(0, 0.2)); two deviations of that are what it can be trusted with.
"""

from collections import deque
from collections.abc import Iterable
from itertools import pairwise
from math import fsum

from edge.incidents import Told
from edge.incidents_sight import LAMP_OFF, LIGHT_DRIFTS, LIGHT_FLICKERS, LIGHT_UNFIT

_DARK = 0.25
_DARKEST = 5.0
"""Of what is usual, and in grey levels: below either it is dark, and nothing can be told of anything."""

_FIRST = 15
_WINDOW = 15
_EVERY = 5
"""Measured frames (every second one) of the reference, of the light now, and between two judgements of it."""

_DARK_FRAMES, _LIGHT_FRAMES = 2, 2
"""Measured in a row, until the lamp counts as off, and as on again."""

_DRIFTED = (0.85, 1.18)
_STEADY = (0.88, 1.14)
_UNFIT = (0.67, 1.5)
_FIT = (0.72, 1.4)
"""Bounds of the light, of the reference: outside the first it is raised, within the second cleared."""

_SWINGS, _CALM = 0.05, 0.03
"""Mean step from frame to frame, of the reference, less what it came to in all."""

_TAIL = 2
"""Of a window, the frames at either end that are left out of what is unfit: one or two may be odd."""


def is_dark(level: float, usual: float) -> bool:
    """Whether there is too little light to see by: `level` is the belt's brightness now, in grey levels."""
    return level < max(_DARKEST, _DARK * usual)


class Light:
    """One run's. `look` at every frame that was measured."""

    def __init__(self, reference: float | None) -> None:
        """`reference`: as the profile has it; None: as the run begins."""
        self.reference = reference
        self.dark = False
        """Whether nothing could be seen in the last of them."""
        self._first: list[float] = []
        self._levels: deque[float] = deque(maxlen=_WINDOW)
        self._since = 0
        self._turning = 0
        self._stands: dict[str, bool] = {}

    def look(self, level: float) -> Iterable[Told]:
        """Take the belt's brightness in the next frame, in grey levels; what the operator is told of it."""
        self.dark = is_dark(level, self.reference or 0.0)
        told = self._lamp()
        if told or self._stands.get(LAMP_OFF.code) or self.dark:
            return told
        if self.reference is None:
            self._first.append(level)
            if len(self._first) == _FIRST:
                self.reference = sorted(self._first)[_FIRST // 2]
            return ()
        self._levels.append(level)
        self._since += 1
        if self._since < _EVERY or len(self._levels) < _WINDOW:
            return ()
        self._since = 0
        return self._judge(self.reference)

    def _lamp(self) -> list[Told]:
        off = self._stands.get(LAMP_OFF.code, False)
        self._turning = self._turning + 1 if self.dark != off else 0
        if self._turning < (_LIGHT_FRAMES if off else _DARK_FRAMES):
            return []
        self._turning = 0
        self._levels.clear()
        return self._say(LAMP_OFF.code, not off, {})

    def _judge(self, reference: float) -> list[Told]:
        levels = [level / reference for level in self._levels]
        ranked = sorted(levels)
        middle, low, high = ranked[_WINDOW // 2], ranked[_TAIL], ranked[-1 - _TAIL]
        steps = [abs(b - a) for a, b in pairwise(levels)]
        swing = (fsum(steps) - abs(levels[-1] - levels[0])) / len(steps)
        worst = low if 1 / low > high else high
        return [
            *self._state(LIGHT_UNFIT.code, _is_out(low, high, _UNFIT), not _is_out(low, high, _FIT), worst),
            *self._state(
                LIGHT_DRIFTS.code, _is_out(middle, middle, _DRIFTED), not _is_out(middle, middle, _STEADY), middle
            ),
            *self._state(LIGHT_FLICKERS.code, swing > _SWINGS, swing < _CALM, swing),
        ]

    def _state(self, code: str, is_bad: bool, is_good: bool, share: float) -> list[Told]:
        """Between bad and good it stays what it was."""
        stands = self._stands.get(code, False)
        return self._say(code, not stands, {"percent": share * 100}) if (is_good if stands else is_bad) else []

    def _say(self, code: str, stands: bool, figures: dict[str, float]) -> list[Told]:
        self._stands[code] = stands
        return [Told(code, stands, figures)]


def _is_out(low: float, high: float, bounds: tuple[float, float]) -> bool:
    return low < bounds[0] or high > bounds[1]
