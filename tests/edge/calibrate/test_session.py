"""The session's patience, and what parts are given."""

import numpy as np
import pytest

from edge.calibrate.camera import camera_part
from edge.calibrate.session import Rig, Session
from edge.datapath import BeltSample, Frame
from edge.errors import CameraFault
from tests.edge.profiles import demo


class Machine:
    """Camera, gates and hand of a belt that nobody lays anything onto."""

    def __init__(self) -> None:
        self.now_ns = 0
        self.beats = 0
        self.laid: list[str] = []

    def take(self) -> Frame:
        return Frame("fake", self.now_ns, self.now_ns, np.full((480, 640, 3), 90, np.uint8))

    def dropped(self) -> int:
        return 0

    def beat(self) -> None:
        self.beats += 1

    def events(self, now_ns: int) -> list[BeltSample]:
        return [BeltSample(now_ns, now_ns * 600_000 // 10**9, 600_000)]

    def lay(self, what: str) -> None:
        self.laid.append(what)


def test_without_a_board_it_ends_with_what_was_missing_and_changes_nothing() -> None:
    machine = Machine()
    told = demo()
    session = Session(told, Rig(machine, machine, machine), [camera_part("2026-01-01T00:00:00Z")], patience_s=2)
    with pytest.raises(CameraFault, match=r"without the whole board carried through the picture 5 times \(seen 0\)"):
        while not session.done:
            machine.now_ns += 200_000_000
            session.step(machine.now_ns)
    assert machine.laid == ["board"]
    assert machine.beats > 5
    assert session.profile == told
    assert not session.changes
