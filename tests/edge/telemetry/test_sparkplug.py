"""The machine as a node of Sparkplug B, read by another's decoder; and its birth, data, rebirth and death in order."""

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from edge.clock import now_ns
from edge.config import Telemetry, load_profile
from edge.datapath import Adopted, Incident, StepInputs
from edge.telemetry.messages import Message
from edge.telemetry.sparkplug import BACKLOG, FIGURES, PER_STEP, REBIRTH, Node
from edge.telemetry.sparkplug_link import SparkplugLink
from edge.telemetry.sparkplug_wire import Malformed, Metric, booleans, encode
from sim.broker import LOOPBACK, start_broker
from tests.edge.telemetry.records import a_health
from tests.sparkplug.place import FOLDER

DEMO = load_profile(Path(__file__).parents[3] / "firmware_config/profiles/demo.toml")
REBIRTH_ASKED = encode([Metric(REBIRTH, "Boolean", True, 1)], 1, 0)


class Clocked:
    """A node whose wall clock stands at a second until it is moved."""

    def __init__(self) -> None:
        self.second = 0
        self.node = Node(DEMO, "factory@0123456789ab", self._utc)

    def _utc(self) -> str:
        return f"2026-01-01T{self.second // 3600:02}:{self.second // 60 % 60:02}:{self.second % 60:02}.000Z"

    def measure(self, frames: int, **changed: object) -> None:
        self.second += 1
        self.node.put(a_health(frames=frames, **changed))


def decoded(messages: list[Message]) -> list[dict[str, Any]]:
    """What npm's sparkplug-payload reads."""
    lines = "\n".join(base64.b64encode(message.payload).decode() for message in messages)
    done = subprocess.run(["node", "decode.js"], input=lines, capture_output=True, text=True, check=True, cwd=FOLDER)
    return [json.loads(line) for line in done.stdout.splitlines()]


def values(payload: dict[str, Any]) -> dict[str, Any]:
    return {metric["name"]: metric["value"] for metric in payload["metrics"]}


@pytest.mark.sparkplug
@pytest.mark.slow
def test_another_library_reads_birth_data_rebirth_and_death():
    clocked = Clocked()
    node = clocked.node
    clocked.measure(1)
    will = node.death()
    born_ms = node.now_ms()
    birth = node.birth()
    clocked.measure(2, throttled=True)
    node.put(Incident(1, "overload", "raised", {"shed": 1}))
    data = node.due(born_ms)
    node.hear(node.topic("NCMD"), REBIRTH_ASKED)
    assert node.wants_birth()
    said = decoded([birth, *data, node.birth(), node.goodbye(), will])
    first, figures, alarm, again, death, last_will = (values(payload) for payload in said)
    assert [message.topic.split("/")[2] for message in (birth, *data, will)] == ["NBIRTH", "NDATA", "NDATA", "NDEATH"]
    assert [payload.get("seq") for payload in said] == [0, 1, 2, 0, None, None]
    assert {*FIGURES, "bdSeq", REBIRTH, "Alarms/overload", "Properties/Bundle"} <= set(first)
    assert (first["Line/Frames"], first["Line/State"], first["Computer/Throttled"]) == (1, "sorting", False)
    assert (first["Times/Step p99 ms"], first["bdSeq"], first[REBIRTH]) == (14.1, 0, False)
    assert first["Line/Speed Allowed mm_s"] is None
    assert figures == {"Line/Frames": 2, "Computer/Throttled": True}
    assert alarm == {"Alarms/overload": True}
    assert (again["Line/Frames"], again["Alarms/overload"], again["bdSeq"]) == (2, True, 0)
    assert death == last_will == {"bdSeq": 0}
    types = {metric["name"]: metric["type"] for metric in said[0]["metrics"]}
    assert (types["Line/Frames"], types["Line/State"], types["Line/Speed Allowed mm_s"]) == (
        "UInt64",
        "String",
        "Double",
    )


@pytest.mark.sparkplug
@pytest.mark.slow
def test_what_was_measured_while_nobody_heard_is_told_as_historical_with_its_own_time():
    clocked = Clocked()
    for frames in range(1, 4):
        clocked.measure(frames)
    clocked.node.death()
    clocked.second += 60
    born_ms = clocked.node.now_ms()
    birth = clocked.node.birth()
    clocked.measure(9)
    said = decoded([birth, *clocked.node.due(born_ms)])
    frames = [metric for payload in said[1:] for metric in payload["metrics"] if metric["name"] == "Line/Frames"]
    when = [(one["value"], born_ms - one["timestamp"], bool(one.get("isHistorical"))) for one in frames]
    assert when == [(1, 62_000, True), (2, 61_000, True), (3, 60_000, True), (9, -1_000, False)]


