"""The encoder in virtual time: the device's own counting of edges, fed from the world's wheel."""

from __future__ import annotations

from edge.config import Profile
from edge.datapath import BeltSample
from edge.ports import Encoder
from edge.sort.encoder import VirtualEncoder
from edge.sort.link import encoder_lines
from edge.sort.wheel import WheelEncoder
from edge.sort.wire import EncoderLines
from sim.wheel import Wheel
from sim.world import World


class FastEncoder:
    """Answers edge.ports.Encoder: the wheel's edges at their own instants, told when a sample is asked for."""

    def __init__(self, lines: EncoderLines, wheel: Wheel) -> None:
        self._pin_b = lines.pin_b
        self._counter = WheelEncoder(lines.um_per_edge, lines.pin_b is not None, lines.shortest_ns)
        self._counter.start((0, 0))
        self._wheel = wheel

    def sample(self, now_ns: int) -> BeltSample:
        for edge in self._wheel.until(now_ns):
            self._counter.edge(edge.at_ns, int(edge.line == self._pin_b), edge.level)
        return self._counter.sample(now_ns)


def encoder_of(profile: Profile, world: World) -> Encoder:
    """What the device of a fast run measures its belt with."""
    lines = encoder_lines(profile)
    if lines is None or world.wheel is None:
        return VirtualEncoder(profile.speed_um_s)
    return FastEncoder(lines, world.wheel)
