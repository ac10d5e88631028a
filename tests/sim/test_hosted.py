"""When the machine counts as standing in the safe state."""

from edge.datapath import BeltSample, Verdict
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
