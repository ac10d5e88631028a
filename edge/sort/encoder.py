"""Belt travel for machines without an encoder, and the correction that any encoder is read with."""

from edge.belt import NS
from edge.datapath import BeltSample

PPM = 1_000_000


class VirtualEncoder:
    """The belt is taken to run at the profile's speed. Travel is speed times time from the clock's zero."""

    def __init__(self, speed_um_s: int) -> None:
        self._speed_um_s = speed_um_s

    def sample(self, now_ns: int) -> BeltSample:
        return BeltSample(at_ns=now_ns, belt_um=now_ns * self._speed_um_s // NS, speed_um_s=self._speed_um_s)


class Correction:
    """Belt travel as the tracks show it, from an encoder's own: from each change on, every micrometre that the encoder
    counts is `scale_ppm` millionths of one. Travel goes on from where it was."""

    def __init__(self) -> None:
        self._scale_ppm = PPM
        self._from_um = 0
        self._base_um = 0
        self._last: BeltSample | None = None

    def change(self, scale_ppm: int) -> None:
        """Count so from the last sample on."""
        if self._last is not None:
            self._base_um = self._corrected_um(self._last.belt_um)
            self._from_um = self._last.belt_um
        self._scale_ppm = scale_ppm

    def of(self, sample: BeltSample) -> BeltSample:
        """A newer sample of the encoder, corrected."""
        self._last = sample
        if self._scale_ppm == PPM and self._from_um == self._base_um:
            return sample
        speed_um_s = sample.speed_um_s * self._scale_ppm // PPM
        return BeltSample(sample.at_ns, self._corrected_um(sample.belt_um), speed_um_s, sample.refused)

    def _corrected_um(self, encoder_um: int) -> int:
        return self._base_um + (encoder_um - self._from_um) * self._scale_ppm // PPM
