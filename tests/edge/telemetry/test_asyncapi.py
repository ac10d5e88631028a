"""The AsyncAPI document against the messages that are really sent."""

import json
from pathlib import Path

import yaml

from edge.incidents import CATALOGUE
from edge.telemetry.command_messages import COMMANDS
from edge.telemetry.messages import ROADS

DOCS = Path(__file__).parents[3] / "docs"
DOCUMENT = yaml.safe_load((DOCS / "asyncapi.yaml").read_text(encoding="utf-8"))
ROOT = "sorter/v1/{site}/{machine}/"


def test_every_topic_that_is_published_is_described() -> None:
    described = {channel["address"] for channel in DOCUMENT["channels"].values()}
    filled = {"alarm": ("{name}",), "result": ("{user}", "{name}")}
    published = {ROOT + topic.format(*filled.get(kind, ())) for kind, topic, _ in ROADS.values()}
    assert described == published | {ROOT + "cmd/{user}/{name}"}


def test_every_command_is_described_with_its_schema() -> None:
    channel = DOCUMENT["channels"]["command"]
    assert set(channel["parameters"]["name"]["enum"]) == set(channel["messages"]) == set(COMMANDS)
    for name in COMMANDS:
        assert channel["messages"][name]["$ref"] == f"#/components/messages/command-{name}"


def test_every_message_names_the_schema_that_it_is_held_to() -> None:
    for message in DOCUMENT["components"]["messages"].values():
        schema = json.loads((DOCS / message["payload"]["$ref"]).read_text(encoding="utf-8"))
        assert schema["title"] == message["name"]


def test_every_alarm_that_can_be_raised_is_named() -> None:
    named = DOCUMENT["channels"]["alarm"]["parameters"]["name"]["enum"]
    assert set(named) == set(CATALOGUE)
