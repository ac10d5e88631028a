"""The line's part in the audit: a fruit that is drawn goes to inspection, whatever its verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from edge.audited.draw import Sampled, Sampling, drawn
from edge.datapath import Detection, Reason, Verdict

INSPECTED = ("graded", "unknown", "doubtful")
"""The reasons for which a bundle answers. Fruit that are crowded, shed or lost say nothing of it, and are not drawn."""


MOST_SHOWN = 2
"""Looks at drawn fruit that a step in a hurry still shows: each is the copy of a crop, some ten microseconds."""


def as_sorted(verdict: Verdict) -> Verdict:
    """As it would have been without the audit."""
    audit = verdict.audit
    if audit is None:
        return verdict
    return replace(verdict, outlet=audit.outlet, reason=cast("Reason", audit.reason), audit=None)


class Inspection:
    """A line's. Belongs to its thread. Nothing is drawn until somebody offers by which chance."""

    def __init__(self, outlet: str) -> None:
        self._outlet = outlet
        self._sampling: Sampling | None = None
        self._offered: Sampling | None = None

    def offer(self, sampling: Sampling) -> None:
        """It holds from the next step on."""
        self._offered = sampling

    def begin(self) -> Sampling | None:
        """A step begins: what was offered holds. None where that is nothing new."""
        sampling, self._offered = self._offered, None
        if sampling is not None:
            self._sampling = sampling
        return sampling

    def of(self, verdict: Verdict) -> Verdict | None:
        """The verdict of a fruit that is drawn; None where it is not."""
        sampling = self._sampling
        if sampling is None or verdict.reason not in INSPECTED or not drawn(sampling, verdict.track_id):
            return None
        audit = Sampled(sampling.share, verdict.outlet, verdict.reason)
        return replace(verdict, outlet=self._outlet, reason="audited", audit=audit)

    def shown(self, made: Sequence[tuple[str, Detection]]) -> list[tuple[str, Detection]]:
        """Of the looks of a step in a hurry those that are shown aside all the same: at drawn fruit, which stand for
        all others. Nobody can judge them without their pictures, and those of a rush are not like the rest."""
        sampling = self._sampling
        return [one for one in made if drawn(sampling, one[0])][:MOST_SHOWN] if sampling else []
