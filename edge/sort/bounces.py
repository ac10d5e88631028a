"""Edges of the encoder that come too soon after the last: contact bounce, refused and counted; too many are a fault."""

from edge.config import Profile
from edge.datapath import BeltSample
from edge.incidents import ENCODER_BOUNCES, Told

_WINDOW_NS = 1_000_000_000
_FEWEST, _SHARE = 10, 0.05
"""In a second: so many refused edges, and such a share of those that count."""

_CALM = 3
"""So many seconds without clear it."""


class Bounces:
    """One run's."""

    def __init__(self, profile: Profile) -> None:
        self._um_per_edge = profile.encoder.um_per_edge if profile.encoder else 0
        self._first: BeltSample | None = None
        self._raised = False
        self._calm = 0

    def hear(self, sample: BeltSample) -> list[Told]:
        """A newer sample of the belt."""
        first = self._first
        if first is None or not self._um_per_edge:
            self._first = sample
            return []
        if sample.at_ns - first.at_ns < _WINDOW_NS:
            return []
        self._first = sample
        refused = sample.refused - first.refused
        counted = abs(sample.belt_um - first.belt_um) / self._um_per_edge
        return self._judge(refused >= _FEWEST and refused > _SHARE * counted, refused)

    def _judge(self, bounces: bool, refused: int) -> list[Told]:
        self._calm = 0 if bounces else self._calm + 1
        if bounces and not self._raised:
            self._raised = True
            return [Told(ENCODER_BOUNCES.code, True, {"edges": refused})]
        if self._raised and self._calm >= _CALM:
            self._raised = False
            return [Told(ENCODER_BOUNCES.code, False)]
        return []
