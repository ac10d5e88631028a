"""One road to several listeners, and to several who look over the line's shoulder."""

from collections.abc import Iterable, Sequence

from edge.datapath import Detection, Record
from edge.log import Log
from edge.ports import Aside, RecordSink

_LOG = Log("line")


class Fan:
    """Hands each record to every sink, in order. What goes wrong in one of `spare`, which the line can do without, is
    said once, and it hears no more."""

    def __init__(self, sinks: Iterable[RecordSink], spare: Iterable[RecordSink] = ()) -> None:
        self._sinks = tuple(sinks)
        self._spare = tuple(spare)

    def put(self, record: Record) -> None:
        """Answers RecordSink."""
        for sink in self._sinks:
            sink.put(record)
        for sink in self._spare:
            try:
                sink.put(record)
            except Exception as fault:
                self._spare = tuple(one for one in self._spare if one is not sink)
                _LOG.warning("goes on without a listener", of=type(sink).__name__, why=repr(fault))


class AsideFan:
    """Shows the looks to each of them, in order. What goes wrong in one is said once, and it sees no more."""

    def __init__(self, asides: Iterable[Aside]) -> None:
        self._asides = tuple(asides)

    def looked(self, seen: Sequence[tuple[str, Detection]]) -> None:
        """Answers ports.Aside."""
        for aside in self._asides:
            try:
                aside.looked(seen)
            except Exception as fault:
                self._asides = tuple(one for one in self._asides if one is not aside)
                _LOG.warning("goes on without an onlooker", of=type(aside).__name__, why=repr(fault))
