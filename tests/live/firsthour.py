"""The script of a first hour: `sorter setup` at a pseudo-terminal, interrupted once and gone on with."""

from dataclasses import dataclass
from pathlib import Path

from edge.clock import now_ns
from edge.config import Profile, load_profile
from edge.setup.hour import STEPS
from edge.setup.progress import beside, read_progress
from tests.live.terminal import Lent, Terminal, at_terminal

SCENARIO = 'extends = "clean"\nabout = "the small reference machine"\nprofile = "one-lane"\n'
_TRIES = 5
GATES = ("red", "turning", "green", "damaged")


@dataclass(frozen=True, slots=True)
class Driven:
    """What came of it: exit statuses of the two starts, gates that were good when it was interrupted, what the second
    start asked again, the profile in the end, and the seconds that all of it took."""

    statuses: tuple[int, int]
    before: dict[str, str]
    asked_again: bool
    fallen: str
    profile: Profile
    done: bool
    seconds: float


def drive(machine: Lent, path: Path) -> Driven:
    """To the end. Raises AssertionError where something is not shown in its time."""
    began_ns = now_ns()
    with at_terminal(machine.machine, "setup", "--profile", str(path)) as person:
        choose_and_wire(person)
        person.answer("Does it run?", "yes")
        go_on(person, "Go along the gates?")
        person.answer("Go along the gates?", "yes")
        for gate in GATES[:2]:
            move(person, gate)
        person.expect(f"Open {GATES[2]} (pin")
        person.interrupt()
        person.expect("Nothing is lost")
        first = person.end()
    before = dict(read_progress(beside(path)).gates)
    # What a person does with an editor: a computer that is busy with something else is forgiven more.
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("heartbeat_ms = 100", "heartbeat_ms = 1000"), encoding="utf-8")
    with at_terminal(machine.machine, "setup", "--profile", str(path)) as person:
        person.expect("This was begun before; done: choose, wire. It goes on with: test.")
        person.answer("Does it run?", "yes")
        go_on(person, "Go along the gates?")
        person.answer("Go along the gates?", "yes")
        for gate in GATES[2:]:
            move(person, gate)
        asked_again = any(f"Open {gate} (pin" in person.shown for gate in GATES[:2])
        calibrate(person, machine)
        fallen = sort(person)
        person.expect("Done. From now on")
        second = person.end()
    done = read_progress(beside(path)).done == tuple(step.name for step in STEPS)
    seconds = (now_ns() - began_ns) / 1e9
    return Driven((first, second), before, asked_again, fallen, load_profile(path), done, seconds)


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


def calibrate(person: Terminal, machine: Lent) -> None:
    """Light and camera: the small machine has no sensors behind its gates."""
    person.answer("Calibrate now?", "yes")
    for asked, laid in (("belt run empty", "nothing"), ("carry the board", "board")):
        person.expect(asked)
        machine.lay(laid)
        person.answer("Ready?", "yes")
    person.expect("is written", 120.0)
    machine.lay("fruit")


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
