"""Pictures painted ahead of their time: a run in virtual time paints the next frame while the device judges this one.

What a camera sees is known beforehand, as fruit are fed and turn by the belt's travel alone and gates stand behind the
picture. Painter and line are both work outside the interpreter's lock for the most part, so that a second core halves
the time. The pictures are the same as painted one after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from sim.camera import BeltCamera, Pixels, Placed


class PaintedAhead:
    """One camera's pictures, in the order of their orders. Belongs to one thread; a thread of its own paints."""

    def __init__(self, eye: BeltCamera) -> None:
        self._eye = eye
        self._thread = ThreadPoolExecutor(1, "painter")
        self._painted: tuple[int, Future[Pixels]] | None = None

    def order(self, at_ns: int, placed: Sequence[Placed], belt_mm: float) -> None:
        """Have a picture painted: what lies where at an instant. The one ordered before it is dropped."""
        self._painted = at_ns, self._thread.submit(self._eye.render, placed, belt_mm)

    def picture(self, at_ns: int) -> Pixels:
        """The picture that was ordered last, which must be of this instant. Waits for it; raises what kept it from
        being painted."""
        assert self._painted is not None, "order it first"
        ordered_ns, painted = self._painted
        assert ordered_ns == at_ns, f"ordered for {ordered_ns}, asked for at {at_ns}"
        return painted.result()
