"""The broker in memory promises what real ones keep: the same claims on it, on mosquitto and on amqtt."""

import json
import random
from collections.abc import Callable

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from edge.clock import now_ns, sleep_until
from edge.config import Telemetry
from edge.telemetry import connection
from edge.telemetry.messages import Message, Writer
from edge.telemetry.mqtt import PahoPublisher
from edge.telemetry.outbox import LOOK_NS, Outbox
from sim.broker import LOOPBACK, RunningBroker, start_broker
from sim.memory_broker import MemoryBroker

DEADLINE_NS = 20_000_000_000
WRITER = Writer("desk", "demo", "run")
STATUS = "sorter/v1/desk/demo/status"


def greeting() -> list[Message]:
    return [WRITER.status("online")]


class InMemory:
    def __init__(self):
        self._broker = MemoryBroker()
        self._now_ns = 0

    def client(self):
        return self._broker.connect(WRITER.last_will(), greeting)

    def kill(self, client):
        client.kill()

    def leave(self, client):
        client.leave(WRITER.status("stopped"))

    def listen(self) -> list[tuple[str, dict]]:
        said: list[tuple[str, dict]] = []
        self._broker.subscribe(lambda topic, payload: said.append((topic, json.loads(payload))))
        return said

    def go_down(self):
        self._broker.go_down()

    def come_up(self):
        self._broker.come_up()

    def until(self, true: Callable[[], bool], *, client=None, outbox=None):
        for _ in range(1000):
            if true():
                return
            self._now_ns += LOOK_NS
            if outbox:
                outbox.step(self._now_ns)
        raise AssertionError("it did not come to that")

    def close(self):
        pass


class Real:
    """A broker's process, the device's own publisher, and a listener that is there before it."""

    def __init__(self, name: str, **settings: str):
        self._prefer = (name,)
        self._broker: RunningBroker = start_broker(prefer=self._prefer)
        self._settings = Telemetry(broker=self._broker.url, **settings)
        self.port = self._broker.port
        self.listeners: list[Client] = []

    def client(self):
        client = PahoPublisher(self._settings, "sorter-desk-demo", WRITER.last_will, greeting, random.Random(1))
        self.until(client.online, client=client)
        return client

    def kill(self, client):
        client.give_up("killed", now_ns())

    def leave(self, client):
        client.close(WRITER.status("stopped"), now_ns() + DEADLINE_NS)

    def listen(self):
        said: list[tuple[str, dict]] = []
        granted: list[int] = []
        listener = Client(CallbackAPIVersion.VERSION2)
        listener.on_message = lambda _, __, heard: said.append((heard.topic, json.loads(heard.payload)))
        listener.on_subscribe = lambda _, __, mid, ___, ____: granted.append(mid)
        listener.connect(LOOPBACK, self._broker.port)
        listener.subscribe("sorter/v1/#", qos=1)
        self.listeners.append(listener)
        self.until(lambda: bool(granted))
        return said

    def go_down(self):
        self.listeners.clear()
        self._broker.stop()

    def come_up(self):
        self._broker = start_broker(self._broker.port, self._prefer)

    def until(self, true, *, client=None, outbox=None):
        deadline_ns = now_ns() + DEADLINE_NS
        while not true():
            assert now_ns() < deadline_ns, "it did not come to that in time"
            for listener in self.listeners:
                listener.loop(0.01)
            if client:
                client.step(now_ns())
                client.serve(0.01)
            if outbox:
                outbox.step(now_ns())

    def close(self):
        for listener in self.listeners:
            listener.disconnect()
        self._broker.stop()


@pytest.fixture(
    params=[
        "memory",
        pytest.param("mosquitto", marks=[pytest.mark.slow, pytest.mark.mosquitto]),
        pytest.param("amqtt", marks=pytest.mark.slow),
    ]
)
def desk(request):
    made = InMemory() if request.param == "memory" else Real(request.param)
    yield made
    made.close()


def some(first: int, last: int) -> list[Message]:
    return [Message("track", "sorter/v1/desk/demo/tracks", b'{"n":%d}' % n, False) for n in range(first, last)]


def numbers(said) -> set[int]:
    return {payload["n"] for topic, payload in said if topic.endswith("/tracks")}


