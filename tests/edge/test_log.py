import io
import os
import socket
from dataclasses import replace

import pytest

from edge.datapath import Incident
from edge.log import Log, StatsLine, start_log
from tests.edge.telemetry.records import a_health, a_track

SECOND_NS = 1_000_000_000


@pytest.fixture
def lines():
    stream = io.StringIO()
    start_log(stream)
    return lambda: stream.getvalue().splitlines()


def test_a_line_says_level_part_what_and_values(lines):
    Log("telemetry").warning("no broker", url="mqtt://host:1883", reason="it refuses: Not authorized")
    (line,) = lines()
    assert line.endswith('WARNING telemetry: no broker url=mqtt://host:1883 reason="it refuses: Not authorized"')


def test_what_is_said_stays_on_one_line(lines):
    Log("line").error("first\nsecond", why="a\nb")
    assert len(lines()) == 1


def test_journald_gets_the_level_as_its_prefix_and_no_time(tmp_path, monkeypatch):
    with (tmp_path / "journal").open("w+") as stream:
        status = os.fstat(stream.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{status.st_dev}:{status.st_ino}")
        start_log(stream)
        Log("line").error("safe")
        stream.seek(0)
        assert stream.read() == "<3>line: safe\n"


@pytest.fixture
def journal(tmp_path):
    """A journal's socket, and what comes to it."""
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(path))
        heard.setblocking(False)
        yield path, heard


@pytest.fixture
def own_stream(tmp_path, monkeypatch):
    with (tmp_path / "journal").open("w+") as stream:
        status = os.fstat(stream.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{status.st_dev}:{status.st_ino}")
        yield stream
    start_log(io.StringIO())


def test_the_journal_gets_every_value_as_a_field_of_its_own(journal, own_stream):
    path, heard = journal
    start_log(own_stream, journal=path)
    Log("telemetry").warning("no broker", url="mqtt://host", reason="refused", wait_s=3)
    fields = dict(line.split("=", 1) for line in heard.recv(65_536).decode().splitlines())
    assert fields == {
        "MESSAGE": "telemetry: no broker url=mqtt://host reason=refused wait_s=3",
        "PRIORITY": "4",
        "SYSLOG_IDENTIFIER": "sorter",
        "SORTER_PART": "telemetry",
        "SORTER_URL": "mqtt://host",
        "SORTER_REASON": "refused",
        "SORTER_WAIT_S": "3",
    }


def test_a_value_of_several_lines_is_still_one_field(journal, own_stream):
    path, heard = journal
    start_log(own_stream, journal=path)
    Log("line").error("fault", why="a\nPRIORITY=7")
    said = heard.recv(65_536)
    assert b"SORTER_WHY\n" + (12).to_bytes(8, "little") + b"a\nPRIORITY=7\n" in said
    assert said.count(b"\nPRIORITY=3\n") == 1


def test_what_the_journal_does_not_take_is_a_line_on_the_stream(journal, own_stream):
    path, heard = journal
    start_log(own_stream, journal=path)
    heard.close()
    Log("line").error("safe")
    own_stream.seek(0)
    assert own_stream.read() == "<3>line: safe\n"


def test_the_stats_line_comes_every_ten_seconds_whatever_the_rate_of_health(lines):
    stats = StatsLine()
    for second in range(31):
        stats.put(a_health(at_ns=second * SECOND_NS))
        stats.put(a_track(second))
    assert sum("line: stats frames=300" in line for line in lines()) == 4


def test_the_safe_state_is_an_error_said_at_once_and_once(lines):
    stats = StatsLine()
    for at_s, state in enumerate(["sorting", "safe", "safe", "sorting"]):
        stats.put(a_health(state, at_ns=at_s * SECOND_NS))
    said = [line.split(" ", 1)[1] for line in lines() if "stats" not in line]
    assert said == ["INFO line: sorting", "ERROR line: safe", "INFO line: sorting"]


def test_an_incident_is_a_warning_until_it_has_cleared(lines):
    stats = StatsLine()
    for state in ("raised", "cleared"):
        stats.put(Incident(1, "encoder_slips", state, {"percent": 4.2}))
    said = [line.split(" ", 1)[1] for line in lines()]
    assert [line.split(" slips")[0] for line in said] == [
        "WARNING line: raised: encoder",
        "INFO line: cleared: encoder",
    ]


def test_fruit_that_are_shed_and_messages_that_are_shed_go_by_names_of_their_own(lines):
    StatsLine().put(replace(a_health(), shed=7, shed_messages=3))
    (stats,) = (line for line in lines() if "stats" in line)
    assert " shed=7 " in stats
    assert " shed_messages=3 " in stats
