"""A camera that may stall: it is let go and opened anew, after longer and longer rests, and its frames are numbered on.

Answers `edge.capture.mailbox.FrameSource`. A driver that hangs is left behind in a thread of its own: nobody waits for
it for ever.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from edge import clock
from edge.capture.mailbox import FrameSource
from edge.clock import Clock
from edge.datapath import Frame
from edge.errors import CameraFault
from edge.log import Log

NS_PER_S = 1_000_000_000
PATIENCE_S = 30.0
"""For so long it is tried again, from the last frame on: whoever supervises starts the whole process anew then."""

_FIRST_REST_NS, _LONGEST_REST_NS = NS_PER_S // 4, 8 * NS_PER_S
_STARTS_NS = 3 * NS_PER_S
"""A camera that was just opened may take so long for its first frame."""

_DRIVER_S = 10.0
_LOG = Log("capture")

T = TypeVar("T")
Within = Callable[[Callable[[], T]], T]


class ReopeningCamera:
    """One thread, as every source. The first camera is opened at construction, and its fault raised there."""

    def __init__(
        self,
        opened: Callable[[], FrameSource],
        frame_ns: int,
        now: Clock = clock.now_ns,
        rest_until: Callable[[int], object] = clock.sleep_until,
    ) -> None:
        """`frame_ns`: the time from one exposure to the next."""
        self._opened, self._now, self._rest_until = opened, now, rest_until
        self._frame_ns = frame_ns
        self._stall_ns = max(NS_PER_S, 5 * frame_ns)
        self._source: FrameSource | None = opened()
        self._patient_until_ns = now() + _STARTS_NS
        self._rest_ns = _FIRST_REST_NS
        self._opens_at_ns = 0
        self._last: Frame | None = None
        self._number_offset = self._lost_before = 0
        self._is_first = True

    def next_frame(self, deadline_ns: int) -> Frame | None:
        """See FrameSource. Raises CameraFault only where its driver hangs."""
        if self._source is None and not self._open(deadline_ns):
            return None
        assert self._source is not None
        try:
            frame = self._source.next_frame(deadline_ns)
        except Exception as error:  # whatever a driver raises
            self._let_go(str(error) or type(error).__name__)
            return None
        if frame is not None:
            return self._carried_on(frame)
        if self._now() > self._patient_until_ns:
            self._let_go("it gives no frame")
        return None

    def lost(self) -> int:
        return self._lost_before + (self._source.lost() if self._source else 0)

    def close(self) -> None:
        source, self._source = self._source, None
        if source is not None:
            source.close()

    def _open(self, deadline_ns: int) -> bool:
        self._rest_until(min(deadline_ns, self._opens_at_ns))
        if self._now() < self._opens_at_ns:
            return False
        try:
            self._source = _within(_DRIVER_S, "open", self._opened)
        except _Hangs:
            raise
        except Exception as error:  # whatever a driver raises
            self._rest(str(error))
            return False
        self._patient_until_ns = self._now() + _STARTS_NS
        self._is_first = True
        _LOG.info("the camera is opened anew")
        return True

    def _let_go(self, why: str) -> None:
        source, self._source = self._source, None
        assert source is not None
        self._lost_before += source.lost()
        try:
            _within(_DRIVER_S, "let go", source.close)
        except _Hangs:
            raise
        except Exception as error:  # it is gone either way
            _LOG.warning("the camera was not let go as it should", why=error)
        self._rest(why)

    def _rest(self, why: str) -> None:
        _LOG.warning("the camera has stalled", why=why, tried_again_s=self._rest_ns / NS_PER_S)
        self._opens_at_ns = self._now() + self._rest_ns
        self._rest_ns = min(2 * self._rest_ns, _LONGEST_REST_NS)

    def _carried_on(self, frame: Frame) -> Frame:
        """A frame with the number that it would have had if its camera had never stalled."""
        if self._is_first and self._last is not None:
            missed = max(0, round((frame.exposed_at_ns - self._last.exposed_at_ns) / self._frame_ns) - 1)
            self._number_offset = self._last.number + 1 + missed - frame.number
            self._lost_before += missed
        self._is_first = False
        self._rest_ns = _FIRST_REST_NS
        self._patient_until_ns = self._now() + self._stall_ns
        self._last = replace(frame, number=frame.number + self._number_offset)
        return self._last


class _Hangs(CameraFault):
    """A driver that does not come back: no other try can, either."""


def _within(limit_s: float, what: str, call: Callable[[], T]) -> T:
    """What a call into a driver answers or raises. Raises _Hangs where it does neither in time."""
    answers: list[T] = []
    errors: list[Exception] = []

    def ask() -> None:
        try:
            answers.append(call())
        except Exception as error:  # raised again below
            errors.append(error)

    asking = threading.Thread(target=ask, name=f"camera: {what}", daemon=True)
    asking.start()
    asking.join(limit_s)
    if errors:
        raise errors[0]
    if not answers:
        raise _Hangs(f"the camera's driver hangs: it does not {what} within {limit_s:g} s; check its cable and power")
    return answers[0]
