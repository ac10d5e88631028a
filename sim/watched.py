"""Those who watch the simulated device for decay in virtual time."""

from __future__ import annotations

from collections.abc import Callable

from edge.watch.audit import Audit
from edge.watch.drift import Drift
from edge.watching import Watching
from sim.setup import Setup


def watching(
    setup: Setup, run_id: str, bundle: str, utc: Callable[[], str]
) -> tuple[Audit | None, tuple[Watching, ...]]:
    """The audit, where there is one, and all who watch. Labels that are given say nothing of light, lens and cultivar.
    The audit's secret is the seed: the same run draws the same fruit."""
    profile, secret = setup.profile, f"seed {setup.seed}".encode()
    drift = Drift(profile, bundle) if profile.watch.drift and setup.perception != "truth" else None
    audit = Audit(profile, run_id, bundle, secret, utc) if profile.audit.share else None
    return audit, tuple(one for one in (drift, audit) if one)
