"""Hears when a device has begun to sort."""

from __future__ import annotations

from collections.abc import Callable

from edge.datapath import Verdict


class FirstVerdict:
    """A RecordSink: the machine sorts from the first verdict on."""

    def __init__(self, sorts: Callable[[], None]) -> None:
        self._sorts = sorts
        self._said = False

    def put(self, record: object) -> None:
        if not self._said and isinstance(record, Verdict):
            self._said = True
            self._sorts()
