"""Counts the records of a run and times its steps; makes a Health of them when it is asked to."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence

from edge.datapath import Detection, Grades, Health, LineState, Outcome, Record, Track, Verdict
from edge.ports import Grader

_WINDOW = 4096
"""Times kept between two Healths, at most: two minutes of frames."""


class Meter:
    """A RecordSink. Belongs to the thread that makes the records."""

    def __init__(self) -> None:
        self._tracks = self._verdicts = 0
        self._results = {"fired": 0, "late": 0, "refused": 0}
        self._shed = 0
        self._steps_ns: deque[int] = deque(maxlen=_WINDOW)
        self._inferences_ns: deque[int] = deque(maxlen=_WINDOW)
        self._late_ns: deque[int] = deque(maxlen=_WINDOW)

    def put(self, record: Record) -> None:
        match record:
            case Track():
                self._tracks += 1
            case Verdict(reason=reason):
                self._verdicts += 1
                self._shed += reason == "shed"
            case Outcome(result=result, late_ns=late_ns):
                self._results[result] += 1
                if result == "fired":
                    self._late_ns.append(late_ns)
            case _:
                pass

    def stepped(self, took_ns: int) -> None:
        """A step with a frame took so long."""
        self._steps_ns.append(took_ns)

    def graded(self, took_ns: int) -> None:
        """The grading of one crop took so long, in the middle where several were graded together."""
        self._inferences_ns.append(took_ns)

    def health(
        self,
        now_ns: int,
        state: LineState,
        frames: int,
        frames_dropped: int,
        queued_messages: int = 0,
        shed_messages: int = 0,
        online: bool = False,
    ) -> Health:
        """The counters so far, and the times since the last call, which begins a new window. 0.0 where nothing was
        timed."""
        health = Health(
            at_ns=now_ns,
            state=state,
            frames=frames,
            frames_dropped=frames_dropped,
            tracks=self._tracks,
            verdicts=self._verdicts,
            fired=self._results["fired"],
            late=self._results["late"],
            refused=self._results["refused"],
            step_p50_ms=percentile_ms(self._steps_ns, 0.5),
            step_p99_ms=percentile_ms(self._steps_ns, 0.99),
            inference_p50_ms=percentile_ms(self._inferences_ns, 0.5),
            gate_late_p99_ms=percentile_ms(self._late_ns, 0.99),
            queued_messages=queued_messages,
            shed_messages=shed_messages,
            broker="online" if online else "offline",
            shed=self._shed,
        )
        for times in (self._steps_ns, self._inferences_ns, self._late_ns):
            times.clear()
        return health


class TimedGrader:
    """A grader whose every call is told to a meter. Answers `edge.ports.Grader`."""

    def __init__(self, grader: Grader, meter: Meter, now_ns: Callable[[], int]) -> None:
        self._grader = grader
        self._meter = meter
        self._now_ns = now_ns

    @property
    def bundle(self) -> str:
        return self._grader.bundle

    def grade(self, detections: Sequence[Detection]) -> list[tuple[Grades, float]]:
        began_ns = self._now_ns()
        graded = self._grader.grade(detections)
        if detections:
            self._meter.graded((self._now_ns() - began_ns) // len(detections))
        return graded


def percentile_ms(times_ns: Iterable[int], fraction: float) -> float:
    """The first of the times, by length, that `fraction` of them come before, in milliseconds; 0.0 of none."""
    ordered = sorted(times_ns)
    return ordered[min(len(ordered) - 1, int(fraction * len(ordered)))] / 1e6 if ordered else 0.0
