"""The incidents that stand, and whether they let the line sort: what is raised, what clears, where a person must look.

Detectors say what is so (`edge.incidents.Told`); what follows from it is decided here. First fault wins: the first
error that was raised, of those that stand, is the word for the safe state.
"""

from collections.abc import Callable, Iterable

from edge.datapath import Incident
from edge.incidents import CATALOGUE, Figures, Told
from edge.incidents_machine import E_STOP


class Standing:
    """One run's. `say` hears of every change; `hold` when the gates must be held, and when no longer.

    An error holds every gate while it stands. An entry with `latch` outlives its cause, and stands until somebody has
    looked. A detector that cannot see its cause end (nothing passes a gate that is held) raises such an entry and
    clears it at once.
    """

    def __init__(self, say: Callable[[Incident], object], hold: Callable[[bool], object]) -> None:
        self._say = say
        self._hold = hold
        self._stands: dict[str, dict[str, float | str]] = {}
        self._over: list[str] = []
        self._held = False

    @property
    def first(self) -> str | None:
        """The code of the error that led to the safe state; None while sorting."""
        return next((code for code in self._stands if CATALOGUE[code].severity == "error"), None)

    @property
    def held(self) -> bool:
        """Whether every gate is held released."""
        return self._held

    def stands(self, code: str) -> bool:
        return code in self._stands

    def hear(self, told: Iterable[Told], now_ns: int) -> None:
        """What the detectors of one step say."""
        for one in told:
            if one.raised:
                self.raise_(one.code, now_ns, one.figures)
            else:
                self.clear(one.code, now_ns)

    def raise_(self, code: str, now_ns: int, figures: Figures) -> None:
        """It is so. Said again with the same figures it is no news."""
        if code in self._over:
            self._over.remove(code)
        if self._stands.get(code) != figures:
            self._stands[code] = dict(figures)
            self._tell(Incident(now_ns, code, "raised", dict(figures)))

    def clear(self, code: str, now_ns: int) -> None:
        """It is so no longer: where it latches, somebody must look before it is gone."""
        if code not in self._stands or code in self._over:
            return
        if CATALOGUE[code].latch:
            self._over.append(code)
        else:
            self._tell(Incident(now_ns, code, "cleared", self._stands.pop(code)))

    def stop(self, pressed: bool, now_ns: int) -> None:
        """The emergency stop. Whoever releases it has looked."""
        self.hear((Told(E_STOP.code, pressed),), now_ns)
        if not pressed:
            self.looked(now_ns)

    def looked(self, now_ns: int) -> None:
        """A person has looked: what latches and is over is gone. What still goes on must be looked at again."""
        over, self._over = self._over, []
        for code in over:
            self._tell(Incident(now_ns, code, "cleared", self._stands.pop(code)))

    def _tell(self, incident: Incident) -> None:
        self._say(incident)
        held = self.first is not None
        if held != self._held:
            self._held = held
            self._hold(held)
