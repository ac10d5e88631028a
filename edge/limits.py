"""What the running machine may be given: its self-test's result, less while the computer is throttled."""

from dataclasses import replace

from edge.config import Profile
from edge.datapath import Health
from edge.derating import Allowance, Measured, allowance
from edge.errors import MachineFault
from edge.log import Log

_log = Log("self-test")


class Limits:
    """One run's. Belongs to the thread that makes the records."""

    def __init__(self, profile: Profile, measured: Measured) -> None:
        """Says what the self-test found. Raises MachineFault where the machine cannot hold the profile at all."""
        self.measured = measured
        self.allowed = allowance(profile, measured)
        self._profile = profile
        self._throttled = False
        if not self.allowed.holds:
            raise MachineFault(
                f"this computer cannot hold the profile: [belt] speed_mm_s = {profile.belt.speed_mm_s:g}: must be at "
                f"most {self.allowed.speed_mm_s:.0f} here, because {self.allowed.why}; take load off it, permit "
                f"real-time priority, use a faster one or a slower belt"
            )
        self._say("done")

    def throttle(self, throttled: bool) -> None:
        """Take notice that the computer is throttled, or no longer. A change is said."""
        if throttled == self._throttled:
            return
        self._throttled = throttled
        self.allowed = allowance(self._profile, self.measured.throttled() if throttled else self.measured)
        self._say("throttled: cool the computer or mend its power supply" if throttled else "no longer throttled")

    def mark(self, health: Health) -> Health:
        """The same, with what is allowed now."""
        feed = self.allowed.fruit_per_s
        return replace(
            health,
            throttled=self._throttled,
            speed_allowed_mm_s=round(self.allowed.speed_mm_s, 1),
            fruit_per_s_allowed=None if feed is None else round(feed, 1),
        )

    def _say(self, what: str) -> None:
        asked = self._profile.belt.speed_mm_s
        slower = self.allowed.speed_mm_s < asked
        values = {name: value for name, value in figures(self.measured, self.allowed).items() if value is not None}
        if slower:
            what += f"; slow the belt from {asked:g} to {self.allowed.speed_mm_s:.0f} mm/s: {self.allowed.why}"
        (_log.warning if slower or self._throttled else _log.info)(what, **values)


def figures(measured: Measured, allowed: Allowance) -> dict[str, float | None]:
    """Both as the log and the telemetry name them."""
    feed = allowed.fruit_per_s
    return {
        "wake_p99_ms": round(measured.wake_p99_ns / 1e6, 3),
        "detect_ms": round(measured.detect_ns / 1e6, 2),
        "inference_ms": round(measured.inference_ns / 1e6, 2),
        "speed_allowed_mm_s": round(allowed.speed_mm_s, 1),
        "fruit_per_s_allowed": None if feed is None else round(feed, 1),
    }
