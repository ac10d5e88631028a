"""The meter behind Health."""

import pytest

from edge.datapath import GatePulse, Grades, Outcome, Track, Verdict
from edge.health import Meter, TimedGrader, percentile_ms

MS = 1_000_000
PULSE = GatePulse("r.1", "red_0", 0, 1, 0, 0)


def test_records_are_counted_by_kind_and_result():
    meter = Meter()
    meter.put(Track("r.1", 0, 0, 0.0, 50.0, ()))
    meter.put(Verdict("r.1", "red", 1.0, 0.0, (), "red", "graded", 0, "b", "p"))
    for result in ("fired", "fired", "late", "refused"):
        meter.put(Outcome(PULSE, result, None, 0))
    health = meter.health(7, "sorting", frames=3, frames_dropped=1)
    assert (health.tracks, health.verdicts, health.fired, health.late, health.refused) == (1, 1, 2, 1, 1)
    assert (health.frames, health.frames_dropped, health.at_ns) == (3, 1, 7)


def test_fruit_that_are_shed_are_counted():
    meter = Meter()
    meter.put(Verdict("r.1", "red", 1.0, 0.0, (), "end", "shed", 0, "b", "p"))
    for _ in range(2):
        assert meter.health(0, "sorting", 1, 0).shed == 1


def test_counters_last_and_times_begin_anew_with_every_window():
    meter = Meter()
    meter.put(Outcome(PULSE, "fired", 0, 4 * MS))
    meter.stepped(9 * MS)
    first = meter.health(0, "sorting", 1, 0)
    second = meter.health(0, "sorting", 1, 0)
    assert (first.fired, first.gate_late_p99_ms, first.step_p50_ms) == (1, 4.0, 9.0)
    assert (second.fired, second.gate_late_p99_ms, second.step_p50_ms) == (1, 0.0, 0.0)


def test_a_refused_pulse_does_not_count_as_gate_lateness():
    meter = Meter()
    meter.put(Outcome(PULSE, "late", None, 80 * MS))
    assert meter.health(0, "sorting", 0, 0).gate_late_p99_ms == 0.0


@pytest.mark.parametrize(("fraction", "expected"), [(0.5, 51.0), (0.99, 100.0), (0.0, 1.0)])
def test_a_percentile_is_one_of_the_times(fraction, expected):
    assert percentile_ms([n * MS for n in range(100, 0, -1)], fraction) == expected


GRADED = (Grades((1.0, 0.0, 0.0, 0.0), 0.0), 2.0)


def test_grading_is_timed_by_the_crop_and_passed_on():
    class Fixed:
        bundle = "b@1"

        def grade(self, detections):
            return [GRADED] * len(detections)

    ticks = iter((10 * MS, 16 * MS))
    meter = Meter()
    timed = TimedGrader(Fixed(), meter, lambda: next(ticks))
    assert timed.grade([None, None]) == [GRADED, GRADED]
    assert timed.bundle == "b@1"
    assert meter.health(0, "sorting", 0, 0).inference_p50_ms == 3.0
