"""What people have asked of the running line, or told it, from elsewhere. No wish moves a gate."""

from collections import deque
from dataclasses import dataclass, field


@dataclass(slots=True)
class Wishes:
    """Written by the thread that hears commands, read by the one that steps the line.

    `feed_stopped`: upstream is asked for nothing, until somebody wishes otherwise or the run ends. `labels`: what some
    fruit really were, by track.
    """

    feed_stopped: bool = False
    labels: deque[tuple[str, str]] = field(default_factory=lambda: deque(maxlen=1_000))
