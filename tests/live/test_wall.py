"""A plant as it is set up: a live line, mosquitto with TLS and rules, and a page signed in as a screen on the wall."""

import contextlib
import threading
from collections.abc import Iterator

import pytest

from edge import clock
from sim.broker import LOOPBACK
from sim.conveyor import Limit
from sim.dashboard import DashboardServer
from sim.desk import Desk
from sim.setup import prepare
from tests.dashboard.browser import browser
from tests.live.kills import live_desk
from tests.plant.mosquitto import a_plant

pytestmark = [pytest.mark.chromium, pytest.mark.mosquitto]


@contextlib.contextmanager
def stepped(desk: Desk) -> Iterator[None]:
    """The desk runs in a thread of its own."""
    is_over = threading.Event()

    def run() -> None:
        while not is_over.is_set():
            now_ns = clock.now_ns()
            clock.sleep_until(min(desk.step(now_ns), now_ns + 2_000_000))

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def test_a_screen_on_the_wall_sees_the_line_alive_and_stops_no_feed(tmp_path):
    with a_plant(tmp_path / "office") as broker:
        home = broker.folder / "machines/line-1"
        told = {
            "broker": f"mqtts://localhost:{broker.ports['password']}",
            "ca_file": str(home / "ca.crt"),
            "username": "line-1",
            "password_file": str(home / "password"),
        }
        # Even a profile that would let it: the broker's rules pass nothing on.
        allowed = {"wall": ["preview", "feed"]}
        machine = {"site": "packing", "machine": "line-1", "telemetry": told, "commands": allowed}
        with (
            live_desk(prepare("clean", seed=1, limit=Limit()), told["broker"], machine) as desk,
            stepped(desk),
            DashboardServer(lambda: {"broker": f"wss://{LOOPBACK}:{broker.ports['browser']}"}, port=0) as server,
            browser() as page,
        ):
            page.call("Security.setIgnoreCertificateErrors", ignore=True)  # nobody gave this browser the plant's CA
            page.open(server.url)
            page.until("!!document.querySelector('.signin')")
            page.run("document.querySelector('.signin input[name=user]').value = 'wall'")
            password = broker.password("wall")
            page.run(f"document.querySelector('.signin input[name=password]').value = '{password}'")
            page.click(".signin button")
            page.until("sorter.machine?.detail?.fruit.size > 3", 30)
            page.until("sorter.machine.detail.picture?.boxes.length > 0")
            page.until("document.querySelector('#state .word').innerText === 'SORTING'")
            page.until("document.querySelector('.over').hidden")
            for _ in range(2):
                page.click(".act button")
            page.until("document.querySelector('.act').innerText.includes('no answer')", 10)
            assert not page.run("sorter.machine.metrics.feed_stopped")
            assert page.complaints() == []
