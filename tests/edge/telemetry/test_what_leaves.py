"""docs/what-leaves-the-machine.md names every topic and every field, by the schemas; and no secret is logged."""

import dataclasses
import io
import json
import re
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse

from edge.clock import now_ns
from edge.config import Telemetry
from edge.log import start_log
from edge.sections import Telemetry as TelemetrySection
from edge.telemetry.header import Header
from edge.telemetry.messages import ROADS, SCHEMAS
from edge.telemetry.mqtt import PahoPublisher
from edge.telemetry.schemas import schema_text
from edge.telemetry.sparkplug import FIGURES
from tests.edge.telemetry.fake_broker import FakeBroker
from tests.edge.telemetry.test_messages import a_writer
from tests.edge.telemetry.test_openmetrics import figures

PAGE = (Path(__file__).parents[3] / "docs/what-leaves-the-machine.md").read_text(encoding="utf-8")
NAMED = {"alarm": "alarm/NAME", "result": "cmd/USER/NAME/result"}
BEGINS = tuple(field.name for field in dataclasses.fields(Header))
SWITCHES = ("broker", "homeassistant", "sparkplug", "openmetrics_port", "metrics_s", "outbox")


def section(heading: str) -> str:
    """What stands under a heading, down to the next."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert found, f"docs/what-leaves-the-machine.md lacks a section {heading}"
    return found[1]


def fields(name: str) -> set[str]:
    schema = json.loads(schema_text(name))
    parts = (schema, *schema.get("$defs", {}).values())
    return {field for part in parts for field in part.get("properties", {})}


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_topic_has_its_section_and_every_field_its_name(name):
    _, topic, _ = ROADS[SCHEMAS[name]]
    said = set(re.findall(r"`(\w+)`", section(f"`{NAMED.get(name, topic)}`")))
    assert fields(name) - set(BEGINS) - {"schema"} - said == set()


def test_what_every_message_begins_with_is_named():
    said = section("Topics")
    assert all(f"`{field}`" in said for field in (*BEGINS, "schema"))


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_topic_names_its_switch(name):
    assert re.search(r"Off:\s", section(f"`{NAMED.get(name, ROADS[SCHEMAS[name]][1])}`"))


def test_every_figure_of_sparkplug_and_openmetrics_is_named():
    assert all(f"`{field}`" in section("Sparkplug B") for field, _ in FIGURES.values())
    families = {family.name for family in parse(figures().text(0))} - {"sorter"}
    assert families - set(re.findall(r"`(\w+)`", section("OpenMetrics"))) == set()


def test_every_switch_that_the_page_names_is_one_of_the_profile():
    assert all(f"`{key}`" in PAGE or f"[telemetry] {key}`" in PAGE for key in SWITCHES)
    assert set(SWITCHES) <= set(TelemetrySection.model_fields)
    for key in re.findall(r"`\[telemetry\] (\w+)`", PAGE):
        assert key in TelemetrySection.model_fields


def test_what_is_off_by_default_is_said_to_be_and_is():
    settings = Telemetry()
    assert (settings.broker, settings.openmetrics_port, settings.homeassistant, settings.sparkplug) == (
        *(None, None),
        *(False, False),
    )


@pytest.mark.parametrize("code", [0, 5])
def test_no_line_of_the_log_holds_the_password(code, tmp_path):
    stream = io.StringIO()
    start_log(stream)
    (tmp_path / "password").write_text("a-secret-of-the-plant", encoding="utf-8")
    broker = FakeBroker(code=code)
    writer = a_writer()
    settings = Telemetry(broker=broker.url, username="line-1", password_file=tmp_path / "password")
    publisher = PahoPublisher(settings, "x", writer.last_will, lambda: [writer.status("online")])
    deadline_ns = now_ns() + 5_000_000_000
    while not stream.getvalue() and now_ns() < deadline_ns:
        publisher.step(now_ns())
        publisher.serve(0.01)
    publisher.give_up("over", now_ns())
    broker.close()
    assert any(b"a-secret-of-the-plant" in connect for connect in broker.connects)
    assert stream.getvalue()
    assert "a-secret" not in stream.getvalue()
