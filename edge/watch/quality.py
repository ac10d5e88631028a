"""Counts what becomes of the fruit that a bundle grades: the update process holds a new bundle to the old by it."""

from collections.abc import Callable
from pathlib import Path

from edge.datapath import LABELS, Record, Verdict
from edge.updates import Figures, Wish, read_figures, write_figures

NOTE_NS = 5_000_000_000
DAMAGED = LABELS[-1]
JUDGED = ("graded", "doubtful", "unknown")
"""The reasons for which a bundle answers; fruit that were crowded or shed say nothing of it."""


class Quality:
    """A RecordSink. `put` belongs to the thread that makes the records, `step` and `close` to one that may wait.
    Counting goes on where the bundle's last run ended."""

    def __init__(self, folder: Path, bundle: str, ask: Callable[[], Wish] = lambda: "") -> None:
        """`ask`: what the update process wishes of this run."""
        self.wish: Wish = ""
        """As of the last step. Any thread."""
        self._ask = ask
        self._folder = folder
        self._bundle = bundle
        found = read_figures(folder)
        self._noted = found if found.bundle == bundle else Figures(bundle=bundle)
        self._fruit, self._doubtful = self._noted.fruit, self._noted.doubtful
        self._unknown, self._damaged = self._noted.unknown, self._noted.damaged

    def put(self, record: Record) -> None:
        """Answers RecordSink."""
        if isinstance(record, Verdict) and record.reason in JUDGED:
            self._doubtful += record.reason == "doubtful"
            self._unknown += record.reason == "unknown"
            self._damaged += record.reason == "graded" and record.label == DAMAGED
            self._fruit += 1  # last, so that a part is never more than the whole

    def step(self, now_ns: int) -> int:
        """Note what has changed; returns when to be called again."""
        figures = Figures(
            bundle=self._bundle,
            damaged=self._damaged,
            unknown=self._unknown,
            doubtful=self._doubtful,
            fruit=self._fruit,
        )
        if figures != self._noted:
            self._noted = figures
            write_figures(self._folder, figures)
        self.wish = self._ask()
        return now_ns + NOTE_NS

    def close(self) -> None:
        """Note the last of them."""
        self.step(0)
