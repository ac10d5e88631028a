"""The dashboard under load: one busy line with an hour of history, and a fleet of five hundred machines."""

from __future__ import annotations

import base64
import os
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from edge.clock import now_ns, sleep_until
from sim.broker import RunningBroker, start_broker
from sim.dashboard import DashboardServer
from tests.dashboard.browser import Page, browser, program
from tests.dashboard.pretend import NS, PretendFleet, PretendMachine, a_client, wall_ms
from tests.evidence.trial import Finding, Trial, at_least, at_most
from tests.live.kills import child

if TYPE_CHECKING:
    from collections.abc import Iterator

FRUIT_PER_S = 50
MESSAGES_PER_S = 20
HISTORY_S, WATCH_S, STRETCH_S = 3_600, 300, 5
REPLAY_PER_S = 2_500
MACHINES, FLEET_S = 500, 120
HELD = "[...sorter.machine.detail.buckets.values()].reduce((n, b) => n + b.n, 0)"
NO_BROWSER = Finding({}, missing="no Chromium on PATH: apt install chromium")
FRAMES = """new Promise((done) => { const at = []; const end = performance.now() + %d;
    requestAnimationFrame(function next(t) { at.push(t); t < end ? requestAnimationFrame(next) : done(at); }); })"""
COUNT = "requestAnimationFrame(function next(t) { frameTimes.push(t); requestAnimationFrame(next); })"
TOPS = """globalThis.tops = []; requestAnimationFrame(function next() {
    const top = [...document.querySelectorAll('.rows .row')].find((row) => row.style.transform === 'translateY(0px)');
    if (top && tops.at(-1)?.[1] !== top.href) tops.push([Date.now(), top.href]);
    requestAnimationFrame(next); })"""
OBSERVE = """(() => { globalThis.ages = []; const base = %d;
    new MutationObserver((changes) => { const now = Date.now(); for (const { target } of changes) {
        const row = (target.parentElement ?? target).closest?.('.how small'); if (!row) continue;
        const n = /([0-9\\u202f]+) since/.exec(row.textContent); if (!n) continue;
        ages.push(now - base - Number(n[1].replaceAll('\\u202f', ''))); } })
    .observe(document.querySelector('.rows'), { characterData: true, childList: true, subtree: true }); })()"""


def load(trial: Trial) -> Finding:
    """Frames a second and memory of the line's page, with 50 fruit/s and an hour of history, on two cores."""
    if program() is None:
        return NO_BROWSER
    with _desk() as (broker, url), browser(_two_cores()) as page:
        page.open(f"{url}#/line/desk/busy")
        client = a_client(broker.port, "busy")
        client.loop_start()
        machine = PretendMachine("desk", "busy", jpeg=_jpeg())
        for message in machine.hello():
            client.publish(message.topic, message.payload, retain=message.retain)
        page.until("sorter.machine?.info?.layout && sorter.machine.detail")
        fetched = page.received_bytes()
        page.call("Network.disable")  # or every message is told here too, at the page's expense
        kept = _replay(client, machine, trial.count(HISTORY_S, 60))
        page.until(f"{HELD} >= {round(0.99 * kept)}", 60)
        held = page.run(HELD)
        spans, heaps = _watch(page, client, machine, trial.count(WATCH_S, 2 * STRETCH_S))
        client.disconnect()
        client.loop_stop()
    per_s = 1000 * len(spans) / sum(spans)
    figures: dict[str, Any] = {
        "fruit_per_s": FRUIT_PER_S,
        "history_fruit": held,
        "frames_per_s": round(per_s, 1),
        "frame_ms": {"p50": round(float(np.median(spans)), 1), "p99": round(float(np.quantile(spans, 0.99)), 1)},
        "heap_mb": [round(heap / 1e6, 1) for heap in heaps],
        "first_load_bytes_gzipped": fetched,
        "cores": len(_two_cores() or ()),
    }
    targets = [
        at_least("frames a second", round(per_s, 1), 50),
        at_most("growth of the page's memory behind its history, MB", round((heaps[-1] - heaps[0]) / 1e6, 1), 10),
        at_most("the page's memory, MB", round(max(heaps) / 1e6, 1), 100),
        at_most("first load, gzipped, bytes", fetched, 200_000),
    ]
    return Finding(figures, targets, 1)


