"""The collector's loop: hear, keep, turn into Parquet when it is time, and come back when the broker was away."""

from collections.abc import Callable
from datetime import UTC, datetime

from edge.clock import now_ns, sleep_until
from edge.config import Telemetry
from edge.errors import BrokerFault
from edge.log import Log
from plant.archive import Archive
from plant.subscriber import Subscriber

NS = 1_000_000_000
MOST_ROWS = 50_000
"""A file of lines is turned into Parquet when it has so many, and by then all of it fits into memory."""
LONGEST_WAIT_NS = 30 * NS

_log = Log("collect")


class Collector:
    """One of those that share a group. `run` ends when `is_over` says so."""

    def __init__(self, settings: Telemetry, name: str, group: str | None, archive: Archive, every_s: float) -> None:
        self._settings = settings
        self._name = name
        self._group = group
        self._archive = archive
        self._every_ns = round(every_s * NS)
        self.heard = self.rejected = 0

    def run(self, is_over: Callable[[], bool]) -> None:
        """Raises BrokerFault where the first connect fails; later ones are tried again and again. A disk that takes
        nothing is waited for: what is not kept is not acknowledged, and the broker says it again."""
        self._turn()  # what a crash has left
        turn_at_ns = now_ns() + self._every_ns
        subscriber: Subscriber | None = self._connect()
        failures = 0
        while not is_over():
            try:
                subscriber = subscriber or self._connect()
                self.heard += subscriber.serve(0.2)
                failures = 0 if subscriber.accepted else failures
            except (BrokerFault, OSError) as fault:
                self._lose(subscriber, fault)
                subscriber, failures = None, failures + 1
                self._wait(min(LONGEST_WAIT_NS, NS // 4 << failures), is_over)
            if now_ns() >= turn_at_ns or self._archive.journal.rows >= MOST_ROWS:
                self._turn()
                turn_at_ns = now_ns() + self._every_ns
        if subscriber:
            self._lose(subscriber, None)
        self._turn()

    def _turn(self) -> None:
        try:
            self._archive.turn(datetime.now(UTC))
        except OSError as error:
            _log.warning("nothing becomes Parquet: lines are kept, and it is tried again", reason=_why(error))

    def _connect(self) -> Subscriber:
        return Subscriber(self._settings, self._name, self._group, self._archive.keep)

    def _lose(self, subscriber: Subscriber | None, fault: BrokerFault | OSError | None) -> None:
        if isinstance(fault, OSError):
            _log.warning("the disk takes nothing, collecting on when it does", reason=_why(fault))
        elif fault:
            _log.warning("no broker, collecting on when it is back", reason=str(fault))
        if subscriber:
            self.rejected += subscriber.rejected
            subscriber.close()

    def _wait(self, wait_ns: int, is_over: Callable[[], bool]) -> None:
        until_ns = now_ns() + wait_ns
        while now_ns() < until_ns and not is_over():
            sleep_until(min(until_ns, now_ns() + NS // 10))


def _why(error: OSError) -> str:
    return f"{error.filename or 'the history'}: {error.strerror}; free some room there"
