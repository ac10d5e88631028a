"""Belt travel. Without an encoder on the roller, the belt is taken to run at exactly the profile's speed."""

from edge.belt import NS
from edge.datapath import BeltSample


class VirtualEncoder:
    """Travel is speed times time from the clock's zero, so main and gate process agree without asking each other."""

    def __init__(self, speed_um_s: int) -> None:
        self._speed_um_s = speed_um_s

    def sample(self, now_ns: int) -> BeltSample:
        return BeltSample(at_ns=now_ns, belt_um=now_ns * self._speed_um_s // NS, speed_um_s=self._speed_um_s)
