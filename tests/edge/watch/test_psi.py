from itertools import islice

from edge.watch.psi import MOVED, Moves
from tests.edge.watch.fruit import Season, fruit


def moves(season: Season) -> dict[str, float]:
    found = Moves()
    for one in islice(fruit(1), 800):
        found.learn(one)
    for one in islice(fruit(2, season), 1_500):
        found.take(one)
    return found.psi()


def test_what_has_not_moved_has_no_index_to_speak_of():
    assert max(moves(Season()).values()) < 0.1


def test_a_season_moves_the_mix_and_nothing_else():
    found = moves(Season(mix=(0.05, 0.15, 0.75, 0.05)))
    assert found.pop("mix") > MOVED
    assert max(found.values()) < 0.1


def test_doubt_that_grows_is_told_by_its_own_index():
    found = moves(Season(doubt=0.2))
    assert max(found, key=found.__getitem__) == "doubt"


def test_without_a_reference_nothing_has_moved():
    assert set(Moves().psi().values()) == {0.0}
