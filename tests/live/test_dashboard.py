"""Every page in a real browser, against the simulated line in real time with a real broker between them."""

import os
import signal
from itertools import pairwise

import pytest

from edge.clock import now_ns, sleep_until
from sim.broker import start_broker
from tests.dashboard.browser import Page, browser
from tests.live.running import MS, heard, running

pytestmark = [pytest.mark.chromium, pytest.mark.mosquitto, pytest.mark.timeout(240)]
STOPPED_OFTEN = """
extends = "clean"
about = "the emergency stop is pressed again and again"
[machine.safety]
e_stop_pin = 26
""" + "".join(f'[[fault]]\nname = "e-stop"\nfrom_s = {at}\nto_s = {at + 6}\n' for at in range(8, 200, 16))

DELAYS = """[...sorter.machine.detail.fruit].filter(([, f]) => f.drawnAt)
    .map(([id, f]) => [id, f.drawnAt - f.decidedAt])"""
COLOURS = """(() => { const c = document.querySelector('canvas.belt');
    const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; const seen = new Set();
    for (let i = 0; i < d.length; i += 4) seen.add(d[i] * 65536 + d[i + 1] * 256 + d[i + 2]);
    return seen.size; })()"""


@pytest.fixture(scope="module")
def sim():
    with running("clean") as made:
        yield made


@pytest.fixture(scope="module")
def tab(sim):
    with browser() as page:
        page.open(sim.url)
        page.until("sorter.machine?.detail?.fruit.size > 3", 40)
        yield page


@pytest.fixture
def page(sim, tab):
    go(tab, "line")
    tab.until("document.querySelector('#state .word').innerText === 'SORTING'")
    yield tab
    assert tab.complaints() == []


def go(page: Page, name: str) -> None:
    page.run(f"location.hash = '#/{name}/desk/demo'")
    page.until(f"document.querySelector('nav [aria-current=page]').innerText.startsWith('{name.title()}')")


