"""What `sorter bench telemetry` asks of the disk: the wear of a card, and live fruit in time before a day's backlog."""

from collections import deque
from pathlib import Path
from typing import Any

from edge.bench.figures import percentile
from edge.bench.mosquitto import Listener, Mosquitto
from edge.bench.telling import decided, demo_told_to, fallen, said, tell, telling, wait
from edge.clock import now_ns, sleep_until
from edge.telemetry.messages import Writer
from edge.telemetry.rows import Batch, EarlierRun
from edge.telemetry.store import Store
from edge.telemetry.telemetry import MqttTelemetry

DAY_ITEMS = 864_000
"""A day of two lanes at five fruit a second."""
PACE_HZ = 20.0
"""For the wear of a card: two lanes at ten fruit a second."""

NS = 1_000_000_000
_OUTCOME_NS = 800_000_000
"""From verdict to outcome at the demo machine's furthest gate."""
_IO = Path("/proc/self/io")


def wear(broker: Mosquitto, listener: Listener, folder: Path, pace_s: float) -> dict[str, Any]:
    """What the disk is given for a fruit, while the broker answers, and while it is away and then comes back."""
    with telling(demo_told_to(broker.url, folder), "worn") as telemetry:
        wait(telemetry.online, "the broker")
        online = _paced(telemetry, "online", pace_s)
        broker.stop()
        before = written_bytes()
        count = _paced(telemetry, "away", pace_s)[1]
        broker.start()
        wait(lambda: telemetry.queued() == 0, "the backlog")
        sleep_until(now_ns() + 2 * NS)
        away = (written_bytes() - before, count)
    per_item = [round(written / items, 1) for written, items in (away, online)]
    return {
        "bytes_per_item": per_item[0],
        "bytes_per_item_online": per_item[1],
        "wear_gb_per_day": round(per_item[0] * PACE_HZ * 86_400 / 1e9, 2),
        "wear_gb_per_day_online": round(per_item[1] * PACE_HZ * 86_400 / 1e9, 2),
    }


def _paced(telemetry: MqttTelemetry, name: str, pace_s: float) -> tuple[int, int]:
    """Fruit at an even pace, each with its outcome a second later; returns bytes written and fruit."""
    before, began_ns, count = written_bytes(), now_ns(), round(pace_s * PACE_HZ)
    waiting: deque[tuple[int, str]] = deque()
    for n in range(count):
        at_ns = sleep_until(began_ns + round(n * NS / PACE_HZ))
        for record in decided(f"{name}.{n}"):
            telemetry.put(record)
        waiting.append((at_ns + _OUTCOME_NS, f"{name}.{n}"))
        while waiting and waiting[0][0] <= at_ns:
            telemetry.put(fallen(waiting.popleft()[1]))
    while waiting:
        due_ns, track_id = waiting.popleft()
        sleep_until(due_ns)
        telemetry.put(fallen(track_id))
    return written_bytes() - before, count


def catch_up(broker: Mosquitto, listener: Listener, folder: Path, catch_up_s: float, day_items: int) -> dict[str, Any]:
    """How late live fruit come while a backlog is sent, and how fast that goes."""
    lay_by(folder, day_items)
    put_at_ns: dict[str, int] = {}
    with telling(demo_told_to(broker.url, folder), "today") as telemetry:
        wait(telemetry.online, "the broker")
        began_ns = now_ns()
        before = len(listener.tracks("yesterday"))
        for n in range(round(catch_up_s * PACE_HZ)):
            sleep_until(began_ns + round(n * NS / PACE_HZ))
            put_at_ns[f"live.{n}"] = now_ns()
            tell(telemetry, f"live.{n}")
        rate = (len(listener.tracks("yesterday")) - before) / ((now_ns() - began_ns) / NS)
        wait(lambda: len(listener.ask()["live"]) == len(put_at_ns), "the last live fruit")
    came_at_ns = listener.ask()["live"]
    late_ms = [(came_at_ns[track_id] - at_ns) / 1e6 for track_id, at_ns in put_at_ns.items()]
    return {
        "backlog_items": day_items,
        "backlog_items_per_s": round(rate, 1),
        "backlog_hours": round(day_items / rate / 3_600, 2) if rate else None,
        "live_late_p50_ms": round(percentile(late_ms, 0.5), 1),
        "live_late_p99_ms": round(percentile(late_ms, 0.99), 1),
        "live_late_max_ms": round(max(late_ms), 1),
    }


def lay_by(folder: Path, items: int) -> None:
    """A file as a day without a broker leaves it."""
    store = Store(folder, 100 * DAY_ITEMS * 1_000, 7 * 86_400)
    store.open()
    writer = Writer("desk", "demo", "yesterday")
    run = EarlierRun("yesterday", "", 0)
    for first in range(0, items, 10_000):
        messages = [said(writer, f"yesterday.{n}") for n in range(first, min(items, first + 10_000))]
        store.commit(Batch(run, closes=True, messages=messages), 0)
    store.close()


def written_bytes() -> int:
    """What this process has given to disks so far, as the kernel counts it; 0 where it does not."""
    try:
        counts = dict(line.split(": ") for line in _IO.read_text(encoding="ascii").splitlines())
    except OSError:
        return 0
    return int(counts["write_bytes"])
