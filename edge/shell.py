"""What the shell calls of those that work for a run beside its line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from edge.ports import GateLink, RecordSink


class Gates(GateLink, Protocol):
    """The gate process as the shell has it."""

    def close(self) -> None:
        """Release every gate and end the process. Never raises."""


class Telemetry(RecordSink, Protocol):
    """The road to the broker as the shell has it: `put` from the line's thread, `step` from a thread of its own."""

    def step(self, now_ns: int) -> int:
        """Send what may be sent; returns when to be called again."""

    def save(self, now_ns: int) -> int:
        """Bring to disk what is due; returns when to be called again. From a thread of its own: it may wait."""

    def queued(self) -> int:
        """Messages that wait, or are on their way."""

    def shed(self) -> int:
        """Messages given up so far."""

    def online(self) -> bool: ...

    def saving(self) -> bool | None:
        """Whether messages come to disk; None where they are not meant to. Any thread."""

    def close(self) -> None:
        """Say goodbye; waits for a second at most. Never raises."""


class BlackBox(RecordSink, Protocol):
    """The recorder as the shell has it: `put` and `between` from the line's thread, `step` from a thread of its own."""

    def between(self, now_ns: int, memory: Callable[[], dict[str, object]]) -> None:
        """Called before each step of the line."""

    def step(self, now_ns: int) -> int:
        """Write what is due; returns when to be called again."""

    def well(self) -> bool:
        """Whether it could write when it last tried. Any thread."""

    def close(self) -> None:
        """Write what is left. Called last, by the thread that steps it. Never raises."""


class Scraped(RecordSink, Protocol):
    """The endpoint for scrapers as the shell has it: `put` from the line's thread, `serve` in a thread of its own."""

    def serve(self, is_over: Callable[[], bool]) -> None:
        """Answer until it is over. Never raises."""


class History(RecordSink, Protocol):
    """The ledger as the shell has it: `put` from any thread, `step` from a thread of its own."""

    def step(self, now_ns: int) -> int:
        """Write what is due; returns when to be called again."""

    def well(self) -> bool:
        """Whether it could write when it last tried. Any thread."""

    def close(self) -> None:
        """Write what is left, and sign it. By the thread that steps it. Never raises."""
