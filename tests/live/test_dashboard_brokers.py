"""The pages in a real browser with brokers of other kinds: one that asks who one is, and the embedded one."""

import json
import subprocess
from contextlib import contextmanager, suppress

import pytest

from edge.clock import now_ns, sleep_until
from sim.broker import LOOPBACK, answers, free_port, start_broker
from sim.dashboard import DashboardServer
from tests.dashboard.browser import browser
from tests.dashboard.pretend import PretendMachine, a_client
from tests.live.running import MS

pytestmark = [pytest.mark.chromium, pytest.mark.timeout(120)]


@contextmanager
def asking_broker(folder):
    """A mosquitto that lets in `anna`, by her password; machines by another listener."""
    port, page_port = free_port((0,)), free_port((0,))
    subprocess.run(["mosquitto_passwd", "-c", "-b", folder / "passwords", "anna", "s3cret"], check=True)
    (folder / "passwords").chmod(0o644)
    folder.chmod(0o755)
    (folder / "conf").write_text(
        f"per_listener_settings true\nlistener {port} {LOOPBACK}\nallow_anonymous true\n"
        f"listener {page_port} {LOOPBACK}\nprotocol websockets\nallow_anonymous false\n"
        f"password_file {folder / 'passwords'}\nuser root\n",
        encoding="utf-8",
    )
    with subprocess.Popen(["mosquitto", "-c", folder / "conf"], stderr=subprocess.DEVNULL) as process:
        try:
            while not answers(port, 0.2):
                assert process.poll() is None
            yield port, page_port
        finally:
            process.terminate()


@contextmanager
def a_machine(port: int):
    """A machine on a broker; what it gives lets it speak."""
    client = a_client(port, "machine")
    client.loop_start()
    machine = PretendMachine("desk", "demo")
    for message in machine.hello():
        client.publish(message.topic, message.payload, qos=1, retain=message.retain)

    def speak() -> None:
        said = machine.metrics(7)
        client.publish(said.topic, said.payload, qos=1)

    try:
        yield speak
    finally:
        client.disconnect()
        client.loop_stop()


@pytest.mark.mosquitto
def test_a_broker_that_asks_makes_the_page_ask_and_a_wrong_password_is_refused_in_words(tmp_path):
    with (
        asking_broker(tmp_path) as (port, page_port),
        a_machine(port) as speak,
        DashboardServer(lambda: {"broker": f"ws://{LOOPBACK}:{page_port}"}, port=0) as server,
        browser() as page,
    ):
        page.open(server.url)
        page.until("!!document.querySelector('.signin')")
        assert page.text("#state .word") == "SIGN IN"
        assert f"ws://{LOOPBACK}:{page_port}" in page.text(".signin")
        for password in ("wrong", "s3cret"):
            page.run("document.querySelector('.signin input[name=user]').value = 'anna'")
            page.run(f"document.querySelector('.signin input[name=password]').value = '{password}'")
            page.click(".signin button")
            if password == "wrong":
                page.until("document.querySelector('.signin').innerText.includes('Refused')")
        page.until("!document.querySelector('.signin')")
        page.until("!!sorter.machine?.info")  # retained: then the page has subscribed
        speak()
        page.until("document.querySelector('#state .word').innerText === 'SORTING'")
        assert page.run("sorter.commands.user") == "anna"
        kept = page.run("JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href])")
        assert "s3cret" not in kept
        assert page.complaints() == []


def test_the_embedded_broker_serves_the_page_as_well():
    broker = start_broker(prefer=("amqtt",))
    try:
        with (
            a_machine(broker.port) as speak,
            DashboardServer(lambda: {"broker": broker.page_url}, port=0) as server,
            browser() as page,
        ):
            page.open(server.url)
            page.until("sorter.link.state.open")
            page.until("!!sorter.machine?.info")
            speak()
            page.until("document.querySelector('#state .word').innerText === 'SORTING'")
            until_ns = now_ns() + 6_000 * MS  # longer than it takes to call a broker silent
            while now_ns() < until_ns:
                speak()
                assert page.run("sorter.link.state.open")
                sleep_until(now_ns() + 500 * MS)
            assert page.complaints() == []
    finally:
        broker.stop()


MARKUP = """"><img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'`${window.hacked=1}"""


def poisoned(said: object) -> object:
    """Markup in place of every text of a message, but for those without which it is none."""
    if isinstance(said, dict):
        kept = ("schema", "run_id", "ts_utc", "since_utc", "state", "severity")
        return {key: value if key in kept else poisoned(value) for key, value in said.items()}
    if isinstance(said, list | tuple):
        return [poisoned(one) for one in said]
    return MARKUP if isinstance(said, str) else said


ALARM = {"name": "x", "severity": "error", "text": "x", "since_utc": "2026-01-01T00:00:00Z"}
CROP = {
    "track_id": "x",
    "why": "random",
    "jpeg": "x",
    "label": "x",
    "confidence": 0.5,
    "outlet": "x",
    "reason": "x",
}


def heard_again(page, client, said) -> None:
    """Metrics are not retained: like a machine, say them each second, as the page may not have subscribed yet."""
    for _ in range(15):
        for message in said:
            text = poisoned(json.loads(message.payload))
            more = {"metrics": {"alarms": [poisoned(ALARM)]}, "preview": {"crops": [poisoned(CROP)]}}
            text |= more.get(message.topic.rsplit("/")[-1], {})
            client.publish(message.topic, json.dumps(text), qos=1, retain=message.retain)
        with suppress(AssertionError):
            page.until("!!sorter.machine?.metrics && sorter.machine.alarms.size > 0", 1.0)
            return
    raise AssertionError("no metrics reached the page in 15 seconds")


def test_nothing_that_a_machine_says_becomes_markup():
    broker = start_broker()
    client = a_client(broker.port, "hostile")
    client.loop_start()
    machine = PretendMachine("desk", "demo")
    try:
        with DashboardServer(lambda: {"broker": broker.page_url}, port=0) as server, browser() as page:
            page.open(server.url)
            page.until("sorter.link.state.open")
            for name in ("line", "quality", "incidents", "machine", "fleet"):
                page.run(f"location.hash = '#/{name}/desk/demo'")
                said = [
                    *machine.hello(),
                    machine.metrics(1, alarms=()),
                    machine.track(),
                    machine.preview(1000, 3, False),
                ]
                heard_again(page, client, said)
                page.until("document.body.innerText.includes('<img src=x')")
                assert page.run("window.hacked ?? 0") == 0
                assert page.run("document.querySelectorAll('main script, img[src=x], [onerror]').length") == 0
    finally:
        client.disconnect()
        client.loop_stop()
        broker.stop()


def test_a_link_cannot_name_a_broker_of_another_host():
    with DashboardServer(lambda: {"broker": f"ws://{LOOPBACK}:1"}, port=0) as server, browser() as page:
        for asked in ("wss://elsewhere.example:8083", f"ws://{LOOPBACK}.example:2", "ws://x:y", "javascript:1"):
            page.open(f"{server.url}?broker={asked}")
            page.until(f"sorter.link.state.broker === 'ws://{LOOPBACK}:1'")
        page.open(f"{server.url}?broker=ws://{LOOPBACK}:2")
        page.until(f"sorter.link.state.broker === 'ws://{LOOPBACK}:2'")
