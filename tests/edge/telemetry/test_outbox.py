import json

from hypothesis import given
from hypothesis import strategies as st

from edge.telemetry.messages import Message, Writer
from edge.telemetry.outbox import LOOK_NS, Outbox
from sim.memory_broker import MemoryBroker

SECOND_NS = 1_000_000_000
WRITER = Writer("desk", "demo", "run", utc=lambda: "2025-01-01T00:00:00.000Z")


def a_message(kind: str, n: int) -> Message:
    topic = f"alarm/{n}" if kind == "alarm" else kind
    payload = json.dumps({"kind": kind, "n": n}).encode()
    return Message(kind, topic, payload, kind in ("status", "info"), "run", n)


class Deaf:
    """A broker that takes everything and acknowledges only when told to."""

    def __init__(self):
        self.taken: list[bytes] = []
        self.is_online = True
        self.tokens: list[int] = []

    def publish(self, topic, payload, retain):
        self.taken.append(payload)
        return len(self.taken)

    def acknowledged(self):
        tokens, self.tokens = self.tokens, []
        return tokens

    def online(self):
        return self.is_online


def _told(topic: str, said: dict) -> tuple:
    return (
        ("gap", said["from_seq"], said["to_seq"], said["messages"]) if topic.endswith("/gap") else tuple(said.values())
    )


def heard(broker: MemoryBroker) -> list[tuple[str, int]]:
    said = []
    broker.subscribe(lambda topic, payload: said.append(_told(topic, json.loads(payload))))
    return said


def test_a_message_is_deleted_when_the_broker_acknowledges_it_and_not_before():
    deaf = Deaf()
    box = Outbox(deaf, capacity=10, writer=WRITER)
    box.put(a_message("track", 1))
    box.step(0)
    assert (len(deaf.taken), box.counts().queued) == (1, 1)
    deaf.tokens = [1]
    box.step(1)
    assert (box.counts().queued, box.counts().acknowledged) == (0, 1)


def test_a_message_without_acknowledgement_is_sent_again_after_the_timeout():
    deaf = Deaf()
    box = Outbox(deaf, capacity=10, writer=WRITER, resend_ns=5 * SECOND_NS)
    box.put(a_message("track", 1))
    box.step(0)
    box.step(5 * SECOND_NS - 1)
    assert len(deaf.taken) == 1
    box.step(5 * SECOND_NS)
    assert deaf.taken[0] == deaf.taken[1]
    assert box.counts().resent == 1


def test_no_more_than_the_window_is_on_its_way():
    deaf = Deaf()
    box = Outbox(deaf, capacity=100, writer=WRITER, window=3)
    for n in range(10):
        box.put(a_message("track", n))
    box.step(0)
    assert len(deaf.taken) == 3
    deaf.tokens = [1, 2]
    box.step(1)
    assert len(deaf.taken) == 5


def test_fruit_are_sent_in_their_order_also_after_a_lost_connection():
    broker = MemoryBroker()
    said = heard(broker)
    box = Outbox(broker.connect(), capacity=100, writer=WRITER, window=4)
    for n in range(6):
        box.put(a_message("track", n))
    box.step(0)
    broker.go_down()
    box.step(LOOK_NS)
    broker.come_up()
    box.step(2 * LOOK_NS)
    box.step(3 * LOOK_NS)
    assert [n for _, n in said] == [0, 1, 2, 3, 0, 1, 2, 3, 4, 5]


def test_when_full_the_oldest_fruit_go_first_and_are_counted():
    broker = MemoryBroker()
    broker.go_down()
    box = Outbox(broker.connect(), capacity=5, writer=WRITER)
    for n in range(8):
        box.put(a_message("track", n))
    box.put(a_message("alarm", 0))
    assert (box.counts().queued, box.counts().shed) == (5, 4)
    said = heard(broker)
    broker.come_up()
    box.step(0)
    assert said == [("gap", 0, 3, 4), ("alarm", 0), ("track", 4), ("track", 5), ("track", 6), ("track", 7)]


