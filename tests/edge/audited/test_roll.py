import json
import random

from edge.audited.decay import decay_of
from edge.audited.roll import MOST, RECOVERED, REFERENCE, Drawn, Roll

AGREED = 0.9


def rolled(rights: list[bool], roll: Roll | None = None, begin: int = 0) -> Roll:
    roll = roll or Roll("a@1")
    for n, right in enumerate(rights, begin):
        roll.draw(Drawn(f"r.{n}", "red", 0.02, float(n)))
        roll.say(f"r.{n}", "anna", "red" if right else "green")
    return roll


def some(share: float, count: int, seed: int = 1) -> list[bool]:
    draw = random.Random(seed)
    return [draw.random() < share for _ in range(count)]


def test_the_newest_word_of_each_user_counts_and_null_takes_it_back() -> None:
    roll = rolled([True])
    roll.say("r.0", "bob", "green")
    roll.say("r.0", "anna", "turning")
    (drawn,) = roll
    assert drawn.inspected().words == {"turning": 1, "green": 1}
    for user in ("anna", "bob", "nobody"):
        roll.say("r.0", user, None)
    assert drawn.inspected().words == {}
    assert not roll.say("other.1", "anna", "red")


def test_the_test_of_decay_is_the_same_however_late_a_word_comes() -> None:
    rights = some(0.8, 60)
    late = Roll("a@1")
    for n in range(60):
        late.draw(Drawn(f"r.{n}", "red", 0.02, float(n)))
    for n in reversed(range(60)):
        late.say(f"r.{n}", "anna", "red" if rights[n] else "green")
    assert late.decay(AGREED) == rolled(rights).decay(AGREED) == decay_of(map(float, rights), AGREED)


def test_what_is_too_long_ago_to_be_kept_stays_in_the_test() -> None:
    rights = some(0.9, MOST + 40)
    roll = rolled(rights[:40])
    roll.decay(AGREED)
    rolled(rights[40:], roll, 40)
    assert len(roll) == MOST
    assert roll.decay(AGREED).fruit == MOST + 40


def test_a_file_gives_back_what_it_was_given() -> None:
    roll = rolled(some(0.8, 30))
    roll.decay(AGREED)
    roll.alarmed = True
    back = Roll.of(json.loads(json.dumps(roll.plain())))
    assert back.plain() == roll.plain()
    assert back.decay(AGREED) == roll.decay(AGREED)


def test_without_an_agreement_the_first_fruit_are_the_reference_and_are_not_tested() -> None:
    roll = rolled(some(0.95, REFERENCE - 1))
    assert roll.reference() is None
    rolled([True, False, True], roll, REFERENCE - 1)
    assert len(roll.reference()) == REFERENCE
    assert roll.decay(AGREED).fruit == 2


def test_it_is_well_again_once_enough_of_the_last_are_right() -> None:
    roll = rolled([False] * 50)
    roll.alarmed = True
    rolled([True] * (RECOVERED - 20), roll, 50)
    assert not roll.is_well_again(AGREED)
    rolled([True] * 20, roll, 50 + RECOVERED - 20)
    assert roll.is_well_again(AGREED)
    assert not roll.alarmed
    assert roll.decay(AGREED).fruit == 0


def test_the_window_reaches_back_from_the_last_reviewed() -> None:
    roll = rolled([True] * 10)
    for n in range(10, 15):
        roll.draw(Drawn(f"r.{n}", "red", 0.02, 1_000.0 + n))
    assert [one.track_id for one in roll.within(3.5)] == [f"r.{n}" for n in (6, 7, 8, 9, *range(10, 15))]