def test_a_bundle_that_takes_over_is_told_once_and_stands_in_the_next_birth():
    clocked = Clocked()
    node = clocked.node
    node.death()
    born_ms = node.now_ms()
    assert b"factory@0123456789ab" in node.birth().payload
    for _ in range(2):
        node.put(StepInputs(1, (), None, (), None, Adopted("new@ba9876543210", "/slots/a")))
    (said,) = node.due(born_ms)
    assert b"Properties/Bundle" in said.payload
    assert b"new@ba9876543210" in said.payload
    birth = node.birth().payload
    assert b"new@ba9876543210" in birth
    assert b"factory@0123456789ab" not in birth


def test_each_connection_has_the_next_number_of_its_birth():
    node = Clocked().node
    wills = [node.death().payload for _ in range(257)]
    assert wills[0] == wills[256]
    assert len(set(wills)) == 256


def test_a_backlog_is_bounded_counted_and_told_a_few_at_a_time():
    clocked = Clocked()
    for frames in range(BACKLOG + 10):
        clocked.measure(frames + 1_000)
    clocked.node.death()
    clocked.second += 1
    born_ms = clocked.node.now_ms()
    clocked.node.birth()
    told = 0
    while said := clocked.node.due(born_ms):
        assert len(said) <= PER_STEP
        told += len(said)
    assert told == BACKLOG


def seq_of(payload: bytes) -> int:
    """The last field of a payload: 3, a varint of one or two bytes."""
    tail = payload[-3:]
    return tail[2] if tail[1] == 0x18 else tail[1] & 0x7F | tail[2] << 7


def test_seq_counts_to_255_and_begins_anew():
    clocked = Clocked()
    clocked.node.death()
    born_ms = clocked.node.now_ms()
    clocked.node.birth()
    seqs = []
    for frames in range(300):
        clocked.measure(frames + 1_000)
        seqs += [seq_of(message.payload) for message in clocked.node.due(born_ms)]
    assert len(seqs) == 300
    assert seqs[:3] == [1, 2, 3]
    assert seqs[254:257] == [255, 0, 1]


OTHER_COMMANDS = [Metric("Gate/Open", "Boolean", True, 1), Metric(REBIRTH, "Boolean", False, 1)]
BROKEN = (b"", b"\xff", b"\x12\xff\xff\xff\xff\x0f", b"\x12\x03\x0a\x05a", b"\x0b", REBIRTH_ASKED[:-8])


@pytest.mark.parametrize("payload", [*BROKEN, encode(OTHER_COMMANDS, 1, 0), REBIRTH_ASKED + b"\x12\x00" * 4_096])
def test_nothing_but_a_whole_rebirth_command_is_heeded(payload):
    node = Clocked().node
    node.hear(node.topic("NCMD"), payload)
    assert not node.wants_birth()


def test_another_nodes_rebirth_is_not_ours():
    node = Clocked().node
    node.hear(f"{node.root}/NCMD/other", REBIRTH_ASKED)
    assert not node.wants_birth()


@given(st.binary(max_size=300))
def test_bytes_of_any_kind_are_read_or_malformed(payload):
    try:
        found = booleans(payload)
    except Malformed:
        return
    assert all(isinstance(name, str) for name in found)


@given(st.lists(st.tuples(st.text(max_size=20), st.booleans()), max_size=5, unique_by=lambda one: one[0]))
def test_booleans_are_read_as_they_were_written(given_):
    assert booleans(encode([Metric(name, "Boolean", so, 5) for name, so in given_], 5, 7)) == dict(given_)


@pytest.mark.mosquitto
@pytest.mark.slow
def test_a_host_at_a_real_broker_sees_birth_data_rebirth_and_death():
    broker = start_broker(prefer=("mosquitto",))
    heard: list[str] = []
    host = Client(CallbackAPIVersion.VERSION2)
    host.on_message = lambda _, __, said: heard.append(said.topic.split("/")[2])
    host.connect(LOOPBACK, broker.port)
    host.subscribe("spBv1.0/#")
    profile = DEMO.model_copy(update={"telemetry": Telemetry(broker=broker.url, sparkplug=True)})
    link = SparkplugLink(profile, "factory@0")

    def until(kind: str) -> None:
        deadline_ns = now_ns() + 10_000_000_000
        while kind not in heard:
            assert now_ns() < deadline_ns, heard
            link.step(now_ns())
            host.loop(0.01)

    until("NBIRTH")
    link.put(a_health())
    until("NDATA")
    heard.clear()
    host.publish(f"spBv1.0/{profile.site}/NCMD/{profile.machine}", REBIRTH_ASKED)
    until("NBIRTH")
    link.close()
    until_death = now_ns() + 5_000_000_000
    while "NDEATH" not in heard and now_ns() < until_death:
        host.loop(0.05)
    assert heard[-1] == "NDEATH"
    host.disconnect()
    broker.stop()
