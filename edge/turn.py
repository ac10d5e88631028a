"""When a machine may start anew, to run another bundle: at once, or when no fruit is on its belt."""

from edge.updates import Wish

NS_PER_S = 1_000_000_000


class Turn:
    """One run's. `clear_ns`: after so long without a look every fruit that was seen is past the last gate."""

    def __init__(self, clear_ns: int) -> None:
        self._clear_ns = clear_ns
        self._looks = -1
        self._quiet_since_ns = 0

    def is_due(self, now_ns: int, wish: Wish, looks: int) -> bool:
        """`looks`: how many the line has taken so far."""
        if looks != self._looks:
            self._looks, self._quiet_since_ns = looks, now_ns
        return wish == "now" or (wish == "soon" and now_ns - self._quiet_since_ns >= self._clear_ns)
