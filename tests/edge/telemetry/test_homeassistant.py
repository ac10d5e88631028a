"""The discovery message, by Home Assistant's own schemas and template engine; its buttons' commands are taken."""

import functools
import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from edge.config import Profile, load_profile
from edge.datapath import Incident
from edge.incidents import CATALOGUE
from edge.telemetry.command_messages import COMMANDS
from edge.telemetry.homeassistant import FLAGS, MEASURED, discovery, is_back
from edge.telemetry.messages import Metrics, Writer
from edge.telemetry.reporter import Reporter
from tests.edge.telemetry.commanded import Kept
from tests.edge.telemetry.records import a_health
from tests.homeassistant.place import HOMEASSISTANT

CHECKOUT = Path(__file__).parents[3]
ROOT = "sorter/v1/packing/line-1"
DEMO = load_profile(CHECKOUT / "firmware_config/profiles/demo.toml")
ALL = ["feed", "acknowledge", "check-update"]


def a_profile(allowed: list[str]) -> Profile:
    return DEMO.model_copy(update={"site": "packing", "machine": "line-1", "commands": {"homeassistant": allowed}})


def payload(allowed: list[str] = ALL) -> dict[str, Any]:
    held: dict[str, Any] = json.loads(discovery(a_profile(allowed), ROOT).payload)
    return held


def messages() -> dict[str, Any]:
    """One of each that the sensors read: an alarm is raised, and the computer is throttled."""
    writer, kept = Writer("packing", "line-1", "run"), Kept()
    reporter = Reporter(writer, kept)
    reporter.put(Incident(1, "overload", "raised", {"shed": 3}))
    reporter.put(a_health(throttled=True))
    kept.messages.append(writer.info(a_profile(ALL), "factory@0123456789ab"))
    return {message.topic: json.loads(message.payload) for message in kept.messages}


def checked(held: dict[str, Any]) -> dict[str, Any]:
    """What Home Assistant says of a payload."""
    command = [str(HOMEASSISTANT), str(CHECKOUT / "tests/homeassistant/check.py")]
    given = json.dumps({"payload": held, "messages": messages()})
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr[-2000:]
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


@functools.cache
def ours() -> dict[str, Any]:
    return checked(payload())


@pytest.mark.homeassistant
@pytest.mark.slow
def test_home_assistant_takes_the_device_and_every_component():
    assert ours()["faults"] == []


@pytest.mark.homeassistant
@pytest.mark.slow
def test_home_assistant_would_refuse_what_is_wrong():
    spoiled = payload()
    del spoiled["device"]["identifiers"]
    del spoiled["components"]["fired"]["unique_id"]
    spoiled["components"]["state"]["unit"] = "ms"
    spoiled["components"]["feed_go"]["command_topic"] = "a/+/b"
    spoiled["components"]["late"]["value_template"] = "{{ value_json.late"
    found = checked(spoiled)
    assert {fault.partition(":")[0] for fault in found["faults"]} >= {"device", "state", "feed_go"}
    assert found["rendered"]["late"].startswith("fault: ")


@pytest.mark.homeassistant
@pytest.mark.slow
def test_its_template_engine_reads_every_sensor_from_a_real_message():
    said = ours()["rendered"]
    metrics = messages()[f"{ROOT}/metrics"]
    assert said["state"] == "sorting"
    assert said["bundle"] == "factory@0123456789ab"
    assert {field: said[field] for field in MEASURED} == {field: str(metrics[field]) for field in MEASURED}
    assert (said["throttled"], said["feed_inhibit"]) == ("ON", "OFF")
    alarms = {code: said[f"alarm_{code}"] for code in CATALOGUE}
    assert alarms == dict.fromkeys(CATALOGUE, "OFF") | {"overload": "ON"}
    assert json.loads(said["alarm_overload.attributes"])["severity"] == "warning"


@pytest.mark.homeassistant
@pytest.mark.slow
def test_only_an_online_machine_is_available():
    said = ours()["rendered"]
    states = {state: said[f"availability.{state}"] for state in ("online", "stopped", "offline")}
    assert states == {"online": "online", "stopped": "offline", "offline": "offline"}


@pytest.mark.homeassistant
@pytest.mark.slow
def test_each_button_makes_a_command_that_the_machine_takes():
    pressed = {name: said for name, said in ours()["rendered"].items() if said.startswith('{"id"')}
    buttons = {name: part for name, part in payload()["components"].items() if part["platform"] == "button"}
    assert set(pressed) == set(buttons)
    for name, said in pressed.items():
        shape = COMMANDS[buttons[name]["command_topic"].rpartition("/")[2]]
        command = TypeAdapter(shape).validate_json(said)
        until = datetime.fromisoformat(command.expires_utc)
        assert 0 < (until - datetime.now(UTC)).total_seconds() <= 60
    assert len({json.loads(said)["id"] for said in pressed.values()}) == len(pressed)


def test_the_message_is_retained_where_home_assistant_looks():
    message = discovery(a_profile(ALL), ROOT)
    assert (message.topic, message.retain) == ("homeassistant/device/sorter-packing-line-1/config", True)


def test_every_sensor_reads_a_field_that_is_sent():
    assert {*MEASURED, *FLAGS} <= set(Metrics.__dataclass_fields__)


def test_only_the_buttons_that_the_profile_allows_are_offered():
    buttons = {key for key, part in payload(["feed"])["components"].items() if part["platform"] == "button"}
    assert buttons == {"feed_stop", "feed_go"}
    assert not any(part["platform"] == "button" for part in payload([])["components"].values())


def test_no_figure_stays_on_the_screen_when_the_machine_has_fallen_silent():
    live = [part for part in payload()["components"].values() if part.get("state_topic") == f"{ROOT}/metrics"]
    assert live
    assert {part["expire_after"] for part in live} == {10}


@pytest.mark.parametrize(
    ("topic", "said", "back"),
    [
        ("homeassistant/status", b"online", True),
        ("homeassistant/status", b"offline", False),
        ("homeassistant/other", b"online", False),
    ],
)
def test_home_assistant_is_back_when_it_says_so(topic, said, back):
    assert is_back(topic, said) is back
