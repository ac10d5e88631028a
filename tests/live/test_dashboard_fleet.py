"""The fleet's page with a rollout on its way: who runs what, and why not."""

from contextlib import closing

import pytest

from sim.broker import start_broker
from sim.dashboard import DashboardServer
from tests.dashboard.browser import browser
from tests.dashboard.pretend import PretendFleet, a_client
from tests.dashboard.rollout import NOT_REACHED, STANDINGS, told

pytestmark = [pytest.mark.chromium, pytest.mark.mosquitto, pytest.mark.timeout(120)]


def test_the_fleet_page_shows_who_runs_what_and_why_not():
    broker = start_broker(prefer=("mosquitto",))
    try:
        with (
            closing(PretendFleet(broker.port, 30)) as fleet,
            DashboardServer(lambda: {"broker": broker.page_url}, port=0) as server,
            browser() as page,
        ):
            client = a_client(broker.port, "updates")
            client.loop_start()
            for n, machine in enumerate(fleet.machines):
                message = told(machine, **(STANDINGS[n % len(STANDINGS)] if n < 12 else NOT_REACHED))
                client.publish(message.topic, message.payload, qos=1, retain=message.retain)
            fleet.start()
            page.open(f"{server.url}#/fleet")
            page.until("document.querySelector('.rollout')?.innerText.includes('has reached 11 of 30 machines')")
            page.until("document.querySelector('.rollout').innerText.includes('2 refused it')")
            rows = "[...document.querySelectorAll('.rows .row')].map((row) => row.innerText).join('|')"
            for words in ("downloads, 42", "refused harvest-26: quality", "harvest-26 waits for its window", "pinned"):
                page.until(f"{rows}.includes('{words}')")
            page.until("document.querySelector('.share i').getBoundingClientRect().width > 10")
            client.loop_stop()
            assert page.complaints() == []
    finally:
        broker.stop()
