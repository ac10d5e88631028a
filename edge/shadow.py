"""Two bundles on the same fruit: one moves gates, the other looks over its shoulder, in time that would be idle.

A share of the fruit is graded by both, each look of theirs; what is counted is how many the other one would have sent
elsewhere. Nothing here comes back to the line: a crop is graded only where the next step is far enough away.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from edge.clock import Clock
from edge.datapath import Detection, Look, Record, Track, Verdict
from edge.grade.verdict import decide
from edge.gradings import Grading
from edge.inspection import INSPECTED, as_sorted
from edge.updates import Compared

MOST_CROPS = 64
"""That wait, copied: a crop as it comes keeps its whole frame in memory."""

MOST_FRUIT = 256
SPARE = 1.5
"""A crop is begun where so many times its length are left."""

_FADES = 0.98
"""The longest crop of late is forgotten by so much with each one."""


@dataclass(slots=True)
class _Pair:
    """A fruit that both grade: looks offered, and made."""

    offered: int = 0
    looks: list[Look] = field(default_factory=list)
    decided: tuple[Track, Verdict] | None = None


class Shadow:
    """Answers `ports.Aside`, and RecordSink. Belongs to the line's thread; `compared` may be read by any."""

    def __init__(self, grading: Grading, compared: Compared, share: float, crop_ns: int = 0) -> None:
        """`compared`: counted so far; `share` of the fruit are graded by both; `crop_ns`: what a crop takes."""
        self.grading = grading
        self.compared = compared
        self._share = share
        self._crop_ns = float(crop_ns)
        self._pairs: OrderedDict[str, _Pair] = OrderedDict()
        self._track: Track | None = None
        self._crops: deque[tuple[str, Detection]] = deque()

    def looked(self, seen: Sequence[tuple[str, Detection]]) -> None:
        """See `ports.Aside`."""
        for track_id, detection in seen:
            if not self._is_chosen(track_id) or len(self._crops) >= MOST_CROPS:
                continue
            if track_id not in self._pairs and len(self._pairs) >= MOST_FRUIT:
                self._pairs.popitem(last=False)
            self._pairs.setdefault(track_id, _Pair()).offered += 1
            own = replace(detection, crop=detection.crop.copy(), mask=detection.mask.copy())
            self._crops.append((track_id, own))

    def put(self, record: Record) -> None:
        """Answers RecordSink: a fruit's track, and then its verdict."""
        if isinstance(record, Track):
            self._track = record
        elif isinstance(record, Verdict) and self._track and self._track.track_id == record.track_id:
            self._decided(self._track, as_sorted(record))

    def give_up(self, why: str) -> None:
        """It cannot grade here: nothing more is compared, and `compared` says why."""
        self.compared = self.compared.model_copy(update={"why": why})
        self._crops.clear()
        self._pairs.clear()

    def _decided(self, track: Track, verdict: Verdict) -> None:
        pair = self._pairs.get(track.track_id)
        if pair is None:
            return
        # A fruit of another bundle's, or one of whose looks some were not offered, is no like for like.
        if (
            verdict.bundle != self.compared.beside
            or verdict.reason not in INSPECTED
            or pair.offered != len(track.looks)
        ):
            del self._pairs[track.track_id]
            return
        pair.decided = track, verdict
        self._compare(track.track_id, pair)

    def use(self, until_ns: int, clock: Clock) -> None:
        """Grade what waits, as far as there is time before the line is to step again."""
        while self._crops and (began_ns := clock()) + SPARE * self._crop_ns < until_ns:
            track_id, detection = self._crops.popleft()
            if pair := self._pairs.get(track_id):
                ((grades, sharpness),) = self.grading.grader.grade([detection])
                pair.looks.append(Look(track_id, 0, sharpness, grades.scores, grades.unknown_score, grades.features))
                self._crop_ns = max(float(clock() - began_ns), _FADES * self._crop_ns)
                self._compare(track_id, pair)

    def _is_chosen(self, track_id: str) -> bool:
        """Every so-manieth track, by its number: as many as the share says, evenly."""
        number = int(track_id.rpartition(".")[2])
        return int(number * self._share) != int((number - 1) * self._share)

    def _compare(self, track_id: str, pair: _Pair) -> None:
        if pair.decided is None or len(pair.looks) < pair.offered:
            return
        track, verdict = pair.decided
        del self._pairs[track_id]
        beside = Track(track_id, track.lane, track.belt_um, track.y_mm, track.length_mm, tuple(pair.looks))
        other = decide(beside, False, self.grading.policy, verdict.decided_at_ns)
        before = self.compared
        differ = before.differ + (other.outlet != verdict.outlet)
        self.compared = before.model_copy(update={"fruit": before.fruit + 1, "differ": differ})
