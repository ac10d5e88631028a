"""The first hour at a real terminal, on the simulated machine: driven by a script, interrupted and gone on with."""

import pytest

from edge.config import load_profile
from edge.setup.progress import beside, read_progress
from tests.live.terminal import Terminal, at_terminal, lent

SCENARIO = 'extends = "clean"\nabout = "the small reference machine"\nprofile = "one-lane"\n'
_TRIES = 5
GATES = ("red", "turning", "green", "damaged")


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    scenario = tmp_path_factory.mktemp("lent") / "first-hour.toml"
    scenario.write_text(SCENARIO, encoding="utf-8")
    with lent(str(scenario)) as running:
        yield running


def go_on(person: Terminal, question: str) -> None:
    """A computer that is busy with other tests loses frames, and is told of it: that is no reason to stop here."""
    if person.expect_one("Something is at fault.", question) != question:
        person.answer("Something is at fault.", "go on")


def choose_and_wire(person: Terminal) -> None:
    for question, typed in (
        ("Which board", "another"),
        ("Which machine", "one"),
        ("Which camera", ""),
        ("Name of the site", "north"),
        ("Name of the machine", ""),
        ("Broker", "none"),
    ):
        person.answer(question, typed)
    assert "[gates.turning] pin  the gate's driver" in person.answer("Is all of it wired?", "yes")


def move(person: Terminal, gate: str) -> None:
    person.answer(f"Open {gate} (pin", "yes")
    person.answer("Did it open and close", "yes")


def sort(person: Terminal) -> str:
    """What was shown until ten had fallen. A machine that stops itself is asked again, as its service would start it
    again."""
    asked = "Did they fall where they should?"
    person.answer("Sort now?", "yes")
    tries = 1
    while person.expect_one("Sort now?", asked, within_s=120.0) != asked:
        assert tries < _TRIES, person.shown[-2000:]
        person.answer("Sort now?", "yes")
        tries += 1
    return person.answer(asked, "yes")


@pytest.mark.timeout(300)
def test_the_first_hour_is_driven_to_its_end_and_goes_on_where_it_was_interrupted(machine, tmp_path) -> None:
    profile = tmp_path / "profile.toml"
    with at_terminal(machine.machine, "setup", "--profile", str(profile)) as person:
        choose_and_wire(person)
        go_on(person, "Does it run?")
        person.answer("Does it run?", "yes")
        go_on(person, "Go along the gates?")
        person.answer("Go along the gates?", "yes")
        for gate in GATES[:2]:
            move(person, gate)
        person.expect(f"Open {GATES[2]} (pin")
        person.interrupt()
        person.expect("Nothing is lost")
        assert person.end() == 0
    assert read_progress(beside(profile)).gates == dict.fromkeys(GATES[:2], "good")
    # What a person does with an editor: a computer that is busy with other tests is forgiven more.
    template = profile.read_text(encoding="utf-8")
    profile.write_text(template.replace("heartbeat_ms = 100", "heartbeat_ms = 1000"), encoding="utf-8")
    with at_terminal(machine.machine, "setup", "--profile", str(profile)) as person:
        person.expect("This was begun before; done: choose, wire. It goes on with: test.")
        person.answer("Does it run?", "yes")
        go_on(person, "Go along the gates?")
        assert "Gates to be tried: green, damaged." in person.answer("Go along the gates?", "yes")
        for gate in GATES[2:]:
            move(person, gate)
        person.answer("Calibrate now?", "later")
        assert "10  gate " in sort(person)
        person.expect("Done. From now on")
        assert person.end() == 0
    assert load_profile(profile).site == "north"
    assert read_progress(beside(profile)).done[-1] == "done"
