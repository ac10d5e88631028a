"""Warming up, with a clock made of paper."""

from itertools import count

from edge.datapath import Detection, Grades
from edge.warmup import ROUNDS, WITHIN_NS, warm_up
from tests.edge.profiles import demo

MS = 1_000_000


class Perception:
    """A detector and a grader that take the time they are told to."""

    bundle = "paper@0"

    def __init__(self, detect_ns, grade_ns, fruit=1):
        self.now_ns, self.rounds = 0, count()
        self.detect_ns, self.grade_ns, self.fruit = detect_ns, grade_ns, fruit

    def detect(self, frame):
        self.now_ns += self.detect_ns * (50 if next(self.rounds) == 0 else 1)
        seen = Detection((0, 0, 40, 40), 1.0, 1.0, 30.0, 30.0, False, frame.pixels, frame.pixels[..., 0])
        return [seen] * self.fruit

    def grade(self, detections):
        self.now_ns += self.grade_ns * len(detections)
        return [(Grades((1.0, 0.0, 0.0, 0.0), 0.0), 1.0)] * len(detections)

    def times(self):
        return warm_up(self, self, demo(), lambda: self.now_ns)


def test_the_first_round_only_warms_up():
    perception = Perception(4 * MS, MS)
    assert perception.times() == (4 * MS, MS)
    assert next(perception.rounds) == ROUNDS


def test_a_slow_computer_makes_two_rounds_and_no_more():
    perception = Perception(WITHIN_NS, MS)
    assert perception.times() == (WITHIN_NS, MS)
    assert next(perception.rounds) == 2


def test_an_inference_is_one_crops():
    assert Perception(4 * MS, MS, fruit=3).times() == (4 * MS, MS)


def test_a_detector_that_sees_nothing_leaves_the_grader_unmeasured():
    assert Perception(4 * MS, MS, fruit=0).times() == (4 * MS, 0)
