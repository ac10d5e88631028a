"""Maintenance windows: when a machine may begin an update, in its own local time.

`mon-fri 22:00-04:00`, `sun 00:00-24:00`: days, and hours that belong to the day on which they begin.
"""

from collections.abc import Sequence
from datetime import datetime

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 24 * 60


def is_open(windows: Sequence[str], local: datetime) -> bool:
    """Whether one of them is open; always, where there is none. They are as `edge.sections.Window` lets them be."""
    return not windows or any(_holds(window, local) for window in windows)


def _holds(window: str, local: datetime) -> bool:
    days, _, hours = window.partition(" ")
    first, _, last = days.partition("-")
    begin, end = (int(at[:2]) * 60 + int(at[3:]) for at in hours.split("-"))
    length = (end - begin - 1) % DAY_MINUTES + 1  # from an hour to the same one is a whole day
    span = (DAYS.index(last or first) - DAYS.index(first)) % 7
    for back in (0, 1):  # one that began yesterday may go on today
        day = (local.weekday() - back - DAYS.index(first)) % 7
        into = local.hour * 60 + local.minute + back * DAY_MINUTES - begin
        if day <= span and 0 <= into < length:
            return True
    return False
