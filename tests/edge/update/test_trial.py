"""On probation: the machine stays up on the new bundle and grades no worse, or what ran before runs again."""

import random
from pathlib import Path

import pytest

from edge.update.journal import Journal
from edge.update.refusal import Refused
from edge.update.store import Store, note_running
from edge.update.trial import FEWEST_FRUIT, Probation, Shadowing, worse
from edge.updates import Compared, Figures, write_compared, write_figures

S = 1_000_000_000
OLD, NEW = "old@0123456789ab", "new@ba9876543210"
USUAL = Figures(bundle=OLD, fruit=5_000, doubtful=150, unknown=25, damaged=400)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


JOURNAL = Journal(state="probation", bundle=NEW, before=USUAL)


def judged(store: Store, figures: Figures, bundle: str = NEW, wanted: str = NEW) -> bool:
    """After a minute of one."""
    note_running(store.folder, bundle, "run-2", wanted)
    write_figures(store.folder, figures)
    probation = Probation(60 * S, 0.1)
    assert probation.judge(store, JOURNAL, 0) < 1
    return probation.judge(store, JOURNAL, 60 * S) >= 1


def good(fruit: int) -> Figures:
    return Figures(bundle=NEW, fruit=fruit, doubtful=fruit // 33, unknown=fruit // 200, damaged=fruit // 12)


def test_a_bundle_that_does_as_well_stays(store: Store) -> None:
    assert judged(store, good(FEWEST_FRUIT))


def test_without_fruit_nobody_knows(store: Store) -> None:
    assert not judged(store, good(FEWEST_FRUIT - 1))


def test_each_bundle_has_a_probation_of_its_own(store: Store) -> None:
    note_running(store.folder, NEW, "run-2", NEW)
    write_figures(store.folder, good(5_000))
    probation = Probation(60 * S, 0.1)
    assert probation.judge(store, JOURNAL, 0) == 0
    assert probation.judge(store, JOURNAL, 60 * S) == 1
    again = JOURNAL.model_copy(update={"word": 7})
    assert probation.judge(store, again, 3_600 * S) == 0
    assert probation.judge(store, again, 3_660 * S) == 1


def test_each_bundle_has_a_shadow_of_its_own(store: Store) -> None:
    """What the line graded while another stood there is not waiting in vain for this one."""
    first, second = Shadowing(300, 0.1), JOURNAL.model_copy(update={"bundle": "newer@cc9876543210"})
    write_compared(store.folder, Compared(bundle=NEW, beside=OLD))
    write_figures(store.folder, USUAL)
    assert first.judge(store, JOURNAL, 0) == 0
    write_figures(store.folder, USUAL.model_copy(update={"fruit": 50_000}))
    assert first.judge(store, JOURNAL, 1) > 1
    write_compared(store.folder, Compared(bundle=second.bundle, beside=OLD))
    assert first.judge(store, second, 2) == 0


def test_a_machine_that_has_not_heard_of_it_is_waited_for(store: Store) -> None:
    assert not judged(store, good(FEWEST_FRUIT), bundle=OLD, wanted=OLD)


def test_a_machine_that_came_back_on_the_old_bundle_did_not_stay_up(store: Store) -> None:
    with pytest.raises(Refused, match="did not stay up") as refused:
        judged(store, good(0), bundle=OLD)
    assert refused.value.why == "unsteady"


@pytest.mark.parametrize("name", ["doubtful", "unknown", "damaged", "torn"])
def test_a_bundle_that_rejects_far_more_is_taken_back(store: Store, name: str) -> None:
    with pytest.raises(Refused, match=f"{name}: 60 of 100 fruit") as refused:
        judged(store, good(100).model_copy(update={name: 60}))
    assert refused.value.why == "quality"


def graded(shares: dict[str, float], seed: int, most: int = 2_000) -> int | None:
    """Fruit until a bundle with these shares is taken back; None where it is not within so many."""
    chance = random.Random(seed)
    counts = dict.fromkeys(shares, 0)
    for fruit in range(1, most + 1):
        drawn = chance.random()
        for name, share in shares.items():
            if 0 <= drawn < share:
                counts[name] += 1
            drawn -= share
        if fruit % 10 == 0 and worse(USUAL, Figures(bundle=NEW, fruit=fruit, **counts)):
            return fruit
    return None


@pytest.mark.slow
def test_a_good_update_is_not_taken_back_by_chance() -> None:
    usual = {"doubtful": 0.03, "unknown": 0.005, "damaged": 0.08}
    assert [seed for seed in range(30) if graded(usual, seed) is not None] == []


@pytest.mark.slow
def test_an_update_that_doubts_a_third_of_the_fruit_is_taken_back_soon() -> None:
    needed = sorted(graded({"doubtful": 0.33, "unknown": 0.005, "damaged": 0.08}, seed) or 10_000 for seed in range(50))
    assert needed[25] <= 80
    assert needed[-1] <= 250


def test_a_machine_without_a_past_takes_nothing_back_for_its_figures() -> None:
    assert worse(Figures(), Figures(bundle=NEW, fruit=500, doubtful=500)) == ""


def test_a_bundle_that_makes_fruit_late_is_taken_back(store: Store) -> None:
    with pytest.raises(Refused, match="late: 60 of 160 fruit"):
        judged(store, good(100).model_copy(update={"late": 60}))


def test_what_people_say_of_fruit_counts_where_they_say_it() -> None:
    audited = USUAL.model_copy(update={"audited": 100, "wrong": 2})
    new = good(1_000).model_copy(update={"audited": 40, "wrong": 30})
    assert worse(audited, new) == f"wrong: 30 of 40 fruit; 2 of 100 on {OLD}"
    assert worse(USUAL, new) == ""


def test_a_bundle_that_sends_other_fruit_elsewhere_than_the_one_before_is_taken_back(store: Store) -> None:
    write_compared(store.folder, Compared(bundle=OLD, beside=NEW, fruit=100, differ=40))
    with pytest.raises(Refused, match=f"40 of 100 fruit go elsewhere by {OLD} than by {NEW}"):
        judged(store, good(100))


def test_fruit_that_the_shadow_never_saw_do_not_excuse_a_bundle(store: Store) -> None:
    journal = JOURNAL.model_copy(update={"shadow": Compared(bundle=NEW, beside=OLD, fruit=300, differ=2)})
    note_running(store.folder, NEW, "run-2", NEW)
    write_figures(store.folder, good(3_000))
    write_compared(store.folder, Compared(bundle=OLD, beside=NEW, fruit=1_500, differ=225))
    assert Probation(60 * S, 0.3).judge(store, JOURNAL, 0) == 0
    with pytest.raises(Refused, match="225 of 1500 fruit go elsewhere"):
        Probation(60 * S, 0.3).judge(store, journal, 0)


SHADOW = Journal(state="shadow", bundle=NEW)


def shadowed(store: Store, fruit: int, differ: int, why: str = "") -> float:
    write_figures(store.folder, Figures(bundle=OLD, fruit=10))
    write_compared(store.folder, Compared(bundle=NEW, beside=OLD, fruit=fruit, differ=differ, why=why))
    return Shadowing(300, 0.1).judge(store, SHADOW, 0)


def test_the_shadow_is_over_when_enough_fruit_went_the_same_way(store: Store) -> None:
    assert shadowed(store, 150, 6) == 0.5
    assert shadowed(store, 300, 12) == 1


def test_a_candidate_that_sends_fruit_elsewhere_is_refused(store: Store) -> None:
    with pytest.raises(Refused, match="30 of 80 fruit") as refused:
        shadowed(store, 80, 30)
    assert refused.value.why == "quality"


def test_a_candidate_that_cannot_grade_here_is_refused(store: Store) -> None:
    with pytest.raises(Refused, match="cannot run it") as refused:
        shadowed(store, 0, 0, "litert cannot run it")
    assert refused.value.why == "unsteady"


def test_what_was_compared_of_another_candidate_is_passed_over(store: Store) -> None:
    write_compared(store.folder, Compared(bundle="other@0", beside=OLD, fruit=300, differ=300))
    assert Shadowing(300, 0.1).judge(store, SHADOW, 0) == 0


def test_a_line_without_time_for_the_shadow_does_not_wait_for_ever(store: Store) -> None:
    write_compared(store.folder, Compared(bundle=NEW, beside=OLD))
    shadowing, done = Shadowing(300, 0.1), []
    for fruit in (1_000, 4_000, 7_000):
        write_figures(store.folder, Figures(bundle=OLD, fruit=fruit))
        done.append(shadowing.judge(store, SHADOW, 0))
    assert done == [0, 0.5, 1]


def test_without_a_shadow_there_is_none() -> None:
    assert Shadowing(0, 0.1).judge(Store(Path("nowhere")), SHADOW, 0) == 1
