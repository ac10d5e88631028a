"""Commands: done once, answered each time, and only for whoever may."""

import io
import json
from datetime import UTC, datetime, timedelta

import pytest

from edge.ledger.entries import Stamped
from edge.log import start_log
from edge.telemetry.command_messages import NameLot, Relabel
from edge.telemetry.commands import BURST, MOST_BYTES, MOST_REMEMBERED, PER_S
from edge.telemetry.noted import noted
from plant.report.selection import lots
from plant.report.words import gather
from tests.edge.telemetry.commanded import ROOT, Commanded


@pytest.fixture
def machine() -> Commanded:
    return Commanded()


def test_a_feed_command_asks_upstream_and_says_so(machine):
    answer = machine.hear("feed", go=False)
    assert (answer["outcome"], answer["id"], answer["user"], answer["name"]) == ("done", "c1", "anna", "feed")
    assert "upstream is asked to stop" in answer["text"]
    assert machine.wishes.feed_stopped
    machine.hear("feed", go=True, id="c2")
    assert not machine.wishes.feed_stopped


def test_a_label_becomes_an_event_with_the_name_that_the_broker_proved(machine):
    assert machine.hear("label", track_id="run.7", label="damaged")["outcome"] == "done"
    (event,) = machine.box.messages
    said = json.loads(event.payload)
    assert (event.kind, event.topic) == ("label", f"{ROOT}/labels")
    assert (said["user"], said["command_id"], said["track_id"], said["label"]) == ("anna", "c1", "run.7", "damaged")


def test_a_label_can_be_taken_back(machine):
    machine.hear("label", track_id="run.7", label="red")
    assert "taken back" in machine.hear("label", track_id="run.7", label=None, id="c2")["text"]
    assert [json.loads(event.payload)["label"] for event in machine.box.messages] == ["red", None]


def test_a_damaged_fruit_may_be_said_to_be_so_in_the_words_of_a_grade_standard(machine):
    machine.hear("label", track_id="run.7", label="damaged", defect="decay")
    assert json.loads(machine.box.messages[0].payload)["defect"] == "decay"
    assert machine.hear("label", track_id="run.7", label="damaged", defect="ugly", id="c2")["outcome"] == "refused"


def test_a_lot_is_named_at_the_feed_and_ended_there(machine):
    assert "belong to lot farm-12 from now on" in machine.hear("lot", lot="farm-12")["text"]
    assert "to none" in machine.hear("lot", lot=None, id="c2")["text"]
    assert machine.hear("lot", lot="../x", id="c3")["outcome"] == "refused"


def test_the_ledger_is_told_the_lot_and_the_defect_as_reports_read_them():
    lot = noted(NameLot(id="c1", expires_utc="x", lot="farm-12"), "lot", "anna", "noted", 5)
    word = Relabel(id="c2", expires_utc="x", track_id="run.7", label="damaged", defect="soft")
    label = noted(word, "label", "anna", "noted", 6)
    assert lot is not None
    assert label is not None
    stamped = [Stamped(datetime(2026, 1, 1, tzinfo=UTC), "run", event) for event in (lot, label)]
    assert list(lots(stamped)) == ["farm-12"]
    assert gather(stamped)["run.7"][0].defect == "soft"


def test_an_acknowledged_alarm_is_told_to_all_with_the_name(machine):
    assert machine.hear("acknowledge", alarm="encoder_slips")["outcome"] == "done"
    (alarm,) = machine.box.messages
    said = json.loads(alarm.payload)
    assert alarm.topic == f"{ROOT}/alarm/encoder_slips"
    assert (said["state"], said["by"], said["severity"]) == ("acknowledged", "anna", "warning")


def test_to_acknowledge_an_error_leaves_the_gates_released(machine):
    assert "the gates stay released" in machine.hear("acknowledge", alarm="lane_jam")["text"]
    assert not machine.wishes.feed_stopped


def test_an_alarm_that_is_not_raised_cannot_be_acknowledged(machine):
    answer = machine.hear("acknowledge", alarm="overload")
    assert (answer["outcome"], answer["text"]) == ("refused", "overload is not raised")
    assert machine.box.messages == []


def test_a_preview_is_sent_for_whoever_watches(machine):
    assert machine.hear("preview", user="wall", on=True)["outcome"] == "done"
    assert machine.watched == 1


def test_what_this_machine_cannot_do_is_refused(machine):
    assert machine.hear("check-update")["text"] == "this machine cannot do that"


def test_the_same_id_acts_once_and_is_answered_alike(machine):
    first = machine.hear("label", track_id="run.7", label="red")
    machine.pass_(20)
    assert machine.hear("label", track_id="run.7", label="red") == first
    assert machine.hear("label", track_id="run.8", label="green") == first
    assert (machine.acts, machine.desk.counts.repeated) == (1, 2)


