"""The one converter: pixels to millimetres to belt travel to instants, and back.

Both processes of the device use it, so it imports neither NumPy nor pydantic.
"""

from bisect import bisect_left, bisect_right
from operator import attrgetter

from edge.datapath import BeltSample

NS = 1_000_000_000
_KEPT = 256
"""Samples of uneven motion that are remembered at least: 5 s, and up to twice as many."""

_STRAIGHT_UM = 20
_at_ns = attrgetter("at_ns")
_belt_um = attrgetter("belt_um")


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
        sample = self._sample or self._require()
        if sample.speed_um_s <= 0:
            return None
        # Rounded up, so that `um_at` of the answer is never short of `belt_um`.
        return sample.at_ns - (sample.belt_um - belt_um) * NS // sample.speed_um_s

    def _require(self) -> BeltSample:
        if self._sample is None:
            raise LookupError("the belt's travel is not known before the encoder's first sample")
        return self._sample


class BeltHistory(BeltEstimate):
    """The same with a memory: what is past is read between the samples of then, so that a belt that slows, stops and
    starts carries no fruit anywhere else. Of a stretch at one speed only the ends are kept."""

    __slots__ = ("_samples",)

    def __init__(self) -> None:
        super().__init__()
        self._samples: list[BeltSample] = []

    def observe(self, sample: BeltSample) -> None:
        if self._sample is not None and sample.at_ns < self._sample.at_ns:
            return
        kept = self._samples
        if len(kept) >= 2 and self._on_the_way(kept[-2], kept[-1], sample):
            kept[-1] = sample
        else:
            kept.append(sample)
            if len(kept) > 2 * _KEPT:
                del kept[:_KEPT]
        self._sample = sample

    def um_at(self, at_ns: int) -> int:
        kept = self._samples
        if len(kept) < 2 or at_ns >= kept[-1].at_ns:
            return super().um_at(at_ns)
        if at_ns < kept[0].at_ns:
            return self._before_all_um(at_ns)
        n = bisect_right(kept, at_ns, key=_at_ns)
        a, b = kept[n - 1], kept[n]
        return a.belt_um + (at_ns - a.at_ns) * (b.belt_um - a.belt_um) // max(1, b.at_ns - a.at_ns)

    def at_ns(self, belt_um: int) -> int | None:
        kept = self._samples
        if len(kept) < 2 or belt_um > kept[-1].belt_um:
            return super().at_ns(belt_um)
        if belt_um <= kept[0].belt_um:
            moving = self._first_moving()
            return None if moving is None else kept[0].at_ns - (kept[0].belt_um - belt_um) * NS // moving.speed_um_s
        n = bisect_left(kept, belt_um, key=_belt_um)
        a, b = kept[n - 1], kept[n]
        return b.at_ns - (b.belt_um - belt_um) * (b.at_ns - a.at_ns) // max(1, b.belt_um - a.belt_um)

    def _before_all_um(self, at_ns: int) -> int:
        first, moving = self._samples[0], self._first_moving()
        return first.belt_um - (first.at_ns - at_ns) * (moving.speed_um_s if moving else 0) // NS

    def _first_moving(self) -> BeltSample | None:
        """What came before the first sample is taken to have moved as the belt did first."""
        return next((sample for sample in self._samples if sample.speed_um_s > 0), None)

    @staticmethod
    def _on_the_way(a: BeltSample, b: BeltSample, c: BeltSample) -> bool:
        """Whether b adds nothing to what a and c say."""
        between_um = a.belt_um + (b.at_ns - a.at_ns) * (c.belt_um - a.belt_um) // max(1, c.at_ns - a.at_ns)
        return abs(between_um - b.belt_um) <= _STRAIGHT_UM


def belt_um_at_origin(x_mm: float, travel_um: int) -> int:
    """The belt travel at which a fruit stood at x = 0 that is seen at x_mm while the belt reads `travel_um`."""
    return travel_um - round(x_mm * 1000)
