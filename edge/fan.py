"""One road to several listeners."""

from collections.abc import Iterable

from edge.datapath import Record
from edge.ports import RecordSink


class Fan:
    """Hands each record to every sink, in order."""

    def __init__(self, sinks: Iterable[RecordSink]) -> None:
        self._sinks = tuple(sinks)

    def put(self, record: Record) -> None:
        """Answers RecordSink."""
        for sink in self._sinks:
            sink.put(record)
