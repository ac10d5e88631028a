"""What a live machine says, as a plant hears it: each message as its schema has it, and none lost to a kill."""

import json
import os
import signal
from collections import defaultdict

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from edge.clock import now_ns, sleep_until
from edge.telemetry.messages import ADAPTERS, SCHEMAS
from tests.live.kills import child
from tests.live.running import MACHINE, MS, running

DEADLINE_NS = 60_000 * MS


def test_a_machine_that_is_killed_and_sorts_on_leaves_no_hole_in_its_numbers() -> None:
    messages: list[tuple[str, dict]] = []
    with running("clean") as sim:
        client = Client(CallbackAPIVersion.VERSION2)
        client.on_message = lambda _, __, told: messages.append((told.topic, json.loads(told.payload)))
        client.connect("127.0.0.1", sim.port)
        client.subscribe(f"{MACHINE}/#", qos=1)
        client.loop_start()
        until(lambda: fruit(messages) > 20)
        (killed,) = {said["run_id"] for _, said in messages}
        os.kill(child(sim.process.pid, "sim.device"), signal.SIGKILL)
        until(lambda: len({said["run_id"] for _, said in messages}) == 2 and fruit(messages) > 60)
        sleep_until(now_ns() + 1_000 * MS)
        client.disconnect()
        client.loop_stop()
    for topic, said in messages:
        shape = SCHEMAS[said["schema"].removeprefix("sorter.").partition("/")[0]]
        ADAPTERS[shape].validate_json(json.dumps(said), strict=True)
        assert topic.startswith(f"{MACHINE}/")
    numbers = defaultdict(set)
    for _, said in messages:
        numbers[said["run_id"]].add(said["seq"])
    first_heard = min(numbers[killed] - {0})
    assert set(range(first_heard, max(numbers[killed]) + 1)) <= numbers[killed] | marked(messages, killed)


def fruit(messages: list[tuple[str, dict]]) -> int:
    return sum(said["schema"] == "sorter.track/1" for _, said in messages)


def marked(messages: list[tuple[str, dict]], run: str) -> set[int]:
    gaps = [said for _, said in messages if said["schema"] == "sorter.gap/1" and said["of_run"] == run]
    return {seq for gap in gaps for seq in range(gap["from_seq"], (gap["to_seq"] or gap["from_seq"]) + 1)}


def until(true) -> None:
    deadline_ns = now_ns() + DEADLINE_NS
    while not true():
        assert now_ns() < deadline_ns, "it did not come to that in time"
        sleep_until(now_ns() + 50 * MS)
