"""A line changes its bundle while fruit are in view: each is graded to its end by the bundle that saw it first."""

from collections.abc import Sequence

import numpy as np

from edge.datapath import BeltSample, Detection, Frame, Grades, StepInputs, Verdict
from edge.gradings import Grading
from edge.line import Line
from tests.edge.test_line import FRAME_NS, GREEN, PROFILE, RED, SPEED_UM_S, THRESHOLDS, World

PITCH_UM = 120_000


class Other:
    """Another bundle, which calls every fruit green; it counts the crops that it was given."""

    bundle = "other@1"

    def __init__(self) -> None:
        self.graded = 0

    def grade(self, detections: Sequence[Detection]) -> list[tuple[Grades, float]]:
        self.graded += len(detections)
        return [(GREEN, 1.0)] * len(detections)


class Run:
    """Fruit that pass, four in view at a time; `change` offers another bundle at a frame."""

    def __init__(self) -> None:
        self.world = World([n * PITCH_UM for n in range(20)])
        self.line = Line(PROFILE, "r", self.world, self.world, self.world, self.world, self.world, THRESHOLDS)
        self.frame = 0

    def frames(self, count: int) -> None:
        for _ in range(count):
            now_ns = self.frame * FRAME_NS
            self.world.said.append(BeltSample(now_ns, now_ns * SPEED_UM_S // 10**9, SPEED_UM_S))
            self.world.frame = Frame("c", self.frame, now_ns, np.zeros((2, 2, 3), np.uint8))
            self.line.step(now_ns + 1)
            self.frame += 1

    def verdicts(self) -> list[Verdict]:
        return [record for record in self.world.records if isinstance(record, Verdict)]


def grading(grader: Other) -> Grading:
    return Grading.of(PROFILE, grader, THRESHOLDS, "there")


def test_a_fruit_is_graded_to_its_end_by_the_bundle_of_its_first_look() -> None:
    run, other = Run(), Other()
    run.frames(40)
    in_view = {followed.track_id for followed in run.line._tracker.all() if followed.looks}
    assert len(in_view) >= 3
    run.line.gradings.offer(grading(other))
    run.frames(40)
    of = {verdict.track_id: verdict for verdict in run.verdicts()}
    assert {of[track].bundle for track in in_view} == {"test@0"}
    later = [verdict for verdict in run.verdicts()[-3:] if verdict.track_id not in in_view]
    assert {(verdict.bundle, verdict.label) for verdict in later} == {("other@1", "green")}
    assert {verdict.label for verdict in run.verdicts() if verdict.bundle == "test@0"} == {"red"}


def test_no_step_is_missed_and_the_old_bundle_is_let_go_with_its_last_fruit() -> None:
    run = Run()
    run.frames(40)
    run.line.gradings.offer(grading(Other()))
    run.frames(1)
    assert set(run.line.gradings.named.folders) == {"test@0", "other@1"}
    run.frames(40)
    assert run.line.gradings.named.folders == {"other@1": "there"}
    inputs = [record for record in run.world.records if isinstance(record, StepInputs)]
    assert [record.adopted.bundle for record in inputs if record.adopted] == ["other@1"]


def test_a_bundle_that_is_taken_back_at_once_grades_what_it_has_begun() -> None:
    run, other = Run(), Other()
    run.frames(40)
    run.line.gradings.offer(grading(other))
    run.frames(12)
    run.line.gradings.offer(Grading.of(PROFILE, run.world, THRESHOLDS))
    run.frames(60)
    bundles = [verdict.bundle for verdict in run.verdicts()]
    assert "other@1" in bundles
    assert bundles[0] == bundles[-1] == "test@0"
    assert all((verdict.label == "green") == (verdict.bundle == "other@1") for verdict in run.verdicts())
    assert list(run.line.gradings.named.folders) == ["test@0"]


def test_grades_come_in_the_order_of_the_crops_whoever_gives_them() -> None:
    run = Run()
    run.frames(40)
    run.line.gradings.offer(grading(Other()))
    run.frames(8)
    followed = sorted(run.line._tracker.all(), key=lambda one: one.belt_um)
    crop = Detection((0, 0, 1, 1), 0.0, 0.0, 1.0, 1.0, False, np.zeros((1, 1, 3), np.uint8), np.zeros((1, 1), np.uint8))
    beats: list[int] = []
    seen = [(one, crop) for one in (*followed, *reversed(followed), *followed)]
    graded = list(run.line.gradings.grade(seen, lambda: beats.append(1)))
    assert [grades == GREEN for grades, _ in graded] == [one.bundle == "other@1" for one, _ in seen]
    assert {grades == RED for grades, _ in graded} == {True, False}
    assert len(beats) == -(-len(seen) // 8)
