"""Machines that are only told of: their messages are the contract's own, their lines nowhere."""

from __future__ import annotations

import random
import selectors
import threading
from datetime import UTC, datetime
from pathlib import Path

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from edge.clock import now_ns, sleep_until
from edge.config import load_profile
from edge.datapath import LABELS
from edge.telemetry.messages import Message, Metrics, TrackMessage, Writer
from edge.telemetry.preview_messages import Picture, Preview, Shown

ROOT = Path(__file__).parents[2]
DEMO = load_profile(ROOT / "firmware_config/profiles/demo.toml")
NS = 1_000_000_000
GATES = [(name, gate.outlet) for name, gate in DEMO.gates.items()]


def utc_of(ms: float) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def wall_ms() -> float:
    return datetime.now(UTC).timestamp() * 1000


class PretendMachine:
    """One machine's messages, as of `at_ms` since the epoch."""

    def __init__(self, site: str, name: str, seed: int = 1, jpeg: str = "") -> None:
        self.at_ms = wall_ms()
        self.writer = Writer(site, name, f"{name}-run", utc=lambda: utc_of(self.at_ms))
        self._chance = random.Random(seed)
        self._jpeg = jpeg
        self._n = 0

    def hello(self) -> list[Message]:
        return [self.writer.status("online"), self.writer.info(DEMO, "factory@0123456789ab")]

    def metrics(self, verdicts: int, **changed: object) -> Message:
        fields: dict[str, object] = {
            "state": "sorting",
            "frames": 30 * self._n,
            "frames_dropped": 0,
            "tracks": verdicts,
            "verdicts": verdicts,
            "fired": verdicts,
            "late": 0,
            "refused": 0,
            "step_p50_ms": 4.0,
            "step_p99_ms": 8.0 + self._chance.random(),
            "inference_p50_ms": 0.5,
            "gate_late_p99_ms": 0.2 + 0.1 * self._chance.random(),
            "queued_messages": 0,
            "shed_messages": 0,
            "throttled": False,
            "speed_allowed_mm_s": 600.0,
            "fruit_per_s_allowed": 60.0,
        }
        return self.writer.encode(Metrics(**self.writer.header(), **(fields | changed)))  # type: ignore[arg-type]  # it checks them

    def track(self) -> Message:
        gate, outlet = self._chance.choice(GATES)
        self._n += 1
        sure = self._chance.betavariate(8, 1)
        scores = {label: round((1 - sure) / 3, 4) for label in LABELS} | {outlet: round(sure, 4)}
        return self.writer.encode(
            TrackMessage(
                **self.writer.header(),
                track_id=f"run.{self._n}",
                lane=self._n % 2,
                length_mm=57.0,
                looks=8,
                label=outlet,
                confidence=round(sure, 4),
                unknown_score=0.02,
                scores=scores,
                outlet=outlet,
                reason="graded",
                gate=gate,
                result="fired",
                late_ms=0.1,
                bundle="factory@0123456789ab",
                profile=DEMO.digest,
            )
        )

    def preview(self, belt_mm: float, fruit: int, with_picture: bool) -> Message:
        shown = []
        for k in range(fruit):
            gate, outlet = self._chance.choice(GATES)
            x_mm = DEMO.gates[gate].x_mm
            origin_mm = round(belt_mm - 420 - 10 * k, 1)
            shown.append(
                Shown(
                    track_id=f"run.{self._n + k}",
                    lane=DEMO.gates[gate].lane,
                    origin_mm=origin_mm,
                    y_mm=108.0 if DEMO.gates[gate].lane == 0 else 228.0,
                    length_mm=57.0,
                    label=outlet,
                    confidence=0.9,
                    unknown_score=0.02,
                    outlet=outlet,
                    reason="graded",
                    gate=gate,
                    opens_mm=(origin_mm + x_mm - 25, origin_mm + x_mm + 25),
                    age_ms=5.0,
                    latency_ms=30.0,
                    slack_ms=200.0,
                )
            )
        boxes = tuple((0.1 * k, 0.3, 0.08, 0.12) for k in range(8))
        picture = Picture(jpeg=self._jpeg, age_ms=20.0, boxes=boxes) if with_picture and self._jpeg else None
        return self.writer.encode(
            Preview(**self.writer.aside(), belt_mm=belt_mm, speed_mm_s=600.0, verdicts=tuple(shown), picture=picture)
        )


def a_client(port: int, name: str) -> Client:
    client = Client(CallbackAPIVersion.VERSION2, client_id=name)
    client.connect("127.0.0.1", port, keepalive=60)
    return client


class PretendFleet:
    """Machines with a connection each, that send their metrics once a second from one thread. `verdicts` counts the
    milliseconds since `base_ms`, so that whoever sees it knows how old it is."""

    def __init__(self, port: int, machines: int, site: str = "plant") -> None:
        self.base_ms = wall_ms()
        self.machines = [PretendMachine(site, f"m{n:03}", n) for n in range(machines)]
        self.changed: dict[int, dict[str, object]] = {}
        """What is so of a machine from now on, by its number."""
        self.told_ms: dict[int, float] = {}
        """When that was first said."""
        self.pace: float | None = None
        """Verdicts a second, in place of the count of milliseconds."""
        self.sent = 0
        self._clients = [a_client(port, f"pretend-{n}") for n in range(machines)]
        self._selector = selectors.DefaultSelector()
        for client in self._clients:
            self._selector.register(client.socket(), selectors.EVENT_READ, client)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        for machine, client in zip(self.machines, self._clients, strict=True):
            for message in machine.hello():
                client.publish(message.topic, message.payload, qos=1, retain=message.retain)
        self._thread.start()

    def close(self) -> None:
        self._ended.set()
        self._thread.join(10)
        for client in self._clients:
            client.disconnect()
            if client.socket() is not None:
                client.socket().close()
        self._selector.close()

    def _run(self) -> None:
        spacing_ns = NS // len(self.machines)
        due_ns = now_ns()
        while not self._ended.is_set():
            n = self.sent % len(self.machines)
            machine, client = self.machines[n], self._clients[n]
            machine.at_ms = wall_ms()
            if n in self.changed:
                self.told_ms.setdefault(n, machine.at_ms)
            verdicts = round((machine.at_ms - self.base_ms) * (1 if self.pace is None else self.pace / 1000))
            said = machine.metrics(verdicts, **self.changed.get(n, {}))
            client.publish(said.topic, said.payload, qos=1)
            client.loop_misc()
            self.sent += 1
            for key, _ in self._selector.select(0):
                key.data.loop_read()
            due_ns += spacing_ns
            sleep_until(due_ns)