def test_a_replay_after_its_expiry_is_late_and_not_done_again(machine):
    machine.hear("feed", go=False, expires_s=10)
    machine.hear("feed", go=True, id="c2")
    machine.pass_(11)
    for n in range(MOST_REMEMBERED):  # whatever else comes meanwhile
        machine.hear("feed", go=True, id=f"x{n}", expires_s=1)
        machine.pass_(2)
    assert machine.hear("feed", go=False, expires_utc="2026-01-01T12:00:10+00:00")["outcome"] == "refused"
    assert not machine.wishes.feed_stopped


def test_the_same_id_of_another_user_is_another_command(machine):
    machine.hear("preview", on=True)
    machine.hear("preview", user="wall", on=True)
    assert machine.watched == 2


@pytest.mark.parametrize(
    ("user", "name", "told"),
    [
        ("wall", "feed", "wall may not: see [commands] in its profile"),
        ("berta", "feed", "nobody by this name may command it: see [commands]"),
    ],
)
def test_whoever_may_not_is_refused(user, name, told, machine):
    answer = machine.hear(name, user=user, go=False)
    assert (answer["outcome"], answer["text"]) == ("refused", told)
    assert machine.acts == 0


def test_a_late_command_is_refused_with_the_machines_own_time(machine):
    answer = machine.hear("feed", go=False, expires_s=-1)
    assert answer["text"] == "too late: expires_utc is over, it is 2026-01-01T12:00:00.000Z here"
    assert not machine.wishes.feed_stopped


def test_a_command_that_is_good_for_too_long_is_refused(machine):
    assert "at most 10 minutes from now" in machine.hear("feed", go=False, expires_s=601)["text"]


def test_an_expiry_in_another_zone_is_understood(machine):
    later = (machine.now + timedelta(seconds=5)).replace(tzinfo=None) + timedelta(hours=2)
    assert machine.hear("feed", go=False, expires_utc=f"{later.isoformat()}+02:00")["outcome"] == "done"


def test_a_retained_command_is_not_heard(machine):
    assert machine.hear("feed", retained=True, go=False) is None
    assert machine.acts == 0


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xff\xfe",
        b"null",
        b"[]",
        b"{}",
        b'{"id": "c1", "expires_utc": "soon", "go": false}',
        b'{"id": "c1", "expires_utc": "2026-01-01T12:00:30", "go": false}',
        b'{"id": "c 1", "expires_utc": "2026-01-01T12:00:30Z", "go": false}',
        b'{"id": 1, "expires_utc": "2026-01-01T12:00:30Z", "go": false}',
        b'{"id": "' + b"x" * 65 + b'", "expires_utc": "2026-01-01T12:00:30Z", "go": false}',
        b"[" * 4000,
        b'{"id": "c1", "expires_utc": "2026-01-01T12:00:30Z", "go": false' + b" " * MOST_BYTES + b"}",
    ],
)
def test_what_is_no_command_is_neither_done_nor_answered(payload, machine):
    assert machine.hear_bytes("feed", payload) is None
    assert (machine.acts, machine.desk.counts.dropped) == (0, 1)


@pytest.mark.parametrize("fields", [{}, {"go": "false"}, {"go": 0}, {"go": None}])
def test_a_command_whose_words_are_wrong_is_told_which(fields, machine):
    answer = machine.hear("feed", **fields)
    assert answer["outcome"] == "refused"
    assert answer["text"].startswith("go: ")
    assert machine.acts == 0


def test_more_than_a_user_may_give_is_not_heard_and_another_user_is(machine):
    answers = [machine.hear("preview", on=True, id=f"c{n}") for n in range(BURST + 5)]
    assert [answer is None for answer in answers] == [False] * BURST + [True] * 5
    assert machine.hear("preview", user="wall", on=True)
    machine.pass_(1)
    assert sum(machine.hear("preview", on=True, id=f"d{n}") is not None for n in range(50)) == PER_S


def test_a_flood_is_a_few_lines_of_log(machine):
    stream = io.StringIO()
    start_log(stream)
    for n in range(1_000):
        machine.hear_bytes(["feed", "label"][n % 2], b"x")
    assert len(stream.getvalue().splitlines()) == 1


def test_memory_that_is_full_refuses_rather_than_forgets_what_may_come_again(machine):
    for n in range(MOST_REMEMBERED):
        machine.hear("preview", on=True, id=f"c{n}", expires_s=600)
        machine.pass_(1 / PER_S)
    assert machine.hear("preview", on=True, id="one-more")["text"] == "too many commands: wait a minute"
    assert machine.hear("preview", on=True, id="c0")["outcome"] == "done"
    machine.pass_(600)
    assert machine.hear("preview", on=True, id="two-more")["outcome"] == "done"
