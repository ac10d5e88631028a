"""A calibration of the machine that is here: its camera, its gate process, and the person in front of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from edge import clock
from edge.calibrate.session import Laid, MakePart, Rig, Session
from edge.capture.mailbox import Mailbox, capture
from edge.capture.opening import open_camera
from edge.config import Profile
from edge.person import Gone, Person
from edge.sort.link import GateProcess, gate_settings

_FIRST_S, _SILENCE_S = 10.0, 3.0
_PATIENCE_S = 1_800.0
_HEARTBEAT_NS = 5_000_000_000
"""What is worked out between two parts takes longer than a line may be silent; a gate's own longest_on_ms holds."""

_STOP = "stop"
_BEAT_NS = 10_000_000

_ASKED: dict[Laid, str] = {
    "nothing": "Let the belt run empty.",
    "board": "Let the belt run, and let it carry the board through the picture again and again, flat, on a block that "
    "brings it to the height of a fruit's middle.",
    "balls": "Take the board off. Let the belt run at its usual speed, and let balls ride down every lane, a hand's "
    "width apart or more.",
    "balls on the slow belt": "Now the same with the belt at about half its speed.",
}


T = TypeVar("T")


def _meanwhile(gates: GateProcess, work: Callable[[], T]) -> T:
    """Work in another thread, while this one tells the gate process that it lives. Raises what the work raises, and
    GateFault."""
    done: Future[T] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except Exception as fault:
            done.set_exception(fault)

    threading.Thread(target=run, daemon=True).start()  # one that waits for a key must not keep the process
    while not done.done():
        gates.beat()
        tuple(gates.events(clock.now_ns()))
        clock.sleep_until(clock.now_ns() + _BEAT_NS)
    return done.result()


class AskingHand:
    """Answers `session.Hand` by asking a person."""

    def __init__(self, person: Person, gates: GateProcess) -> None:
        self._person = person
        self._gates = gates

    def lay(self, what: Laid) -> None:
        """Raises Gone where the person has had enough."""
        if _meanwhile(self._gates, lambda: self._person.choose(f"{_ASKED[what]} Ready?", ("yes", _STOP))) == _STOP:
            raise Gone
        self._person.tell("measuring")


def calibrate_live(profile: Profile, beside: Path, parts: Sequence[MakePart], person: Person) -> Session:
    """Until every part is done. Raises Gone where the person breaks it off, CameraFault and GateFault."""
    mailbox, ended = Mailbox(1e9 / profile.camera.frames_hz), threading.Event()
    settings = gate_settings(profile)
    gates = GateProcess(replace(settings, heartbeat_ns=max(settings.heartbeat_ns, _HEARTBEAT_NS)))
    try:
        source = open_camera(profile.camera, beside)
        reader = threading.Thread(
            target=capture, args=(source, mailbox, _SILENCE_S, _FIRST_S, ended.is_set), daemon=True
        )
        reader.start()
        try:
            session = Session(
                profile,
                Rig(mailbox, gates, AskingHand(person, gates), lambda work: _meanwhile(gates, work)),
                parts,
                _PATIENCE_S,
            )
            while not session.done:
                clock.sleep_until(session.step(clock.now_ns()))
            return session
        finally:
            ended.set()
            reader.join(_FIRST_S)
    finally:
        gates.close()
