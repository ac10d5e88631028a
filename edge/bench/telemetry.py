"""`sorter bench telemetry`: fruit a second through the outbox to a real mosquitto, beside bare paho in the same run.

An item is a fruit: its verdict, then its outcome, which make one message. Blocks of the outbox and of bare paho (QoS 1,
the same payloads, as many on their way) take turns. What a disk is given, the kernel counts for this process; how late
live fruit come is measured while a day's backlog is sent.
"""

import tempfile
from collections import deque
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from edge.bench.figures import percentile, ratio_with_interval
from edge.bench.mosquitto import Listener, Mosquitto, broker_and_listener
from edge.bench.telemetry_disk import DAY_ITEMS, catch_up, wear
from edge.bench.telling import demo_told_to, said, tell, telling, wait
from edge.clock import now_ns, sleep_until
from edge.telemetry.messages import Writer
from edge.telemetry.telemetry import MqttTelemetry

TARGET_PER_S, TARGET_LATE_MS = 1_000.0, 1_000.0

NS = 1_000_000_000
_OUTSTANDING = 400
_WINDOW = 64


def bench(
    block_s: float = 2.0, pairs: int = 5, pace_s: float = 20.0, catch_up_s: float = 30.0, day_items: int = DAY_ITEMS
) -> dict[str, Any]:
    """`missed` names the targets that were. `pace_s`: how long the wear of a card is measured, online and away;
    `catch_up_s`: how long live fruit are timed before a backlog of `day_items`."""
    with tempfile.TemporaryDirectory(prefix="sorter-bench-") as name:
        folder = Path(name)
        for part in ("broker", "worn", "late"):
            (folder / part).mkdir()
        with broker_and_listener(folder / "broker") as (broker, listener):
            found = _rates(broker, listener, folder / "rates", block_s, pairs)
            found |= wear(broker, listener, folder / "worn", pace_s)
            found |= catch_up(broker, listener, folder / "late", catch_up_s, day_items)
    return {**found, **({"missed": lines} if (lines := missed(found)) else {})}


def missed(found: dict[str, Any]) -> list[str]:
    """The targets that were, a line each."""
    lines = []
    if found["items_per_s"] < TARGET_PER_S:
        lines.append(f"{found['items_per_s']:.0f} items/s; at least {TARGET_PER_S:.0f} are wanted")
    if found["live_late_max_ms"] > TARGET_LATE_MS:
        lines.append(
            f"a live fruit came {found['live_late_max_ms']:.0f} ms late; at most {TARGET_LATE_MS:.0f} is wanted"
        )
    lines += [f"{found[key]} {key}; none is wanted" for key in ("lost", "duplicates") if found[key]]
    return lines


def _rates(broker: Mosquitto, listener: Listener, folder: Path, block_s: float, pairs: int) -> dict[str, Any]:
    ours, bare = [], []
    payload = said(Writer("desk", "demo", "bare"), "bare.1").payload
    with telling(demo_told_to(broker.url, folder), "rates") as telemetry:
        wait(telemetry.online, "the broker")
        put = 0
        for pair in range(pairs):
            for is_ours in (True, False) if pair % 2 else (False, True):
                if is_ours:
                    count, took_s = _ours(telemetry, block_s, put)
                    put += count
                    ours.append(count / took_s)
                else:
                    bare.append(_bare(broker, payload, block_s))
    wait(lambda: len(listener.tracks("rates")) >= put, "the last fruit")
    tracks = listener.tracks("rates")
    ratio, interval = ratio_with_interval(ours, bare)
    return {
        "items_per_s": round(percentile(ours, 0.5), 1),
        "bare_items_per_s": round(percentile(bare, 0.5), 1),
        "ratio": round(ratio, 3),
        "ratio_interval": [round(end, 3) for end in interval],
        "items": put,
        "lost": put - len(set(tracks)),
        "duplicates": len(tracks) - len(set(tracks)),
    }


def _ours(telemetry: MqttTelemetry, block_s: float, first: int) -> tuple[int, float]:
    """Fruit of one block, and how long they took until the broker had the last."""
    began_ns = now_ns()
    count = 0
    while now_ns() < began_ns + round(block_s * NS):
        if telemetry.queued() > _OUTSTANDING:
            sleep_until(now_ns() + NS // 1_000)
            continue
        for _ in range(20):
            tell(telemetry, f"rates.{first + count}")
            count += 1
    wait(lambda: telemetry.queued() == 0, "acknowledgements")
    return count, (now_ns() - began_ns) / NS


def _bare(broker: Mosquitto, payload: bytes, block_s: float) -> float:
    """Messages a second of paho alone, QoS 1."""
    client = Client(CallbackAPIVersion.VERSION2)
    client.max_inflight_messages_set(_WINDOW)
    acknowledged: deque[int] = deque()
    client.on_publish = lambda _, __, mid, ___, ____: acknowledged.append(mid)
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    wait(client.is_connected, "the broker")
    began_ns, count = now_ns(), 0
    while now_ns() < began_ns + round(block_s * NS):
        if count - len(acknowledged) > _OUTSTANDING:
            sleep_until(now_ns() + NS // 1_000)
            continue
        for _ in range(20):
            client.publish("bare/tracks", payload, qos=1)
        count += 20
    wait(lambda: len(acknowledged) == count, "acknowledgements")
    took_s = (now_ns() - began_ns) / NS
    client.disconnect()
    client.loop_stop()
    return count / took_s
