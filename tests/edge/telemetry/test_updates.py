"""Where an update stands is told when it changes; a command over the broker says when to look, and nothing else."""

import json
from pathlib import Path

import pytest

from edge.sealed import seal
from edge.telemetry.command_messages import COMMANDS
from edge.telemetry.commands import Desk
from edge.telemetry.deeds import Deeds
from edge.telemetry.messages import Writer
from edge.telemetry.updates import EVERY_NS, UpdateTeller
from edge.updates import ASKED, TOLD, Told
from tests.edge.telemetry.commanded import ALLOWED, Commanded
from tests.edge.telemetry.hostile import GOOD

WRITER = Writer("packing", "line-1", "run", lambda: "2026-01-01T12:00:00.000Z")


def tell(folder: Path, **values: object) -> None:
    (folder / TOLD).write_bytes(seal(Told(**values)))


def test_a_change_is_told_once_and_kept_by_the_broker(tmp_path: Path) -> None:
    teller = UpdateTeller(WRITER, tmp_path)
    assert teller.step(0) is None
    tell(tmp_path, state="download", offered="new@0123456789ab", progress=0.5)
    assert teller.step(EVERY_NS - 1) is None
    message = teller.step(EVERY_NS)
    assert message is not None
    said = json.loads(message.payload)
    assert (message.retain, said["state"], said["offered"], said["progress"]) == (
        True,
        "download",
        "new@0123456789ab",
        0.5,
    )
    assert (said["active"], said["why"], said["checked_utc"]) == (None, None, None)
    assert teller.step(2 * EVERY_NS) is None


def test_a_record_that_is_not_whole_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / TOLD).write_bytes(seal(Told(state="download"))[:-5])
    assert UpdateTeller(WRITER, tmp_path).step(0) is None


class Updated(Commanded):
    """A machine that hears commands and takes updates from a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        teller = UpdateTeller(WRITER, folder)
        deeds = Deeds(WRITER, self.box, self.reporter, self.wishes, self._watch, teller.check)
        self.desk = Desk(WRITER, ALLOWED, deeds.actions(), self.utc)


def test_a_command_leaves_the_wish_to_look_now(tmp_path: Path) -> None:
    answer = Updated(tmp_path).hear("check-update")
    assert answer is not None
    assert (answer["outcome"], [path.name for path in tmp_path.iterdir()]) == ("done", [ASKED])


def test_a_folder_that_is_not_there_is_told_to_who_asks(tmp_path: Path) -> None:
    answer = Updated(tmp_path / "nowhere").hear("check-update")
    assert answer is not None
    assert answer["outcome"] == "refused"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_hijacked_broker_chooses_nothing_with_any_command_it_can_send(tmp_path: Path, name: str) -> None:
    """Every command, with whatever an attacker would like it to mean."""
    machine = Updated(tmp_path)
    wishes = {"bundle": "evil@0123456789ab", "source": "file:///tmp/evil", "channel": "evil", "url": "http://evil"}
    machine.hear(name, **(GOOD[name] | wishes))
    machine.hear_bytes(name, b'{"bundle": "../../evil"}')
    assert {path.name for path in tmp_path.iterdir()} <= {ASKED}
    assert all(path.read_bytes() == b"" for path in tmp_path.iterdir())
