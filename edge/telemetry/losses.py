"""What was lost, until the broker has been told: a line a run and reason, however much it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

LossReason = Literal["evicted", "expired", "unwritable", "killed", "power", "corrupt", "connection"]

_GIVEN_UP: tuple[LossReason, ...] = ("evicted", "expired", "unwritable")

GREETING = 2
"""Messages of a greeting: status and info."""


@dataclass(frozen=True, slots=True)
class Lost:
    """Messages of a run that nobody will get. All of them lie from `from_seq` to `to_seq`, which does not mean that all
    from there to there are lost. None stands for what cannot be known."""

    of_run: str | None
    reason: LossReason
    from_seq: int | None
    to_seq: int | None
    messages: int | None

    @property
    def key(self) -> str:
        return f"gap {self.of_run} {self.reason}"

    def joined(self, other: Lost) -> Lost:
        """Both of one run and reason."""
        return Lost(
            self.of_run,
            self.reason,
            _of(min, self.from_seq, other.from_seq),
            _of(max, self.to_seq, other.to_seq),
            _of(int.__add__, self.messages, other.messages),
        )


def _of(combine: Callable[[int, int], int], one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else combine(one, other)


class Losses:
    """Counts what is lost. Belongs to its owner's lock. `total` counts what this run knows of, `given_up` what of it
    was given up here, for want of room or for age."""

    def __init__(self) -> None:
        self.total = self.given_up = 0
        self._untold: dict[str, Lost] = {}

    def __bool__(self) -> bool:
        """Whether any is to be told. Any thread may ask."""
        return bool(self._untold)

    def add(self, lost: Lost) -> None:
        self.total += lost.messages or 0
        self.given_up += (lost.messages or 0) if lost.reason in _GIVEN_UP else 0
        self.remember(lost)

    def one(self, run_id: str, seq: int, reason: LossReason) -> None:
        self.add(Lost(run_id, reason, seq, seq, 1))

    def remember(self, lost: Lost) -> None:
        """What an earlier run counted, or what could not be told after all."""
        before = self._untold.get(lost.key)
        self._untold[lost.key] = before.joined(lost) if before else lost

    def untold(self) -> tuple[Lost, ...]:
        return tuple(self._untold.values())

    def told(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._untold.pop(key, None)
