"""When the machine counts as standing in the safe state."""

from edge.datapath import BeltSample, Incident, Verdict
from sim.hosted import Spells
from sim.wires import Lost


def verdict(track_id: str, at_ns: int) -> Verdict:
    return Verdict(track_id, "red", 1.0, 0.0, (), "red", "graded", at_ns, "b", "p")


def test_a_run_begins_in_the_safe_state_until_its_first_verdict():
    spells = Spells(100)
    assert spells.spells == [(100, None)]
    assert spells.hear(verdict("a.1", 500))
    assert spells.spells == [(100, 500)]
    assert not spells.hear(verdict("a.2", 600))


def test_a_spell_lasts_from_the_last_word_of_the_dead_line_to_the_first_verdict_of_the_next():
    spells = Spells(100)
    spells.hear(verdict("a.1", 500))
    spells.hear(BeltSample(700, 0, 0))
    spells.lose(Lost(900))
    assert spells.spells == [(100, 500), (700, None)]
    assert spells.hear(verdict("b.1", 1_500))
    assert spells.spells == [(100, 500), (700, 1_500)]


def test_a_gate_process_lost_twice_before_a_verdict_is_one_spell():
    spells = Spells(100)
    spells.lose(Lost(200))
    spells.lose(Lost(300))
    assert spells.spells == [(100, None)]


def test_a_verdict_of_the_dead_run_that_arrives_late_does_not_end_the_spell():
    spells = Spells(100)
    spells.hear(verdict("a.1", 500))
    spells.lose(Lost(600))
    assert not spells.hear(verdict("a.2", 590))
    assert spells.spells[-1][1] is None


def test_a_spell_lasts_as_long_as_any_error_stands_and_no_warning_makes_one():
    spells = Spells(100)
    spells.hear(verdict("a.1", 500))
    for at_ns, code, state in (
        (550, "overload", "raised"),
        (600, "e_stop", "raised"),
        (700, "e_stop", "cleared"),
    ):
        spells.hear(Incident(at_ns, code, state))
    assert spells.spells == [(100, 500), (600, 700)]


def test_a_machine_that_starts_with_its_stop_pressed_stays_in_its_first_spell_until_it_is_released():
    spells = Spells(100)
    spells.hear(Incident(200, "e_stop", "raised"))
    spells.hear(verdict("a.1", 500))
    assert spells.spells == [(100, None)]
    spells.hear(Incident(900, "e_stop", "cleared"))
    assert spells.spells == [(100, 900)]


def test_the_word_of_a_run_that_ends_does_not_outlast_it():
    spells = Spells(100)
    spells.hear(verdict("a.1", 500))
    spells.hear(BeltSample(600, 0, 0))
    spells.hear(Incident(600, "camera_lost", "raised"))
    spells.lose(Lost(600))
    spells.hear(verdict("b.1", 900))
    assert spells.spells == [(100, 500), (600, 900)]
