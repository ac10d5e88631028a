"""A bundle that should never have left training takes over a line in virtual time, and is taken back."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from edge.bundle import Bundle
from edge.grade.litert import LiteRTGrader
from edge.gradings import Grading, Gradings
from sim.faults import Faults
from sim.setup import Setup
from sim.spoil import spoil

_STEP = 6.0
"""To which weights are rounded: the factory bundle is right about some seven fruit in ten then."""


class Takeover:
    """One run's. `serve` between two steps of the line."""

    def __init__(self, faults: Faults, setup: Setup) -> None:
        self._faults, self._setup = faults, setup
        self._step = _STEP
        self._is_bad = False
        self._folder: TemporaryDirectory[str] | None = None

    def serve(self, gradings: Gradings, now_ns: int) -> None:
        """Offer the line whichever bundle is to grade now."""
        own = self._setup.bundle
        if own is None or self._faults.holds("bad-bundle", now_ns) == self._is_bad:
            return
        self._is_bad = not self._is_bad
        bundle = self._spoilt(own) if self._is_bad else own
        thresholds, folder = bundle.manifest.thresholds, str(bundle.folder.absolute())
        gradings.offer(Grading.of(self._setup.profile, LiteRTGrader(bundle), thresholds, folder))

    def close(self) -> None:
        """The run is over."""
        if self._folder:
            self._folder.cleanup()

    def _spoilt(self, own: Bundle) -> Bundle:
        self._folder = self._folder or TemporaryDirectory()
        return spoil(own, Path(self._folder.name) / "coarse", self._step)
