"""The review page in a browser: a scripted person with a keyboard, a real broker, and a machine that answers."""

from __future__ import annotations

import statistics
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from edge.clock import now_ns, sleep_until
from sim.broker import start_broker
from sim.dashboard import DashboardServer
from tests.dashboard.browser import Page, browser, program
from tests.dashboard.reviewed import NS, ReviewedMachine, a_machine
from tests.evidence.dashboards import NO_BROWSER
from tests.evidence.trial import Finding, Trial, at_least, at_most, is_so

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FRUIT, LEAST = 120, 8
LOOKED_S = 0.4
"""How long the scripted person looks before the key goes down."""

KEYS = {"green": "g", "turning": "t", "red": "r", "damaged": "d", "unknown": "u"}
SHOWN = """(() => { const v = document.querySelector('.views'); const images = [...v.querySelectorAll('img')];
    return images.length && images.every((i) => i.complete && i.naturalWidth) ? v.dataset.track : null; })()"""
WATCH = """(() => { globalThis.waits = []; let began = null, before = null; const shown = () => %s;
    addEventListener('keydown', () => { began = performance.now(); before = shown(); }, true);
    requestAnimationFrame(function look() { const now = shown();
        if (began !== null && now && now !== before) { waits.push(performance.now() - began); began = null; }
        requestAnimationFrame(look); }); })()"""
NEXT = "(globalThis.waits.length >= %d) && %s"


def reviewing(trial: Trial) -> Finding:
    """How many fruit a minute a person can judge by the keyboard, what of it the machine has, and how blind it was."""
    if program() is None:
        return NO_BROWSER
    fruit = trial.count(FRUIT, LEAST)
    with reviewed(trial.folder, fruit + 5) as (machine, url), browser() as page:
        page.open(f"{url}#/review/desk/demo")
        page.until(SHOWN, 30)
        page.run(WATCH % SHOWN)
        told_away, seconds = _judge(page, machine, fruit)
        waits_ms = page.run("waits")
        _undo(page, machine)
        complaints = page.complaints()
        words = _settled(machine, fruit)
    took = [word.seconds for word in words.values() if word.seconds is not None]
    wrong = sum(word.label != machine.truth[track] for track, word in words.items())
    per_minute = 60 * fruit / seconds
    ordered = sorted(waits_ms)
    figures: dict[str, Any] = {
        "fruit": fruit,
        "seconds": round(seconds, 1),
        "per_minute": round(per_minute, 1),
        "looked_s": LOOKED_S,
        "next_shown_ms": {"p50": round(ordered[len(ordered) // 2], 1), "max": round(ordered[-1], 1)},
        "words_on_the_machines_disk": len(words),
        "measured_s": round(statistics.median(took), 2) if took else None,
        "verdicts_told_before_the_word": told_away,
        "complaints": complaints,
    }
    targets = [
        at_least("fruit a minute by the keyboard", round(per_minute, 1), 60),
        at_least("words on the machine's disk", len(words), fruit + 1),
        at_most("words that are not the key that was pressed", wrong, 0),
        at_most("verdicts told before the person's word", told_away, 0),
        at_most("from a key to the next fruit, 99 of 100, ms", round(ordered[len(ordered) * 99 // 100], 1), 200),
        is_so("every word says how long it took", len(took) == len(words)),
        is_so("the page complains of nothing", not complaints),
    ]
    return Finding(figures, targets, 1)


@contextmanager
def reviewed(folder: Path, fruit: int) -> Iterator[tuple[ReviewedMachine, str]]:
    """The machine, and where its page is served."""
    broker = start_broker(prefer=("mosquitto",))
    try:
        with (
            a_machine(broker.port, folder / "history", fruit) as machine,
            DashboardServer(lambda: {"broker": broker.page_url, "user": "desk"}, port=0) as server,
        ):
            yield machine, server.url
    finally:
        broker.stop()


def _judge(page: Page, machine: ReviewedMachine, fruit: int) -> tuple[int, float]:
    """Judge so many; answers how often the page told, and the seconds in all."""
    told_away, began_ns = 0, now_ns()
    for n in range(fruit):
        sleep_until(now_ns() + round(LOOKED_S * NS))
        track = page.run(SHOWN)
        told_away += _tells(page, machine, track)
        page.key(KEYS[machine.truth[track]])
        page.until(NEXT % (n + 1, SHOWN))
    return told_away, (now_ns() - began_ns) / NS


def _tells(page: Page, machine: ReviewedMachine, track: str) -> bool:
    """Whether the page says of the fruit in front what the machine called it, anywhere but on the buttons and in the
    word on the fruit before."""
    rest = page.run("""(() => { const card = document.querySelector('.judging').cloneNode(true);
        for (const part of card.querySelectorAll('.answers, .said')) part.remove(); return card.outerHTML; })()""")
    return machine.called[track] in rest


def _undo(page: Page, machine: ReviewedMachine) -> None:
    """One more is judged wrongly, taken back, and judged rightly: the last word counts."""
    track = page.run(SHOWN)
    page.key("u" if machine.truth[track] != "unknown" else "g")
    page.until(f"document.querySelector('.views').dataset.track !== '{track}'")
    page.key("z")
    page.until(f"document.querySelector('.views').dataset.track === '{track}'")
    page.until(SHOWN)
    page.key(KEYS[machine.truth[track]])


def _settled(machine: ReviewedMachine, fruit: int) -> dict[str, Any]:
    """The words, once all have come to the disk; as they are after some seconds."""
    until_ns = now_ns() + 10 * NS
    while len(machine.words()) < fruit + 1 and now_ns() < until_ns:
        sleep_until(now_ns() + NS // 5)
    sleep_until(now_ns() + NS // 2)
    return machine.words()
