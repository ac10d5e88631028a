"""What people have asked of the running line, or told it, from elsewhere. No wish moves a gate."""

from collections import deque
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Said:
    """What `user` says that a fruit is; None takes back what they said before."""

    track_id: str
    user: str
    label: str | None


@dataclass(slots=True)
class Wishes:
    """Written by the thread that hears commands, read by the one that steps the line.

    `feed_stopped`: upstream is asked for nothing, until somebody wishes otherwise or the run ends. `labels`: what some
    fruit really were, by track; `said`: the same with whose word it is, for the audit.
    """

    feed_stopped: bool = False
    labels: deque[tuple[str, str]] = field(default_factory=lambda: deque(maxlen=1_000))
    said: deque[Said] = field(default_factory=lambda: deque(maxlen=1_000))
