"""A bundle in the shadow: graded in idle time, on the same looks, and never in the line's way."""

from collections.abc import Sequence
from dataclasses import replace

from edge.datapath import BELT_END, Detection, Grades, Look, Track, Verdict
from edge.grade.verdict import decide
from edge.gradings import Grading
from edge.shadow import MOST_CROPS, Shadow
from edge.updates import Compared
from tests.edge.test_line import GREEN, NO_MASK, PROFILE, RED, THRESHOLDS

MS = 1_000_000
CROP = Detection((0, 0, 1, 1), 0.0, 100.0, 60.0, 60.0, False, NO_MASK, NO_MASK)


class Grader:
    """Says the same of every crop, and takes its time on a clock of the test's."""

    bundle = "new@1"

    def __init__(self, grades: Grades = RED, takes_ns: int = 0) -> None:
        self.grades, self.takes_ns = grades, takes_ns
        self.now_ns = 0
        self.crops = 0

    def grade(self, detections: Sequence[Detection]) -> list[tuple[Grades, float]]:
        self.now_ns += self.takes_ns * len(detections)
        self.crops += len(detections)
        return [(self.grades, 1.0)] * len(detections)

    def clock(self) -> int:
        return self.now_ns


class Bench:
    """A shadow, and fruit that the bundle of the line grades beside it."""

    def __init__(self, grader: Grader, share: float = 1.0, crop_ns: int = 0) -> None:
        self.grader = grader
        self.policy = Grading.of(PROFILE, grader, THRESHOLDS).policy
        compared = Compared(bundle="new@1", beside="old@0")
        self.shadow = Shadow(Grading.of(PROFILE, grader, THRESHOLDS), compared, share, crop_ns)

    def fruit(self, number: int, grades: Grades = RED, offered: int = 3, bundle: str = "old@0", **more) -> None:
        track_id = f"run.{number}"
        looks = tuple(Look(track_id, n, 1.0, grades.scores, grades.unknown_score) for n in range(3))
        self.shadow.looked([(track_id, CROP)] * offered)
        track = Track(track_id, 0, 0, 100.0, 60.0, looks)
        verdict = decide(track, False, replace(self.policy, bundle=bundle), 0)
        self.shadow.put(track)
        self.shadow.put(replace(verdict, **more))

    def use(self, for_ns: int = 10**9) -> Compared:
        self.shadow.use(self.grader.now_ns + for_ns, self.grader.clock)
        return self.shadow.compared


def test_fruit_that_go_elsewhere_are_counted() -> None:
    bench = Bench(Grader(RED))
    for number, grades in enumerate((RED, GREEN, RED, GREEN, GREEN), 1):
        bench.fruit(number, grades)
    found = bench.use()
    assert (found.fruit, found.differ) == (5, 3)
    assert bench.grader.crops == 15


def test_a_share_of_the_fruit_is_graded_by_both_each_look_of_theirs() -> None:
    bench = Bench(Grader(), share=0.25)
    for number in range(1, 41):
        bench.fruit(number)
        bench.use()
    assert (bench.shadow.compared.fruit, bench.grader.crops) == (10, 30)


def test_a_crop_is_begun_only_where_it_ends_before_the_next_step() -> None:
    bench = Bench(Grader(takes_ns=4 * MS), crop_ns=4 * MS)
    bench.fruit(1)
    for _ in range(10):
        bench.use(for_ns=5 * MS)
    assert bench.grader.crops == 0
    for crops in (1, 2, 3):
        bench.use(for_ns=7 * MS)
        assert bench.grader.crops == crops
    assert bench.shadow.compared.fruit == 1


def test_one_that_takes_longer_than_it_did_is_begun_less_often() -> None:
    grader = Grader(takes_ns=4 * MS)
    bench = Bench(grader, crop_ns=4 * MS)
    bench.fruit(1)
    grader.takes_ns = 10 * MS
    bench.use(for_ns=7 * MS)
    for _ in range(10):
        bench.use(for_ns=7 * MS)
    assert grader.crops == 1


def test_what_was_not_the_bundle_s_own_word_is_not_compared() -> None:
    bench = Bench(Grader(GREEN))
    bench.fruit(1, reason="crowded", outlet=BELT_END)
    bench.fruit(2, reason="shed", outlet=BELT_END)
    bench.fruit(3, bundle="older@0")
    bench.fruit(4, offered=2)  # for one of its looks there was no time
    assert bench.use() == Compared(bundle="new@1", beside="old@0")


def test_a_doubt_of_one_of_the_two_is_a_disagreement() -> None:
    bench = Bench(Grader(Grades((0.3, 0.4, 0.3, 0.0), 0.0)))
    bench.fruit(1)
    assert bench.use().differ == 1


def test_crops_that_nobody_has_time_for_are_bounded() -> None:
    bench = Bench(Grader())
    for number in range(1_000):
        bench.fruit(number)
    assert bench.use().fruit <= MOST_CROPS // 3
    assert bench.grader.crops <= MOST_CROPS
    assert not bench.shadow._crops


def test_a_verdict_without_its_track_is_passed_over() -> None:
    bench = Bench(Grader())
    bench.shadow.put(Verdict("run.9", "red", 1.0, 0.0, RED.scores, "red", "graded", 0, "old@0", "p"))
    assert bench.use().fruit == 0
