"""How punctual a gate process is on this computer, and what belt that allows. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from edge.config import Profile
from edge.derating import Measured, allowance
from edge.doctor.finding import Check, Finding

JITTER = Check("jitter", "a gate that is commanded late opens for the fruit behind the one that was meant")


def jitter(profile: Profile, wakes: tuple[int, int] | str) -> Iterator[Finding]:
    """`wakes`: how late it wakes, median and 99th percentile in ns; a text says why that is not known."""
    if isinstance(wakes, str):
        yield JITTER.fault(f"the gate process does not start: {wakes}", "see its last words; the service would not run")
        return
    p50_ns, p99_ns = wakes
    allowed = allowance(profile, Measured(p50_ns, p99_ns, 0, 0))
    told = f"wakes {p50_ns / 1e6:.2f} ms late (median), {p99_ns / 1e6:.2f} ms (99th percentile)"
    remedy = (
        "end what else runs here, permit real-time priority (LimitRTPRIO= in the unit), or take a PREEMPT_RT kernel"
    )
    if not allowed.holds:
        yield JITTER.fault(f"{told}: too late for any belt that the profile could mean", remedy)
    elif allowed.why:
        yield JITTER.attention(f"{told}: enough for {allowed.speed_mm_s:.0f} mm/s of belt", remedy)
    else:
        yield JITTER.good(f"{told}: enough for the belt's {profile.belt.speed_mm_s:g} mm/s")
