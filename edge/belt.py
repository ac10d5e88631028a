"""The one converter: pixels to millimetres to belt travel to instants, and back.

Both processes of the device use it, so it imports neither NumPy nor pydantic.
"""

from edge.datapath import BeltSample

NS = 1_000_000_000


class BeltEstimate:
    """Where the belt is: the encoder's last sample, carried on at its speed. Integer arithmetic throughout."""

    __slots__ = ("_sample",)

    def __init__(self) -> None:
        self._sample: BeltSample | None = None

    @property
    def known(self) -> bool:
        return self._sample is not None

    def observe(self, sample: BeltSample) -> None:
        """Take a newer sample; an older one is ignored."""
        if self._sample is None or sample.at_ns >= self._sample.at_ns:
            self._sample = sample

    def um_at(self, at_ns: int) -> int:
        """Belt travel at an instant. Raises LookupError before the first sample."""
        sample = self._require()
        return sample.belt_um + (at_ns - sample.at_ns) * sample.speed_um_s // NS

    def at_ns(self, belt_um: int) -> int | None:
        """The first instant at which the belt reads `belt_um`, past or to come; None while it stands still."""
        sample = self._require()
        if sample.speed_um_s <= 0:
            return None
        # Rounded up, so that `um_at` of the answer is never short of `belt_um`.
        return sample.at_ns - (sample.belt_um - belt_um) * NS // sample.speed_um_s

    def _require(self) -> BeltSample:
        if self._sample is None:
            raise LookupError("the belt's travel is not known before the encoder's first sample")
        return self._sample


def belt_um_at_origin(x_mm: float, travel_um: int) -> int:
    """The belt travel at which a fruit stood at x = 0 that is seen at x_mm while the belt reads `travel_um`."""
    return travel_um - round(x_mm * 1000)
