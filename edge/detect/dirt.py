"""Dirt on the lens: spots that stay in the picture while the belt moves on, and fruit that lose their sharpness.

Spots are absolute. Sharpness is held to the run's own beginning: how much detail fruit show is the variety's affair.
"""

from collections.abc import Iterable, Iterator
from statistics import median

from edge.incidents import Told
from edge.incidents_sight import LENS_BLIND, LENS_DIRTY, PICTURE_BLURRED, PICTURE_SOFT

_LOOKS = 100
"""Whose median is a sharpness: fruit of one belt differ among themselves."""

_SPOTS = {LENS_DIRTY.code: (0.01, 0.005), LENS_BLIND.code: (0.1, 0.08)}
"""Share of the belt's picture that is spotted: above the first it is raised, at the second or below it clears. A fruit
covers about a fiftieth."""

_LOSS = {PICTURE_SOFT.code: (0.25, 0.15), PICTURE_BLURRED.code: (0.5, 0.4)}
"""Of the sharpness at the beginning."""

_SUSTAINED = 2
"""Measurements in a row that must say the same."""


class Dirt:
    """One run's."""

    def __init__(self) -> None:
        self._looks: list[float] = []
        self._reference: float | None = None
        self._turning: dict[str, int] = {}
        self._stands: dict[str, bool] = {}

    def spots(self, share: float) -> Iterable[Told]:
        """A stretch of belt has passed: what share of its picture stayed dim meanwhile."""
        return list(self._judge(_SPOTS, share))

    def look(self, sharpness: float) -> Iterable[Told]:
        """A fruit was looked at; `sharpness` for the light that there was, in any unit."""
        self._looks.append(sharpness)
        if len(self._looks) < _LOOKS:
            return ()
        middle = median(self._looks)
        self._looks.clear()
        if self._reference is None:
            self._reference = middle or None
            return ()
        return list(self._judge(_LOSS, 1 - middle / self._reference))

    def _judge(self, bounds: dict[str, tuple[float, float]], share: float) -> Iterator[Told]:
        for code, (most, fine) in bounds.items():
            stands = self._stands.get(code, False)
            turns = share <= fine if stands else share > most
            self._turning[code] = self._turning.get(code, 0) + 1 if turns else 0
            if self._turning[code] == _SUSTAINED:
                self._turning[code] = 0
                self._stands[code] = not stands
                yield Told(code, not stands, {"percent": share * 100})