def test_a_fruit_is_drawn_within_a_quarter_of_a_second_of_its_verdict(page):
    page.until("[...sorter.machine.detail.fruit.values()].filter((f) => f.drawnAt).length > 5")
    delays: dict[str, float] = {}
    deadline_ns = now_ns() + 12_000 * MS
    while len(delays) < 60 and now_ns() < deadline_ns:
        delays |= {track: delay for track, delay in page.run(DELAYS)}
        sleep_until(now_ns() + 200 * MS)
    ordered = sorted(delays.values())
    assert len(ordered) >= 30
    assert ordered[len(ordered) // 2] < 150
    assert ordered[len(ordered) * 9 // 10] < 250, ordered


def test_the_line_shows_gates_figures_and_the_camera(page):
    page.until("document.querySelector('.tile b').innerText > '0'")
    page.until("sorter.machine.detail.picture?.boxes.length > 0")
    page.until("Number(document.querySelectorAll('.tile b')[1].innerText) > 0")
    page.until("document.querySelectorAll('.bars .bar').length >= 7")
    assert page.run(COLOURS) > 50, "fruit in their colours, not an empty belt"


def test_the_belt_moves_between_messages_at_the_belts_own_speed(page):
    steps = page.run("""(async () => { const { beltAt } = await import('./src/detail.js'); const found = [];
        for (let n = 0; n < 40; n += 1) { const t = Date.now(); found.push([t, beltAt(sorter.machine.detail, t)]);
        await new Promise(requestAnimationFrame); } return found; })()""")
    (t0, mm0), (t1, mm1) = steps[0], steps[-1]
    assert 1000 * (mm1 - mm0) / (t1 - t0) == pytest.approx(600, rel=0.1)
    assert all(b[1] >= a[1] - 5 for a, b in pairwise(steps))


def test_a_label_given_on_the_page_arrives_and_is_taken_back(page, sim):
    go(page, "quality")
    page.until("document.querySelectorAll('.gallery .fruit').length > 0", 30)
    page.until("document.querySelectorAll('.bars .bar b')[0].innerText.includes('%')")
    card = "document.querySelector('.gallery .fruit')"
    page.run(f"{card}.focus()")
    track = page.run(f"{card}.dataset.track")
    chosen = f"[...document.querySelectorAll('.fruit')].find((f) => f.dataset.track === '{track}')"
    with heard(sim.port, "cmd/desk/label") as asked, heard(sim.port, "labels") as told:
        page.key("d")
        command = asked(lambda said: said["track_id"] == track)
        assert command["label"] == "damaged"
        assert told(lambda said: said["track_id"] == track)["user"] == "desk"
        page.until(f"{chosen}.innerText.includes('it is damaged') || {chosen}.innerText.includes('confirmed')")
        page.until("document.querySelector('.toast button')?.innerText === 'Undo'")
        page.click(".toast button")
        assert asked(lambda said: said["track_id"] == track and said["label"] is None)["id"] != command["id"]
        assert told(lambda said: said["track_id"] == track and said["label"] is None)
        page.until(f"!{chosen}.dataset.judged")


def test_pictures_stand_still_while_somebody_judges_them(page):
    go(page, "quality")
    page.until("document.querySelectorAll('.gallery .fruit').length > 1", 30)
    page.run("document.querySelector('.gallery .fruit').focus()")
    shown = "[...document.querySelectorAll('.gallery .fruit')].map((f) => f.dataset.track).join()"
    before = page.run(shown)
    page.until("document.querySelector('.tools button').innerText.includes('more')", 30)
    assert page.run(shown) == before
    page.click(".tools button")
    assert page.run(shown) != before


def test_the_feed_is_stopped_after_a_second_thought_and_let_go_again(page, sim):
    with heard(sim.port, "metrics") as told:
        page.click(".act button")
        page.until("document.querySelector('.act button').innerText.includes('Really')")
        page.click(".act button")
        told(lambda said: said["feed_inhibit"])
        page.until("document.querySelector('.act button').innerText === 'Let it feed'")
        page.until("document.querySelector('#state .why').innerText.includes('Upstream')")
    with heard(sim.port, "metrics") as told:
        page.click(".act button")
        told(lambda said: not said["feed_inhibit"])
        page.until("document.querySelector('.act button').innerText === 'Stop feed'")


def test_the_machine_page_says_what_runs_and_how_the_computer_fares(page):
    go(page, "machine")
    page.until("document.querySelectorAll('dl dd').length > 20")
    said = page.text("#page")
    for word in (
        "factory",
        "bundle's digest",
        "profile's digest",
        "throttled",
        "messages waiting",
        "agrees with this page's",
        "ws://127.0.0.1",
    ):
        assert word in said, word


def test_the_fleet_page_lists_the_machine_and_leads_to_it(page):
    page.run("location.hash = '#/fleet'")
    page.until("document.querySelector('.rows .row')?.innerText.includes('SORTING')")
    page.until("[...document.querySelectorAll('.tally .num')].reduce((sum, n) => sum + Number(n.innerText), 0) === 1")
    page.click(".rows .row")
    page.until("location.hash === '#/line/desk/demo'")


def test_pages_are_reached_by_keys_and_the_theme_by_a_button(page):
    page.key("2")
    page.until("location.hash.startsWith('#/quality')")
    page.key("1")
    page.until("location.hash.startsWith('#/line')")
    background = "getComputedStyle(document.documentElement).backgroundColor"
    before = page.run(background)
    page.click("button.icon")
    assert page.run(background) != before
    page.click("button.icon")
    assert page.run(background) == before


def test_everything_comes_from_the_desk_itself(page):
    asked = [e["params"]["request"]["url"] for e in page.events if e.get("method") == "Network.requestWillBeSent"]
    assert asked
    assert all(url.startswith(("http://127.0.0.1:", "data:image/jpeg", "data:image/png")) for url in asked), asked


def test_a_silent_broker_is_shown_within_five_seconds_and_comes_back_by_itself(page, sim):
    go(page, "line")
    os.killpg(sim.broker_pid, signal.SIGSTOP)
    try:
        assert page.until("document.querySelector('#state .word').innerText === 'NO CONNECTION'", 5) < 5
        page.until("document.querySelector('.over').innerText.startsWith('No connection for')", 5)
        page.until("/last heard [0-9]+ s ago/.test(document.querySelector('#state .heard').innerText)", 5)
    finally:
        os.killpg(sim.broker_pid, signal.SIGCONT)
    page.until("document.querySelector('#state .word').innerText === 'SORTING'", 30)
    page.until("Date.now() - sorter.machine.detail.previewAt < 500", 30)


def test_a_killed_broker_is_shown_within_five_seconds_and_its_successor_is_found(page, sim):
    port, page_port = sim.port, int(page.run("new URL(sorter.link.state.broker).port"))
    os.killpg(sim.broker_pid, signal.SIGKILL)
    assert page.until("document.querySelector('#state .word').innerText === 'NO CONNECTION'", 5) < 5
    broker = start_broker(port, ("mosquitto",), page_port)
    try:
        page.until("document.querySelector('#state .word').innerText === 'SORTING'", 60)
        page.until("Date.now() - sorter.machine.detail.previewAt < 500", 30)
    finally:
        broker.stop()


def test_an_emergency_stop_is_the_word_of_the_page_with_its_remedy_and_is_acknowledged(tmp_path):
    scenario = tmp_path / "stopped-often.toml"
    scenario.write_text(STOPPED_OFTEN, encoding="utf-8")
    with running(str(scenario)) as sim, browser() as page:
        page.open(f"{sim.url}#/incidents/desk/demo")
        page.until("document.querySelector('#state .word')?.innerText === 'EMERGENCY STOP'", 60)
        assert len(page.text("#state .todo")) > 10
        page.until("document.querySelectorAll('.alarm').length >= 1")
        assert len(page.text(".alarm .remedy")) > 10
        with heard(sim.port, "cmd/desk/acknowledge") as asked:
            page.click(".alarm button")
            assert asked(lambda said: said["alarm"])
        page.until("document.querySelector('.alarm')?.innerText.includes('seen by desk')", 5)
        page.until("document.querySelector('#state .word').innerText === 'SORTING'", 30)
        page.until("document.querySelector('.timeline').innerText.includes('cleared')", 10)
        # A busy computer may have a warning of its own.
        page.until("![...document.querySelectorAll('.alarm')].some(a => a.innerText.includes('mergency stop'))", 10)
        page.call("Page.reload")  # whoever comes later sees it too
        page.until("document.querySelector('.timeline')?.innerText.includes('acknowledged by desk')", 20)
        assert page.complaints() == []
