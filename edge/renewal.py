"""When a run ends so that the next one begins with another profile: once no fruit is on the belt."""

from edge.config import Profile
from edge.errors import Superseded
from edge.sent import read_sent

NS_PER_S = 1_000_000_000


class Renewal:
    """One run's. `ask` belongs to a thread that may wait for the disk, `look` to the line's."""

    def __init__(self, profile: Profile) -> None:
        self._folder = profile.update.folder if profile.update.source is not None else None
        self._began = read_sent(self._folder).digest if self._folder else ""
        self._wished = False
        last_mm = max(gate.x_mm for gate in profile.gates.values()) + profile.sort.window_mm
        self._clear_ns = round(last_mm * 1000) * NS_PER_S // profile.speed_um_s + NS_PER_S
        self._looks = -1
        self._quiet_since_ns = 0

    def ask(self) -> None:
        """Whether the update process has chosen another profile since."""
        self._wished = self._folder is not None and read_sent(self._folder).digest != self._began

    def look(self, now_ns: int, looks: int) -> None:
        """`looks`: how many the line has taken so far: after a while without one, every fruit that was seen is past the
        last gate. Raises Superseded when it is time."""
        if looks != self._looks:
            self._looks, self._quiet_since_ns = looks, now_ns
        if self._wished and now_ns - self._quiet_since_ns >= self._clear_ns:
            raise Superseded("another profile was chosen: this run ends in the safe state, the next one begins with it")
