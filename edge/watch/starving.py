"""Whether the line's thread is kept from computing while it has something to compute: by another program, which takes
its processor, or by a thread of its own process, which holds the interpreter's lock."""

from collections import deque

_STEPS = 60
_RAISE, _CLEAR = 0.4, 0.25
"""Of the time of its steps, the share in which it did not compute. A step waits for nothing, so this should be none."""


class Starving:
    """One run's. Belongs to the line's thread."""

    def __init__(self) -> None:
        self._steps: deque[tuple[int, int]] = deque(maxlen=_STEPS)
        self._starved = False

    def stepped(self, took_ns: int, computed_ns: int) -> None:
        """A step with a frame took so long, of which its thread computed so long."""
        self._steps.append((took_ns, computed_ns))

    def starved(self) -> bool:
        """By the last steps, some two seconds of them."""
        took_ns = sum(took for took, _ in self._steps)
        if len(self._steps) == _STEPS and took_ns:
            lost = 1 - sum(computed for _, computed in self._steps) / took_ns
            self._starved = lost > (_CLEAR if self._starved else _RAISE)
        return self._starved
