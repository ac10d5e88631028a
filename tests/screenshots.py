"""The dashboard's pictures for the documentation: `python -m tests.screenshots docs/dashboard`.

Each page of a live simulated line, a fleet of pretended machines, and the states that nobody hopes to see.
"""

from __future__ import annotations

import argparse
import os
import signal
import tempfile
from contextlib import closing
from pathlib import Path

from edge.clock import now_ns, sleep_until
from edge.incidents import CATALOGUE
from edge.telemetry.header import OpenAlarm
from sim.broker import start_broker
from sim.dashboard import DashboardServer
from tests.dashboard.browser import Page, browser
from tests.dashboard.pretend import NS, PretendFleet, a_client, utc_of, wall_ms
from tests.dashboard.rollout import NOT_REACHED, STANDINGS, told
from tests.live.running import running

DESK, TABLET, PHONE = (1280, 900), (1024, 768), (390, 844)
MOST_BYTES = 150_000
WARM_S, STOP_AT_S = 40, 150
SCENARIO = f"""
extends = "clean"
about = "a plain run, then an emergency stop"
[machine.safety]
e_stop_pin = 26
[[fault]]
name = "e-stop"
from_s = {STOP_AT_S}
to_s = {STOP_AT_S + 60}
"""


def main() -> None:
    """Write them all."""
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots", description=main.__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work, browser() as page:
        scenario = Path(work) / "a-day.toml"
        scenario.write_text(SCENARIO, encoding="utf-8")
        with running(str(scenario)) as sim:
            _of_the_line(page, sim.url, folder)
            page.until("document.querySelector('#state .word').innerText === 'EMERGENCY STOP'", STOP_AT_S + 60)
            _take(page, f"{sim.url}#/line/desk/demo", folder / "stop.webp", TABLET, "dark", 3)
            _take(page, f"{sim.url}#/incidents/desk/demo", folder / "incidents.webp", TABLET, "light", 3)
            os.killpg(sim.broker_pid, signal.SIGSTOP)
            sleep_until(now_ns() + 12 * NS)
            _shoot(page, folder / "no-connection.webp")
            os.killpg(sim.broker_pid, signal.SIGCONT)
        _of_a_fleet(page, folder)
    for path in sorted(folder.glob("*.webp")):
        assert path.stat().st_size < MOST_BYTES, f"{path}: {path.stat().st_size} bytes"


def _of_the_line(page: Page, url: str, folder: Path) -> None:
    line, quality = f"{url}#/line/desk/demo", f"{url}#/quality/desk/demo"
    _take(page, line, folder / "line.webp", DESK, "light", WARM_S)
    _take(page, line, folder / "line-dark.webp", DESK, "dark", 8)
    _take(page, line, folder / "line-phone.webp", PHONE, "light", 8)
    page.open(quality, *DESK)
    page.theme("light")
    page.until("document.querySelectorAll('.gallery .fruit').length > 11", 60)
    page.run("document.querySelectorAll('.fruit')[1].querySelector('[data-label=damaged]').click()")
    sleep_until(now_ns() + 2 * NS)
    _shoot(page, folder / "quality.webp")
    _take(page, f"{url}#/machine/desk/demo", folder / "machine.webp", DESK, "dark", 12)


def _of_a_fleet(page: Page, folder: Path) -> None:
    broker = start_broker(prefer=("mosquitto",))
    try:
        with (
            DashboardServer(lambda: {"broker": broker.page_url, "user": "desk"}, port=0) as server,
            closing(PretendFleet(broker.port, 120, site="packing")) as fleet,
        ):
            fleet.changed = {17: {"state": "safe", "alarms": (_alarm("e_stop"),)}, 63: {"throttled": True}}
            for n, code in ((5, "overload"), (40, "belt_off_speed"), (88, "encoder_slips")):
                fleet.changed[n] = {"alarms": (_alarm(code),)}
            fleet.pace = 9.6
            _tell_of_a_rollout(fleet, broker.port)
            fleet.start()
            _take(page, f"{server.url}#/fleet", folder / "fleet.webp", DESK, "light", 6)
            _take(page, f"{server.url}#/fleet", folder / "fleet-phone.webp", PHONE, "dark", 4)
    finally:
        broker.stop()


def _tell_of_a_rollout(fleet: PretendFleet, port: int) -> None:
    client = a_client(port, "updates")
    client.loop_start()
    for n, machine in enumerate(fleet.machines):
        message = told(machine, **(STANDINGS[n % len(STANDINGS)] if n % 8 == 5 else NOT_REACHED))
        client.publish(message.topic, message.payload, qos=1, retain=message.retain).wait_for_publish(5)
    client.loop_stop()


def _alarm(code: str) -> OpenAlarm:
    entry = CATALOGUE[code]
    figures = {"percent": 5, "speed_mm_s": 571, "shed": 38}
    return OpenAlarm(name=code, severity=entry.severity, text=entry.say(figures), since_utc=utc_of(wall_ms()))


def _take(page: Page, url: str, path: Path, size: tuple[int, int], theme: str, after_s: float) -> None:
    page.theme(theme)
    page.open(url, *size, touch=size is PHONE, scale=2 if size is PHONE else 1)
    sleep_until(now_ns() + round(after_s * NS))
    _shoot(page, path)


def _shoot(page: Page, path: Path) -> None:
    """As good as fits."""
    for quality in (85, 75, 60, 45):
        page.picture(path, quality)
        if path.stat().st_size < MOST_BYTES:
            return


if __name__ == "__main__":
    main()
