"""Sequential tests: when has a machine that did well begun to do badly? Pure arithmetic.

Each adds up the log-likelihood ratio of a fault against health, event by event, and never falls below zero (the CUSUM
of Page, Biometrika 41, 1954). Where the events of a healthy machine are independent and no worse than said, the mean
number of them until a false alarm is at least exp(threshold) (Lorden, Annals of Mathematical Statistics 42, 1971). Here
that is a hundred million.
"""

from collections import deque
from math import fsum, log

EVENTS_PER_FALSE_ALARM = 1e8
THRESHOLD = log(EVENTS_PER_FALSE_ALARM)

_USUAL, _FAULTY = 0.02, 0.5
"""The share of events that go wrong: at most so many on a healthy machine, so many on a faulty one."""

_WRONG = log(_FAULTY / _USUAL)
_RIGHT = log((1 - _FAULTY) / (1 - _USUAL))
_LATE_SDS = 1.5
_MOST_SDS = 3.0
_PAST = 32
_FEWEST = 8


class Share:
    """Of events that go right or wrong: has the share that goes wrong grown from 2 % to a half? Six wrong ones in a row
    are enough."""

    __slots__ = ("level",)

    def __init__(self) -> None:
        self.level = 0.0

    def take(self, wrong: bool) -> bool:
        """One more event. True once the test says so, until `reset`."""
        if self.level < THRESHOLD:
            self.level = max(0.0, self.level + (_WRONG if wrong else _RIGHT))
        return self.level >= THRESHOLD

    def reset(self) -> None:
        self.level = 0.0


class Late:
    """Of normal times: has their mean grown by one and a half standard deviations? A single time counts for three at
    most, so that no outlier decides."""

    __slots__ = ("level",)

    def __init__(self) -> None:
        self.level = 0.0

    def take(self, sds: float) -> bool:
        """One more event, as its distance from the usual mean in standard deviations."""
        if self.level < THRESHOLD:
            gained = _LATE_SDS * (min(sds, _MOST_SDS) - _LATE_SDS / 2)
            self.level = max(0.0, self.level + gained)
        return self.level >= THRESHOLD

    def reset(self) -> None:
        self.level = 0.0


class Shift:
    """Of the times by which events miss two rows of expectations: does the other row fit better than the own one, give
    or take a constant of each? The constants are the means of the events before, so each is known before its event."""

    __slots__ = ("_other", "_own", "level")

    def __init__(self) -> None:
        self.level = 0.0
        self._own: deque[float] = deque(maxlen=_PAST)
        self._other: deque[float] = deque(maxlen=_PAST)

    def take(self, own_sds: float, other_sds: float) -> bool:
        """One more event, as its distances from the two rows in standard deviations."""
        if len(self._own) >= _FEWEST and self.level < THRESHOLD:
            own = min(_MOST_SDS, abs(own_sds - fsum(self._own) / len(self._own)))
            off = other_sds - fsum(self._other) / len(self._other)
            self.level = max(0.0, self.level + (own**2 - off**2) / 2)
        self._own.append(own_sds)
        self._other.append(other_sds)
        return self.level >= THRESHOLD

    def reset(self) -> None:
        self.level = 0.0
        self._own.clear()
        self._other.clear()
