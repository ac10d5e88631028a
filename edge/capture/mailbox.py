"""Where frames wait for the line: one slot, the newest wins, what it replaces is counted.

`FrameSource` is what a camera looks like to the capture thread (the one writer); the mailbox itself answers
`edge.ports.Camera` for the line (the one reader).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from edge import clock
from edge.capture.losses import Holes
from edge.datapath import Frame
from edge.errors import CameraFault, SorterError

NS_PER_S = 1_000_000_000


class FrameSource(Protocol):
    """A camera as its driver has it. Consumer: the capture thread, which alone calls it."""

    def next_frame(self, deadline_ns: int) -> Frame | None:
        """The newest frame that was not given before, or None at the deadline. Its pixels stay as they are.

        Raises CameraFault when the camera has stopped for good.
        """

    def lost(self) -> int:
        """Frames known lost before they reached this source, so far."""

    def close(self) -> None:
        """Let go of the device. Called once, by the thread that reads."""


class Mailbox:
    """One slot between the capture thread and the line. Every method may be called from any thread.

    `frame_ns`: the time from one exposure to the next, by which holes in the stamps are counted; without it they are
    not.
    """

    def __init__(self, frame_ns: float = float("inf")) -> None:
        self.frame_ns = frame_ns
        self._holes = Holes(frame_ns)
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._frame: Frame | None = None
        self._fault: SorterError | None = None
        self._replaced = 0
        self._lost = 0

    def put(self, frame: Frame, lost: int = 0) -> None:
        """Lay down a frame in place of the one that waits. `lost` counts those that the source never saw, so far; with
        those that it does not know of, the frame carries the number on."""
        with self._lock:
            self._replaced += self._frame is not None
            self._lost = max(lost, self._holes.count(frame))
            self._frame = replace(frame, lost=self._lost) if self._lost else frame
            self._changed.notify_all()

    def fail(self, fault: SorterError) -> None:
        """Say that no frame will ever come again. The next `take` without a frame raises `fault`, once."""
        with self._changed:
            self._fault = fault
            self._changed.notify_all()

    def take(self) -> Frame | None:
        with self._lock:
            frame, self._frame = self._frame, None
            if frame is None and self._fault is not None:
                fault, self._fault = self._fault, None
                raise fault
            return frame

    def dropped(self) -> int:
        with self._lock:
            return self._replaced + self._lost

    def wait(self, deadline_ns: int) -> None:
        """Return once a frame or a fault waits to be taken, or at the deadline."""
        with self._changed:
            while self._frame is None and self._fault is None:
                left_ns = deadline_ns - clock.now_ns()
                if left_ns <= 0:
                    return
                self._changed.wait(left_ns / NS_PER_S)


def capture(
    source: FrameSource, mailbox: Mailbox, silence_s: float, first_s: float, stopping: Callable[[], bool]
) -> None:
    """Carry frames from source to mailbox until `stopping()`; the body of the capture thread. Closes the source.

    A camera that gives no frame for `silence_s` (`first_s` before its first one) counts as stopped for good.
    """
    try:
        allowed_s = first_s
        last_ns = clock.now_ns()
        while not stopping():
            frame = source.next_frame(clock.now_ns() + NS_PER_S // 10)
            now_ns = clock.now_ns()
            if frame is not None:
                mailbox.put(frame, source.lost())
                allowed_s, last_ns = silence_s, now_ns
            elif now_ns - last_ns > allowed_s * NS_PER_S:
                raise CameraFault(f"the camera has given no frame for {allowed_s:g} s; check its cable and power")
    except SorterError as fault:
        mailbox.fail(fault)
    except Exception as error:
        # Whatever a driver raises, the line must hear that its eyes are gone.
        mailbox.fail(CameraFault(f"the camera's driver failed: {type(error).__name__}: {error}"))
    finally:
        source.close()