def test_a_newer_status_takes_the_place_of_one_that_waits():
    broker = MemoryBroker()
    broker.go_down()
    box = Outbox(broker.connect(), capacity=5, writer=WRITER)
    for n in range(100):
        box.put(a_message("status", n))
    said = heard(broker)
    broker.come_up()
    box.step(0)
    assert said == [("status", 99)]
    assert box.counts().shed == 0


def test_an_older_status_never_follows_a_newer_one():
    deaf = Deaf()
    box = Outbox(deaf, capacity=5, writer=WRITER)
    box.put(a_message("status", 1))
    box.step(0)
    box.put(a_message("status", 2))
    box.step(1)
    deaf.is_online = False
    box.step(2)
    deaf.is_online = True
    box.step(3)
    assert [json.loads(payload)["n"] for payload in deaf.taken] == [1, 2, 2]


def test_no_alarm_and_not_the_newest_counters_are_ever_shed():
    broker = MemoryBroker()
    broker.go_down()
    box = Outbox(broker.connect(), capacity=4, writer=WRITER)
    for n, kind in enumerate(["alarm", "metrics", "alarm", "metrics", "track", "alarm", "alarm", "track"]):
        box.put(a_message(kind, n))
    box.step(0)
    assert (box.counts().queued, box.counts().shed) == (4, 4)
    said = heard(broker)
    broker.come_up()
    box.step(SECOND_NS)
    assert [one for one in said if one[0] != "gap"] == [("alarm", 0), ("alarm", 2), ("alarm", 5), ("metrics", 3)]


def test_what_is_lost_is_told_once_the_broker_is_there_and_in_one_message_however_much_it_was():
    broker = MemoryBroker()
    broker.go_down()
    box = Outbox(broker.connect(), capacity=5, writer=WRITER)
    for n in range(1, 1_001):
        box.put(a_message("track", n))
        box.step(n)
    said = heard(broker)
    broker.come_up()
    for n in range(5):
        box.step(SECOND_NS * n)
    assert [one for one in said if one[0] == "gap"] == [("gap", 1, 995, 995)]


def test_what_is_live_goes_ahead_of_a_backlog_whose_rate_is_limited():
    broker = MemoryBroker()
    broker.go_down()
    box = Outbox(broker.connect(), capacity=10_000, writer=WRITER, backlog_hz=100)
    for n in range(1_000):
        box.put(a_message("track", n))
    box.step(0)
    said = heard(broker)
    broker.come_up()
    box.step(0)
    now_ns, live = 0, list(range(1_000, 1_100))
    for n in live:
        box.put(a_message("track", n))
        now_ns += 2 * LOOK_NS
        box.step(now_ns)
        assert ("track", n) in said[-50:]
    numbers = [n for _, n in said]
    assert [n for n in numbers if n >= 1_000] == live
    assert [n for n in numbers if n < 1_000] == list(range(len(numbers) - len(live)))
    assert len(numbers) - len(live) <= 100 * now_ns / SECOND_NS + 10


ACTIONS = st.lists(st.sampled_from(["track", "metrics", "alarm", "info", "down", "up", "step", "pass"]), max_size=200)


@given(ACTIONS, st.integers(1, 20), st.integers(1, 8))
def test_what_goes_in_comes_out_at_least_once_or_is_counted_as_shed(actions, capacity, window):
    broker = MemoryBroker()
    said = heard(broker)
    box = Outbox(broker.connect(), capacity, WRITER, window=window)
    put: list[tuple[str, int]] = []
    now_ns = 0
    for n, action in enumerate(actions):
        now_ns += LOOK_NS
        if action == "down":
            broker.go_down()
        elif action == "up":
            broker.come_up()
        elif action in ("step", "pass"):
            box.step(now_ns if action == "step" else now_ns + 10 * SECOND_NS)
        else:
            put.append((action, n))
            box.put(a_message(action, n))
        assert box.counts().queued <= capacity + 1  # what was lost is told beside them
    broker.come_up()
    while box.counts().queued:
        now_ns += LOOK_NS
        box.step(now_ns)
    told = {one for one in said if one[0] != "gap"}
    replaced = sum(kind == "info" for kind, _ in put) - sum(kind == "info" for kind, _ in told)
    assert told <= set(put)
    assert len(put) - len(told) <= box.counts().shed + replaced
