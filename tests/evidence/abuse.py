"""Hostile commands: at the machine's desk, each looked at, and as fast as a real broker hands them on."""

from __future__ import annotations

import itertools
import random
import tracemalloc
from collections import Counter
from typing import Any

import psutil
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from edge.clock import now_ns
from edge.config import Telemetry, load_profile
from edge.telemetry.commands import MOST_REMEMBERED, PER_S
from edge.telemetry.telemetry import MqttTelemetry
from edge.wishes import Wishes
from sim.broker import LOOPBACK, start_broker
from tests.edge.telemetry.commanded import ROOT, Commanded
from tests.edge.telemetry.hostile import KINDS, hostile, with_done
from tests.evidence.trial import ROOT as CHECKOUT
from tests.evidence.trial import Finding, Trial, at_least, at_most, is_so

MANY, SEED = 100_000, 1
THROUGH = 20_000
"""So many of them go through a broker too."""


def commands(trial: Trial) -> Finding:
    """Malformed, misworded, oversized, late, unauthorised, misdirected, retained and replayed, an eighth each."""
    desk = _at_the_desk(trial.count(MANY))
    broker = _through_a_broker(trial.count(THROUGH))
    targets = [
        at_most("acted on", desk["acted_on"] + broker["acted_on"], 0),
        at_most("memory that the desk keeps, kB", desk["kept_kb"], 5_000),
        at_most("memory that the second half of the commands adds, kB", desk["grown_kb"], 500),
        at_most("memory that the process grows by through the broker, MB", broker["grown_mb"], 32),
        at_most("answers remembered", desk["remembered"], MOST_REMEMBERED),
        is_so("a good command is done afterwards", desk["good_done"]),
        is_so("each was looked at", sum(desk["counts"].values()) == desk["commands"]),
        at_least("heard through the broker, of those sent to this machine", broker["heard_share"], 0.99),
    ]
    return Finding({"desk": desk, "broker": broker}, targets, SEED)


def _at_the_desk(many: int) -> dict[str, Any]:
    machine = with_done(Commanded())
    began = machine.acts
    done = machine.desk.counts.done
    tracemalloc.start()
    answered: Counter[bool] = Counter()
    began_ns = now_ns()
    half_kept = 0
    for n, (topic, payload, retained) in enumerate(itertools.islice(hostile(machine, random.Random(SEED)), many)):
        half_kept = tracemalloc.get_traced_memory()[0] if n == many // 2 else half_kept
        answered[machine.desk.hear(topic, payload, retained, machine.now_ns) is not None] += 1
        machine.pass_(1 / PER_S)
    wall_s = (now_ns() - began_ns) / 1e9
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    acted = machine.acts - began
    counts = machine.desk.counts
    machine.pass_(60)
    good = machine.hear("feed", go=True)
    return {
        "commands": many,
        "kinds": [kind.__name__ for kind in KINDS],
        "acted_on": acted,
        "answered": answered[True],
        "counts": {"refused": counts.refused, "dropped": counts.dropped, "repeated": counts.repeated},
        "done_before": done,
        "kept_kb": round(kept / 1e3, 1),
        "grown_kb": round((kept - half_kept) / 1e3, 1),
        "peak_kb": round(peak / 1e3, 1),
        "remembered": machine.desk.remembered,
        "us_each": round(wall_s / many * 1e6, 1),
        "good_done": good is not None and good["outcome"] == "done",
    }


def _through_a_broker(many: int) -> dict[str, Any]:
    """A machine's telemetry at a real broker, and whoever sends as fast as he can."""
    broker = start_broker()
    try:
        profile = load_profile(CHECKOUT / "firmware_config/profiles/demo.toml")
        asked = {"anna": ["feed", "label", "acknowledge", "preview"]}
        profile = profile.model_copy(
            update={
                "site": "packing",
                "machine": "line-1",
                "telemetry": Telemetry(broker=broker.url),
                "commands": asked,
            }
        )
        wishes = Wishes()
        return _stormed(MqttTelemetry(profile, "run", "factory@0123456789ab", None, wishes), wishes, broker.port, many)
    finally:
        broker.stop()


def _stormed(telemetry: MqttTelemetry, wishes: Wishes, port: int, many: int) -> dict[str, Any]:
    sender = Client(CallbackAPIVersion.VERSION2)
    sender.connect(LOOPBACK, port)
    sender.loop_start()
    _until(telemetry, telemetry.online)
    before = psutil.Process().memory_info().rss
    mine = 0
    for topic, payload, _ in itertools.islice(hostile(with_done(Commanded()), random.Random(SEED)), many):
        if topic and not set(topic) & set("+#\x00"):
            mine += topic.startswith(f"{ROOT}/cmd/") and topic.count("/") == 6
            sender.publish(topic, payload).wait_for_publish(5)
        telemetry.step(now_ns())
    counts = telemetry.commanded
    _until(telemetry, lambda: counts.dropped + counts.refused + counts.done >= mine, within_s=10)
    grown = psutil.Process().memory_info().rss - before
    heard = counts.dropped + counts.refused + counts.repeated + counts.done
    sender.disconnect()
    sender.loop_stop()
    telemetry.close()
    return {
        "commands": many,
        "acted_on": counts.done + wishes.feed_stopped,
        "grown_mb": round(grown / 1e6, 1),
        "heard": heard,
        "heard_share": round(heard / mine, 4),
    }


def _until(telemetry: MqttTelemetry, true: Any, within_s: float = 20.0) -> None:
    deadline_ns = now_ns() + round(within_s * 1e9)
    while not true() and now_ns() < deadline_ns:
        telemetry.step(now_ns())
