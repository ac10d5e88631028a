"""One road to several listeners, and to several who look over the line's shoulder."""

from collections.abc import Iterable, Sequence

from edge.datapath import Detection, Record
from edge.ports import Aside, RecordSink


class Fan:
    """Hands each record to every sink, in order."""

    def __init__(self, sinks: Iterable[RecordSink]) -> None:
        self._sinks = tuple(sinks)

    def put(self, record: Record) -> None:
        """Answers RecordSink."""
        for sink in self._sinks:
            sink.put(record)


class AsideFan:
    """Shows the looks to each of them, in order."""

    def __init__(self, asides: Iterable[Aside]) -> None:
        self._asides = tuple(asides)

    def looked(self, seen: Sequence[tuple[str, Detection]]) -> None:
        """Answers ports.Aside."""
        for aside in self._asides:
            aside.looked(seen)
