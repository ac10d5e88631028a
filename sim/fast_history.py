"""The ledger of a device in virtual time: it goes on where the last run's ended, as if a minute had passed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from edge.bundle import Bundle
from edge.config import Profile
from edge.ledger.recovery import End, last_end
from edge.ledger.writing import Times
from edge.trace.ledger import Begun, Ledger
from sim.timeline import START_NS

_BETWEEN_MS = 60_000
_RUN_ID = "fast"


class Histories:
    """Of all the device's runs of one simulated run. Its clock begins in 1970, or where the ledger ends."""

    def __init__(self, profile: Profile, now_ns: Callable[[], int]) -> None:
        self._profile = profile
        self._now_ns = now_ns
        ledger = profile.history.folder / "ledger" if profile.history.folder else None
        end = last_end(ledger) if ledger and ledger.is_dir() else End()
        self._began_ms = end.utc_ms + _BETWEEN_MS if end.number >= 0 else 0
        self._named = f"{_RUN_ID}-{end.number + 1}-" if end.number >= 0 else _RUN_ID

    def run_id(self, runs: int) -> str:
        """Of the device's start after so many others: used once in a ledger."""
        return f"{self._named}{runs or ''}".rstrip("-")

    def open(
        self, run_id: str, name: str, bundle: Bundle | None, kept: Callable[[str], int | None], ended: str | None
    ) -> Ledger | None:
        """None where the profile names no history. `name`: what verdicts call the bundle, also where there is none."""
        if self._profile.history.folder is None:
            return None
        return Ledger(Begun(self._profile, run_id, name, bundle.folder if bundle else Path(), ended), self._times, kept)

    def _times(self) -> Times:
        now_ns = self._now_ns()
        return self._began_ms + (now_ns - START_NS) // 1_000_000, now_ns
