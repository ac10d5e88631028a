"""What people have asked of the running line from elsewhere. No wish moves a gate."""

from dataclasses import dataclass


@dataclass(slots=True)
class Wishes:
    """Written by the thread that hears commands, read by the one that steps the line.

    `feed_stopped`: upstream is asked for nothing, until somebody wishes otherwise or the run ends.
    """

    feed_stopped: bool = False
