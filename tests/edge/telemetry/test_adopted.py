"""What `info` says of a machine whose bundle changes while it runs, through a real broker."""

import json
from pathlib import Path

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from edge.clock import now_ns
from edge.config import Telemetry, load_profile
from edge.datapath import Adopted, StepInputs
from edge.telemetry.telemetry import MqttTelemetry
from sim.broker import LOOPBACK, start_broker

DEMO = load_profile(Path(__file__).parents[3] / "firmware_config/profiles/demo.toml")
OLD, NEW = "factory@0123456789ab", "new@ba9876543210"


@pytest.mark.mosquitto
@pytest.mark.slow
def test_info_names_the_bundle_that_has_taken_over_and_keeps_its_name():
    broker = start_broker(prefer=("mosquitto",))
    telemetry = MqttTelemetry(
        DEMO.model_copy(update={"telemetry": Telemetry(broker=broker.url)}), "run", OLD, {"look_ms": 5.0}
    )
    heard: list[dict] = []

    def listener() -> Client:
        client = Client(CallbackAPIVersion.VERSION2)
        client.on_message = lambda _, __, said: heard.append(json.loads(said.payload))
        client.connect(LOOPBACK, broker.port)
        client.subscribe(f"sorter/v1/{DEMO.site}/{DEMO.machine}/info")
        return client

    def until(client: Client, bundle: str) -> None:
        until_ns = now_ns() + 10_000_000_000
        while not (heard and heard[-1]["bundle"] == bundle):
            assert now_ns() < until_ns, heard
            telemetry.step(now_ns())
            client.loop(0.01)

    first = listener()
    until(first, OLD)
    telemetry.put(StepInputs(1, (), None, (), None, Adopted(NEW, "/slots/a")))
    until(first, NEW)
    assert heard[-1]["self_test"] == heard[0]["self_test"]
    heard.clear()
    later = listener()
    until(later, NEW)  # retained: whoever comes later reads it too
    for client in (first, later):
        client.disconnect()
    telemetry.close()
    broker.stop()