def states(said) -> list[str]:
    return [payload["state"] for topic, payload in said if topic == STATUS]


def test_every_message_is_acknowledged_and_arrives_at_least_once(desk):
    said = desk.listen()
    client = desk.client()
    outbox = Outbox(client, capacity=1000, writer=WRITER)
    for message in some(0, 300):
        outbox.put(message)
    desk.until(lambda: outbox.counts().queued == 0, client=client, outbox=outbox)
    desk.until(lambda: numbers(said) == set(range(300)))
    assert outbox.counts().acknowledged == 300


def test_whoever_comes_later_hears_that_the_machine_is_online(desk):
    client = desk.client()
    said = desk.listen()
    desk.until(lambda: states(said) == ["online"], client=client)


def test_a_killed_machine_is_said_to_be_offline_now_and_to_whoever_comes_later(desk):
    said = desk.listen()
    desk.kill(desk.client())
    desk.until(lambda: states(said) == ["online", "offline"])
    later = desk.listen()
    desk.until(lambda: states(later) == ["offline"])


def test_a_machine_that_leaves_on_purpose_is_stopped_and_not_offline(desk):
    said = desk.listen()
    desk.leave(desk.client())
    desk.until(lambda: states(said) == ["online", "stopped"])
    later = desk.listen()
    desk.until(lambda: states(later) == ["stopped"])


def test_a_machine_that_was_killed_and_is_back_is_online(desk):
    said = desk.listen()
    desk.kill(desk.client())
    client = desk.client()
    desk.until(lambda: states(said) == ["online", "offline", "online"], client=client)


def test_an_outage_is_survived_and_nothing_is_lost(desk):
    before = desk.listen()
    client = desk.client()
    outbox = Outbox(client, capacity=1000, writer=WRITER, window=8)
    for message in some(0, 50):
        outbox.put(message)
    desk.until(lambda: numbers(before) == set(range(50)), client=client, outbox=outbox)
    desk.go_down()
    for message in some(50, 100):
        outbox.put(message)
    desk.until(lambda: not client.online(), client=client, outbox=outbox)
    assert outbox.counts().queued >= 50
    desk.come_up()
    after = desk.listen()
    desk.until(lambda: outbox.counts().queued == 0, client=client, outbox=outbox)
    desk.until(lambda: numbers(before) | numbers(after) == set(range(100)))
    desk.until(lambda: states(after)[-1:] == ["online"])
    assert outbox.counts().shed == 0


@pytest.mark.slow
@pytest.mark.mosquitto
@pytest.mark.parametrize(("mqtt", "arrive"), [("3.1.1", ["metrics", "tracks"]), ("5", ["tracks"])])
def test_with_mqtt_5_counters_expire_at_the_broker_and_fruit_do_not(mqtt, arrive, monkeypatch):
    monkeypatch.setattr(connection, "EXPIRES_S", {"metrics": 1})
    desk = Real("mosquitto", mqtt=mqtt)
    try:
        heard: list[str] = []
        for visit in range(2):
            listener = Client(CallbackAPIVersion.VERSION2, client_id="late", clean_session=False)
            listener.on_message = lambda _, __, said: heard.append(said.topic.rsplit("/", 1)[-1])
            granted: list[int] = []
            listener.on_subscribe = lambda _, __, mid, ___, ____, granted=granted: granted.append(mid)
            listener.connect(LOOPBACK, desk.port)
            listener.subscribe("sorter/v1/#", qos=1)
            desk.listeners.append(listener)
            desk.until(lambda granted=granted: bool(granted))
            if visit == 0:
                desk.listeners.clear()
                listener.disconnect()
                publish_each(desk)
                sleep_until(now_ns() + 2_200_000_000)
        desk.until(lambda: "tracks" in heard)
        assert sorted(name for name in heard if name != "status") == arrive
    finally:
        desk.close()


def publish_each(desk: Real) -> None:
    client = desk.client()
    tokens = [client.publish(f"sorter/v1/desk/demo/{name}", b"{}", False) for name in ("metrics", "tracks")]
    taken: list[int] = []
    desk.until(lambda: bool(taken.extend(client.acknowledged()) or set(tokens) <= set(taken)), client=client)
    client.close(WRITER.status("stopped"), now_ns() + DEADLINE_NS)
