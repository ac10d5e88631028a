"""What upstream is asked for: to hold the feed back, to run the belt slowly. Asked at once, taken back late."""

from collections.abc import Callable

from edge.config import Profile
from edge.datapath import Feed
from edge.incidents_machine import OVERLOAD
from edge.standing import Standing


class Upstream:
    """One run's. `ask` takes each change of what is asked for. Belongs to the main thread.

    The feed is held back while the gates are held or fruit are shed, and for `clear_s` longer, so that it does not
    flutter; the belt runs slowly then too, and while this computer is derated.
    """

    def __init__(self, profile: Profile, ask: Callable[[Feed], object]) -> None:
        self._ask = ask
        self._clear_ns = round(profile.feed.clear_s * 1e9)
        wired = profile.feed.inhibit_pin is not None or profile.feed.slow_pin is not None
        # The lines begin at the levels that they have without the device: ask once, whatever it is.
        self._asked: Feed | None = None if wired else Feed(inhibit=False, slow=False)
        self._wanted_ns: int | None = None

    @property
    def inhibit(self) -> bool:
        """Whether the feed is asked to wait."""
        return self._asked is None or self._asked.inhibit

    def step(self, now_ns: int, standing: Standing, derated: bool = False, wished: bool = False) -> None:
        """After each step of the line. `wished`: somebody has asked for it."""
        if wished or standing.held or standing.stands(OVERLOAD.code):
            self._wanted_ns = now_ns
        inhibit = self._wanted_ns is not None and now_ns - self._wanted_ns < self._clear_ns
        slow, asked = inhibit or derated, self._asked
        if asked is None or asked.inhibit != inhibit or asked.slow != slow:
            self._asked = Feed(inhibit=inhibit, slow=slow)
            self._ask(self._asked)
