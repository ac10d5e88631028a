"""What the line knows of how its fruit move: encoder, belt and picture held to one another."""

from collections.abc import Sequence

from edge.config import Profile
from edge.datapath import BeltSample, Detection, GateEvent
from edge.detect.drift import Drift
from edge.detect.pace import Pace
from edge.detect.standstill import Place, Standstill
from edge.incidents import Told
from edge.sort.bounces import Bounces


class Course:
    """One run's. In each step `hear` what the gate process says, then `see` the frame; `left` for each fruit that is
    done. `drift` holds the belt's travel to the fruit."""

    PARTS = (Drift, Pace, Bounces, Standstill, Place)
    """The classes that its memory is made of."""

    def __init__(self, profile: Profile) -> None:
        self.drift = Drift(profile)
        self._pace = Pace(profile)
        self._bounces = Bounces(profile)
        self._standstill = Standstill(profile)

    @property
    def lost(self) -> bool:
        """Whether nobody knows how far the belt has come: no fruit can be placed."""
        return self._pace.lost

    def hear(self, event: GateEvent) -> list[Told]:
        return self._bounces.hear(event) if isinstance(event, BeltSample) else []

    def see(self, travel_um: int, detections: Sequence[Detection]) -> tuple[Sequence[Detection], list[Told]]:
        """A frame's fruit, and the belt's travel in the middle of its exposure: those that move with the belt, and what
        the operator is told."""
        told = self._pace.see(travel_um, detections)
        if self._pace.lost:
            return (), told
        moving, news = self._standstill.see(travel_um, detections)
        return moving, told + news
