"""The walk along the gates: nothing moves unasked, and everything is released at its end."""

import io
import os
from contextlib import suppress

import pytest
from gpiozero import LED, Device
from gpiozero.pins.mock import MockFactory

from edge.doctor.walk import LONGEST_MS, along, walk
from edge.person import AtTerminal, Gone
from tests.edge.doctor.persons import Scripted
from tests.edge.profiles import demo

PROFILE = demo()
GATES = list(PROFILE.gates)


class Pins:
    """Answers ports.GatePins."""

    def __init__(self):
        self.moved = []
        self.opened = set()

    def command(self, gate, is_open):
        self.moved.append((gate, is_open))
        (self.opened.add if is_open else self.opened.discard)(gate)
        return 0

    def release_all(self):
        self.opened.clear()


def walked(*answers, wait=lambda ms: None):
    pins, person = Pins(), Scripted(*answers)
    found = {}
    with suppress(Gone):
        for one in along(PROFILE, pins, person, wait):
            found[one.subject] = one
    assert not pins.opened
    return pins, person, found


def test_every_gate_moves_once_after_its_own_yes():
    pins, person, found = walked("yes", *["yes", "yes"] * len(GATES))
    assert pins.moved == [(gate, is_open) for gate in GATES for is_open in (True, False)]
    assert {one.verdict for one in found.values()} == {"good"}
    assert "Keep hands" in person.heard[0]


@pytest.mark.parametrize("answers", [("no",), ("",)])
def test_without_a_yes_nothing_moves_at_all(answers):
    pins, _, found = walked(*answers)
    assert pins.moved == []
    assert list(found) == GATES
    assert {one.verdict for one in found.values()} == {"not checked"}


def test_a_gate_that_is_not_to_be_moved_is_left_out_and_enter_alone_is_no_yes():
    pins, _, found = walked("yes", "", *["no"] * (len(GATES) - 1))
    assert pins.moved == []
    assert {one.verdict for one in found.values()} == {"not checked"}


def test_a_gate_that_does_not_move_and_one_that_moves_for_another_are_faults():
    _, _, found = walked("yes", "yes", "no", "yes", "another", "yes", "again", "yes", "yes")
    assert [one.verdict for one in found.values()] == ["fault", "fault", "good"]
    assert "swap" in found[GATES[1]].remedy


def test_a_person_who_goes_leaves_every_gate_released():
    pins, _, found = walked("yes", "yes", "yes", "yes")
    assert len(pins.moved) == 4
    assert [one.verdict for one in found.values()] == ["good"]


def test_a_gate_is_held_open_no_longer_than_its_profile_allows():
    held = []
    walked("yes", "yes", "yes", wait=held.append)
    assert held[1::2] == [LONGEST_MS]
    assert PROFILE.gates[GATES[0]].longest_on_ms >= LONGEST_MS


def test_what_ends_a_gates_time_early_releases_it():
    pins = Pins()

    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(along(PROFILE, pins, Scripted("yes", "yes"), stop))
    assert not pins.opened


def test_a_machine_whose_lines_are_held_is_refused(monkeypatch):
    with MockFactory() as factory:
        monkeypatch.setattr(Device, "pin_factory", factory)
        person = Scripted("yes", "yes", "yes")
        with LED(PROFILE.gates[GATES[3]].pin):
            (one,) = walk(PROFILE, person)
        assert one.verdict == "not checked"
        assert "stop sorter" in one.remedy
        assert person.heard == []


@pytest.fixture
def typing(monkeypatch):
    """A real pseudo-terminal: what is typed at it, and who asks there."""
    keys, own = os.openpty()
    with open(own, "r+b", buffering=0) as raw, io.TextIOWrapper(raw) as terminal:  # noqa: PTH123  # a descriptor
        monkeypatch.setattr("sys.stdin", terminal)
        monkeypatch.setattr("sys.stdout", terminal)
        yield lambda text: os.write(keys, text), AtTerminal()
    os.close(keys)


def test_an_answer_may_be_short_and_one_that_is_none_is_asked_for_again(typing):
    type_in, person = typing
    type_in(b"a\nperhaps\nano\n\n4\n\n")
    assert person.choose("Did it?", ("yes", "no", "another", "again")) == "another"
    assert person.choose("Did it?", ("yes", "no")) == "yes"
    assert person.type_in("How many?", "3") == "4"
    assert person.type_in("How many?", "3") == "3"


def test_a_closed_terminal_and_ctrl_d_are_a_person_who_has_left(typing):
    type_in, person = typing
    type_in(b"\x04")
    with pytest.raises(Gone):
        person.choose("Did it?", ("yes", "no"))
