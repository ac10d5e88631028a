"""The audit on the simulated line in virtual time: the same fruit each time, in the report, and known from people."""

from pathlib import Path

import pytest

from edge.watch.auditfile import read_roll
from sim.fast import FastRun
from tests.edge.profiles import demo
from tests.sim.test_fast_people import run as judged
from tests.sim.worlds import scenario, setup


def run(share: float = 0.3, seed: int = 3) -> dict:
    return FastRun(setup(chosen=scenario(), profile=demo(audit={"share": share}), seed=seed)).run()


def test_a_share_of_the_fruit_runs_to_the_inspectors_and_is_reported() -> None:
    made = run()
    assert 5 <= made["audited"] <= 20  # of 40
    assert made["fates"]["unsure"] == made["audited"]
    assert made["fates"]["right"] == 40 - made["audited"]
    assert sum(row.get("audited", 0) for row in made["confusion"].values()) == made["audited"]
    assert made["outlets"]["end"]["fruit"] == made["audited"]


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_the_same_seed_draws_the_same_fruit(share) -> None:
    assert run(share) | {"wall_s": 0} == run(share) | {"wall_s": 0}


def test_without_an_audit_nothing_is_drawn() -> None:
    assert run(0.0)["audited"] == 0


@pytest.mark.slow
def test_what_a_person_says_by_command_is_on_the_roll_of_drawn_fruit(tmp_path: Path) -> None:
    person = judged(tmp_path, "desk")
    roll, share = read_roll(tmp_path)
    assert share == 0.2
    said = {drawn.track_id: drawn.words for drawn in roll if drawn.words}
    assert said
    assert set(said) <= set(person.judged)
    assert all(words == {"desk": "red"} for words in said.values())
