"""The incidents that stand, and whether they let the line sort: what is raised, what clears, where a person must look.

Detectors say what is so (`edge.incidents.Told`); what follows from it is decided here. First fault wins: the first
error that was raised, of those that stand, is the word for the safe state.
"""

from collections.abc import Iterable

from edge.datapath import Incident
from edge.incidents import CATALOGUE, Figures, Told


class Standing:
    """One run's. All methods return the records that tell of what they changed.

    An error holds every gate while it stands. An entry with `latch` outlives its cause, and stands until somebody has
    looked. A detector that cannot see its cause end (nothing passes a gate that is held) raises such an entry and
    clears it at once.
    """

    def __init__(self) -> None:
        self._stands: dict[str, dict[str, float | str]] = {}
        self._over: list[str] = []

    @property
    def first(self) -> str | None:
        """The code of the error that led to the safe state; None while sorting."""
        return next((code for code in self._stands if CATALOGUE[code].severity == "error"), None)

    @property
    def held(self) -> bool:
        """Whether every gate must be held released."""
        return self.first is not None

    def hear(self, told: Iterable[Told], now_ns: int) -> list[Incident]:
        """What the detectors of one step say."""
        said: list[Incident] = []
        for one in told:
            said += self.raise_(one.code, now_ns, one.figures) if one.raised else self.clear(one.code, now_ns)
        return said

    def raise_(self, code: str, now_ns: int, figures: Figures) -> list[Incident]:
        """It is so. Said again with the same figures it is no news."""
        if code in self._over:
            self._over.remove(code)
        if self._stands.get(code) == figures:
            return []
        self._stands[code] = dict(figures)
        return [Incident(now_ns, code, "raised", dict(figures))]

    def clear(self, code: str, now_ns: int) -> list[Incident]:
        """It is so no longer: where it latches, somebody must look before it is gone."""
        if code not in self._stands or code in self._over:
            return []
        if CATALOGUE[code].latch:
            self._over.append(code)
            return []
        return [Incident(now_ns, code, "cleared", self._stands.pop(code))]

    def looked(self, now_ns: int) -> list[Incident]:
        """A person has looked: what latches and is over is gone. What still goes on must be looked at again."""
        over, self._over = self._over, []
        return [Incident(now_ns, code, "cleared", self._stands.pop(code)) for code in over]
