"""The fleet's page with a rollout on its way: who runs what, and why not."""

from contextlib import closing

import pytest

from edge.telemetry.update_messages import Update
from sim.broker import start_broker
from sim.dashboard import DashboardServer
from tests.dashboard.browser import browser
from tests.dashboard.pretend import PretendFleet, a_client

pytestmark = [pytest.mark.chromium, pytest.mark.mosquitto, pytest.mark.timeout(120)]
OLD, NEW = "factory@0123456789ab", "harvest-26@ba9876543210"
STANDINGS = (
    {"active": NEW},
    {"active": NEW},
    {"active": NEW, "state": "probation", "offered": NEW},
    {"state": "download", "offered": NEW, "progress": 0.42},
    {"refused": NEW, "why": "quality", "text": f"{NEW}: damaged: 61 of 200 fruit; 9 of 4000 on {OLD}"},
    {"waits": "window"},
    {"by": "pin", "wanted": OLD},
)


def told(machine, **changes: object):
    fields = {"state": "idle", "active": OLD, "offered": None, "progress": 0.0, "why": None, "text": None}
    fields |= {"checked_utc": None, "channel": "stable", "word": 7, "wanted": NEW, "by": "rollout"}
    fields |= {"refused": None, "waits": None} | changes
    return machine.writer.encode(Update(**machine.writer.header(), **fields))


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
                reached = n < 12
                message = told(
                    machine, **(STANDINGS[n % len(STANDINGS)] if reached else {"by": "channel", "wanted": OLD})
                )
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
