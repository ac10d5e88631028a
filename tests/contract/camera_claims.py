"""What is claimed of a camera in spite of picamera2's known traps, as plain functions: the tests hold the fake that
imitates them to it, and `python -m tests.contract.camera_claims PROFILE RED_X RED_Y` whatever camera a machine has,
stock picamera2 on libcamera's virtual one too. RED_X, RED_Y: a place in the picture that is always red.

Prints one JSON object, claim to null or to what was found instead; exit status 1 where one does not hold.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from edge import clock
from edge.capture.freshness import OLDEST_NS
from edge.capture.mailbox import FrameSource
from edge.capture.opening import open_camera
from edge.config import Camera, load_profile
from edge.datapath import Frame

NS_PER_S = 1_000_000_000
WITHIN_NS = 10 * NS_PER_S


@dataclass
class Seen:
    """A camera that runs, and what it was asked for."""

    source: FrameSource
    settings: Camera
    opened_at_ns: int
    red_at: tuple[int, int]

    @property
    def period_ns(self) -> int:
        return round(NS_PER_S / self.settings.frames_hz)

    def take(self, count: int) -> list[Frame]:
        frames = [self.source.next_frame(clock.now_ns() + WITHIN_NS) for _ in range(count)]
        given = [frame for frame in frames if frame is not None]
        assert len(given) == count, f"{len(given)} frames of {count}"
        return given


def no_frame_is_stale(seen: Seen) -> None:
    """None from before the camera was opened, none twice, none that waited in a queue while nobody asked."""
    before_ns = seen.opened_at_ns - round(seen.settings.exposure_us * 1000)
    for pause in (0, 3, 30):
        clock.sleep_until(clock.now_ns() + pause * seen.period_ns)
        for _ in range(3):
            asked_at_ns = clock.now_ns()
            (frame,) = seen.take(1)
            old_ns = asked_at_ns - frame.exposed_at_ns - round(seen.settings.exposure_us * 1000)
            assert frame.exposed_at_ns > before_ns, f"exposed {(before_ns - frame.exposed_at_ns) / 1e6:.1f} ms before"
            assert old_ns < OLDEST_NS, f"{old_ns / 1e6:.1f} ms old when it was asked for"
            assert frame.exposed_at_ns <= clock.now_ns(), "not exposed yet"
            before_ns = frame.exposed_at_ns


def no_drop_is_silent(seen: Seen) -> None:
    """The frames' numbers, and what counts as lost, go by the stamps and not by what was handed out."""
    (first,) = seen.take(1)
    frames, lost_before = [first], seen.source.lost()
    for pause in (0, 4, 0, 9):
        clock.sleep_until(clock.now_ns() + pause * seen.period_ns)
        frames += seen.take(2)
    for before, after in pairwise(frames):
        periods = (after.exposed_at_ns - before.exposed_at_ns) / seen.period_ns
        counted = after.number - before.number
        assert counted == max(1, round(periods)), f"{counted} for {periods:.2f} periods"
    lost = seen.source.lost() - lost_before
    assert lost == frames[-1].number - first.number - (len(frames) - 1), f"{lost} lost"


def red_comes_first(seen: Seen) -> None:
    """Whatever the format is called: red, green and blue in this order."""
    x, y = seen.red_at
    (frame,) = seen.take(1)
    red, green, blue = (int(value) for value in frame.pixels[y, x])
    assert red > green + 40, f"{red}, {green}, {blue} at {x}, {y}"
    assert red > blue + 40, f"{red}, {green}, {blue} at {x}, {y}"


def pictures_are_what_the_profile_says(seen: Seen) -> None:
    """Whatever the camera adjusted or misreported: rows without padding, of whole bytes, that stay as they are."""
    (frame,) = seen.take(1)
    size = (seen.settings.height_px, seen.settings.width_px, 3)
    assert (frame.pixels.shape, frame.pixels.dtype) == (size, np.uint8), f"{frame.pixels.shape} {frame.pixels.dtype}"
    assert frame.pixels.flags.c_contiguous, "rows are padded"
    before = frame.pixels.copy()
    seen.take(6)
    assert (frame.pixels == before).all(), "the picture was written to"
    if frame.half is not None:
        half = (size[0] // 2, size[1] // 2, 3)
        assert frame.half.shape == half, f"{frame.half.shape} is not half of it"


CLAIMS: tuple[Callable[[Seen], None], ...] = (
    no_frame_is_stale,
    no_drop_is_silent,
    red_comes_first,
    pictures_are_what_the_profile_says,
)


def main(profile: str, red_x: str, red_y: str) -> int:
    settings = load_profile(Path(profile)).camera
    found: dict[str, str | None] = {}
    for claim in CLAIMS:
        opened_at_ns = clock.now_ns()
        source = open_camera(settings, Path(profile).parent)
        try:
            claim(Seen(source, settings, opened_at_ns, (int(red_x), int(red_y))))
            found[claim.__name__] = None
        except AssertionError as error:
            found[claim.__name__] = str(error)
        finally:
            source.close()
    sys.stdout.write(json.dumps(found) + "\n")
    return int(any(found.values()))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