def fleet(trial: Trial) -> Finding:
    """How old the figures of the fleet's page are, with 500 machines on one mosquitto, and what that costs it."""
    if program() is None:
        return NO_BROWSER
    machines = trial.count(MACHINES, 20)
    with _desk() as (broker, url), browser(_two_cores()) as page:
        page.open(f"{url}#/fleet")
        with closing(PretendFleet(broker.port, machines)) as pretended:
            pretended.start()
            page.until(f"sorter.store.machines.size === {machines}", 60)
            page.until("document.querySelectorAll('.rows .row').length > 10")
            page.call("Network.disable")
            page.run(OBSERVE % round(pretended.base_ms))
            began_ns, cpu_s, sent = now_ns(), _cpu_s(broker), pretended.sent
            surfaced = _scroll_and_surface(page, pretended, trial.count(FLEET_S, 6))
            seconds = (now_ns() - began_ns) / NS
            cpu, rate = (_cpu_s(broker) - cpu_s) / seconds, (pretended.sent - sent) / seconds
            ages = sorted(page.run("ages"))
            frames = page.run(FRAMES % 3000)
    p99 = ages[len(ages) * 99 // 100] if ages else None
    figures = {
        "machines": machines,
        "messages_per_s": round(rate, 1),
        "updates_seen": len(ages),
        "update_age_ms": {"p50": ages[len(ages) // 2] if ages else None, "p99": p99, "max": ages[-1] if ages else None},
        "worst_first_ms": surfaced,
        "broker": f"{broker.name} {broker.version}",
        "broker_cpu_percent_of_a_core": round(100 * cpu, 1),
        "frames_per_s": round(1000 * (len(frames) - 1) / (frames[-1] - frames[0]), 1),
    }
    targets = [
        at_most("age of an update when it is shown, 99 of 100, ms", p99, 1_000),
        at_most("from a machine's safe state to the top of the page, ms", max(surfaced), 1_000),
    ]
    return Finding(figures, targets, 1)


@contextmanager
def _desk() -> Iterator[tuple[RunningBroker, str]]:
    broker = start_broker(prefer=("mosquitto",))
    try:
        with DashboardServer(lambda: {"broker": broker.page_url, "user": "desk"}, port=0) as server:
            yield broker, server.url
    finally:
        broker.stop()


def _two_cores() -> set[int] | None:
    if not hasattr(os, "sched_getaffinity"):
        return None
    return set(sorted(os.sched_getaffinity(0))[:2])


def _replay(client: Any, machine: PretendMachine, seconds: int) -> int:
    """An hour of what a machine said, faster than it did. Returns how many fruit there were."""
    seconds = round(0.95 * seconds)  # telling takes its time too, and what is older than an hour is forgotten
    start_ms = wall_ms() - 1000 * seconds
    due_ns, fruit = now_ns(), 0
    for second in range(seconds):
        for k in range(FRUIT_PER_S):
            machine.at_ms = start_ms + 1000 * second + 20 * k
            client.publish(*_of(machine.track()))
            fruit += 1
        client.publish(*_of(machine.metrics(fruit)))
        due_ns += NS * FRUIT_PER_S // REPLAY_PER_S
        sleep_until(due_ns)
    return fruit


def _of(message: Any) -> tuple[str, bytes]:
    return message.topic, message.payload


def _watch(page: Page, client: Any, machine: PretendMachine, seconds: int) -> tuple[list[float], list[int]]:
    """How long each frame stood, in milliseconds, and the memory every half minute."""
    began_ns, tick, verdicts = now_ns(), 0, 1_000_000
    spans: list[float] = []
    heaps: list[int] = []
    page.run(f"globalThis.frameTimes = []; {COUNT}")
    for stretch in range(seconds // STRETCH_S):
        while now_ns() < began_ns + (stretch + 1) * STRETCH_S * NS:
            machine.at_ms = wall_ms()
            fruit = FRUIT_PER_S * (tick + 1) // MESSAGES_PER_S - FRUIT_PER_S * tick // MESSAGES_PER_S
            with_picture = tick % (MESSAGES_PER_S // 4) == 0
            client.publish(*_of(machine.preview(600 * (now_ns() - began_ns) / NS, fruit, with_picture)))
            for _ in range(fruit):
                client.publish(*_of(machine.track()))
            verdicts += fruit
            if tick % MESSAGES_PER_S == 0:
                client.publish(*_of(machine.metrics(verdicts)))
            tick += 1
            sleep_until(began_ns + tick * NS // MESSAGES_PER_S)
        spans += np.diff(page.run("frameTimes.splice(0)")).tolist()
        if stretch % 6 == 1 or stretch == seconds // STRETCH_S - 1:
            page.call("HeapProfiler.collectGarbage")
            heaps.append(page.run("performance.memory.usedJSHeapSize"))
            page.run("frameTimes.length = 0")
    return spans, heaps


def _scroll_and_surface(page: Page, pretended: PretendFleet, seconds: int) -> list[int]:
    """Look at one part of the list after the other; now and then a machine stops, and must come to the top. Answers
    how many milliseconds that took each."""
    page.run(TOPS)
    surfaced = []
    for n in range(max(1, seconds // 6)):
        page.run(
            f"document.querySelector('.rows').scrollTop = {n} * 900 % document.querySelector('.space').clientHeight"
        )
        sleep_until(now_ns() + 3 * NS)
        page.run("document.querySelector('.rows').scrollTop = 0")
        worst = (n * 37 + 11) % len(pretended.machines)
        pretended.changed = {worst: {"state": "safe"}}
        sleep_until(now_ns() + 3 * NS)
        name = f"plant/m{worst:03}"
        seen_ms = [at_ms for at_ms, row in page.run("tops") if row.endswith(name)]
        surfaced.append(round(min(seen_ms) - pretended.told_ms[worst]) if seen_ms else 99_999)
        pretended.changed = {}  # it sorts again: of two that stand, the top is one's alone
    return surfaced


def _cpu_s(broker: RunningBroker) -> float:
    """Of the broker's own process: user and system."""
    pid = child(child(os.getpid(), broker.name), broker.name)
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _jpeg() -> str:
    noise = np.random.default_rng(1).integers(60, 140, (60, 80, 3), np.uint8)
    pixels = cv2.resize(noise, (320, 240), interpolation=cv2.INTER_CUBIC)
    return base64.b64encode(cv2.imencode(".jpg", pixels, (cv2.IMWRITE_JPEG_QUALITY, 60))[1].tobytes()).decode()
