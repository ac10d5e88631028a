"""Counts what becomes of the fruit that a bundle grades: the update process holds a new bundle to the old by it."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

from edge.datapath import LABELS, Outcome, Record, StepInputs, Track, Verdict
from edge.inspection import INSPECTED, as_sorted
from edge.updates import Figures, read_figures, write_figures

DAMAGED = LABELS[-1]
RIPENESS = len(LABELS) - 1
AUDITABLE = 4_096
"""Fruit that a person may still put right: hours of a slow line, minutes of a fast one."""


class Quality:
    """A RecordSink. `put` and `audit` belong to the thread that makes the records, `step` and `close` to one that may
    wait. Counting goes on where the bundle's last run ended, and begins anew with each bundle that takes over."""

    def __init__(self, folder: Path, bundle: str) -> None:
        self._folder = folder
        found = read_figures(folder)
        self._noted = found if found.bundle == bundle else Figures(bundle=bundle)
        self._count = _Count(self._noted)
        self._torn = False
        self._labels: OrderedDict[str, str] = OrderedDict()

    def put(self, record: Record) -> None:
        """Answers RecordSink: a fruit's track, then its verdict."""
        if isinstance(record, Track):
            self._torn = is_torn(record)
        elif isinstance(record, Verdict):
            self._judged(as_sorted(record), drawn=record.audit is not None)
        elif isinstance(record, Outcome):
            self._count.late += record.result == "late"
        elif isinstance(record, StepInputs) and record.adopted and record.adopted.bundle != self._count.bundle:
            self._count = _Count(Figures(bundle=record.adopted.bundle))

    def audit(self, track_id: str, label: str) -> None:
        """A person says what a fruit really was. One that was not drawn for the audit is passed over, since what people
        choose to judge is what a bundle doubts; so is one that is too long ago, or another bundle's."""
        called = self._labels.pop(track_id, None)
        if called is not None:
            self._count.wrong += called != label
            self._count.audited += 1

    def step(self) -> None:
        """Note what has changed."""
        figures = self._count.figures()
        if figures != self._noted:
            self._noted = figures
            write_figures(self._folder, figures)

    def _judged(self, verdict: Verdict, *, drawn: bool) -> None:
        count = self._count
        if verdict.bundle != count.bundle:
            return  # the last fruit of the one before
        count.late += verdict.reason == "shed"
        if verdict.reason not in INSPECTED:
            return
        count.doubtful += verdict.reason == "doubtful"
        count.unknown += verdict.reason == "unknown"
        count.damaged += verdict.reason == "graded" and verdict.label == DAMAGED
        count.torn += self._torn
        count.fruit += 1  # last, so that a part is never more than the whole
        if not drawn:
            return
        self._labels[verdict.track_id] = verdict.label
        if len(self._labels) > AUDITABLE:
            self._labels.popitem(last=False)


class _Count:
    """What is counted of one bundle, while it is counted."""

    def __init__(self, begun: Figures) -> None:
        self.bundle = begun.bundle
        self.fruit, self.doubtful, self.unknown = begun.fruit, begun.doubtful, begun.unknown
        self.damaged, self.torn, self.late = begun.damaged, begun.torn, begun.late
        self.audited, self.wrong = begun.audited, begun.wrong

    def figures(self) -> Figures:
        """Parts first: another thread may count on."""
        return Figures(
            bundle=self.bundle,
            wrong=self.wrong,
            audited=self.audited,
            late=self.late,
            torn=self.torn,
            damaged=self.damaged,
            unknown=self.unknown,
            doubtful=self.doubtful,
            fruit=self.fruit,
        )


def is_torn(track: Track) -> bool:
    """Whether its looks, each alone, call it by more than one ripeness."""
    called = {max(range(RIPENESS), key=look.scores.__getitem__) for look in track.looks}
    return len(called) > 1
