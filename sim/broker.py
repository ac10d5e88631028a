"""The broker of the machine on a desk: mosquitto where it is installed, else amqtt in a process of its own.

It listens on the loopback address and nowhere else: amqtt hands retained messages to clients that never asked for
them, and neither asks who is there.
"""

import contextlib
import getpass
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from edge.clock import now_ns, sleep_until
from edge.errors import BrokerFault

LOOPBACK = "127.0.0.1"
USUAL_PORT = 1883
USUAL_PAGE_PORT = 9001
READY_S = 10.0
END_S = 3.0
NS = 1_000_000_000
SILENT_START_NS = 2 * NS
"""A process that lives so long has its port, whether it says so or not."""

_AS_LONG_AS_WE_LIVE = 'exec 3<&0; "$0" "$@" 3<&- & b=$!; (read -r _ <&3; kill "$b" 2>/dev/null) & wait "$b"'
"""Runs a program until it ends or our end of the pipe closes, which even our own SIGKILL does."""


@dataclass(slots=True)
class RunningBroker:
    """A broker's process. `url` is what a profile's [telemetry] broker says of it; browsers speak to `page_url`."""

    name: str
    version: str
    port: int
    page_port: int
    _process: subprocess.Popen[bytes]
    _folder: tempfile.TemporaryDirectory[str]

    @property
    def url(self) -> str:
        return f"mqtt://{LOOPBACK}:{self.port}"

    @property
    def page_url(self) -> str:
        return f"ws://{LOOPBACK}:{self.page_port}"

    @property
    def subscribe_line(self) -> str:
        """What a person types to see every message."""
        return f"mosquitto_sub -h {LOOPBACK} -p {self.port} -t 'sorter/v1/#' -v"

    def alive(self) -> bool:
        return self._process.poll() is None

    def stop(self) -> None:
        """End the process, within seconds. Never raises."""
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            self._process.wait(END_S)
        self._folder.cleanup()

    def signal(self, number: int) -> None:
        """Send a signal to the broker, for rehearsing its death."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)


def start_broker(
    port: int | None = None, prefer: Sequence[str] = ("mosquitto", "amqtt"), page_port: int | None = None
) -> RunningBroker:
    """Start the first broker of `prefer` that there is, and wait until it answers a CONNECT.

    `port` None: 1883, or a free one where that is taken; `page_port`, for browsers: the same with 9001. Raises
    BrokerFault where no broker starts."""
    faults: list[str] = []
    # A port that was free may be another's by the time the broker asks for it: then any other will do.
    for wanted in ((port,),) if port is not None else ((USUAL_PORT, 0), (0,)):
        chosen = free_port(wanted)
        page = free_port((USUAL_PAGE_PORT, 0) if page_port is None else (page_port,))
        for name in prefer:
            try:
                return _mosquitto(chosen, page) if name == "mosquitto" else _amqtt(chosen, page)
            except BrokerFault as fault:
                faults.append(str(fault))
    raise BrokerFault("; ".join(dict.fromkeys(faults)))


def _mosquitto(port: int, page_port: int) -> RunningBroker:
    program = shutil.which("mosquitto", path=f"{os.environ.get('PATH', os.defpath)}:/usr/local/sbin:/usr/sbin")
    if program is None:
        raise BrokerFault("mosquitto: not on PATH; install it, or the simulator's amqtt")
    folder = tempfile.TemporaryDirectory(prefix="sorter-broker-")
    settings = Path(folder.name) / "mosquitto.conf"
    settings.write_text(
        f"listener {port} {LOOPBACK}\nlistener {page_port} {LOOPBACK}\nprotocol websockets\n"
        f"allow_anonymous true\npersistence false\nuser {getpass.getuser()}\n",
        encoding="utf-8",
    )
    said = subprocess.run([program, "-h"], capture_output=True, text=True, timeout=END_S, check=False).stdout
    found = re.search(r"version (\S+)", said)
    return _start("mosquitto", found[1] if found else "?", [program, "-c", str(settings)], (port, page_port), folder)


def _amqtt(port: int, page_port: int) -> RunningBroker:
    try:
        release = version("amqtt")
    except ImportError:
        raise BrokerFault("amqtt: not installed; run `make sim` in a checkout") from None
    folder = tempfile.TemporaryDirectory(prefix="sorter-broker-")
    command = [sys.executable, "-m", "sim.embedded_broker", "--port", str(port), "--page-port", str(page_port)]
    return _start("amqtt", release, command, (port, page_port), folder)


def _start(
    name: str, release: str, command: list[str], ports: tuple[int, int], folder: tempfile.TemporaryDirectory[str]
) -> RunningBroker:
    """A session of its own, so that Ctrl-C ends the machine first and its broker last."""
    log = Path(folder.name) / "log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            ["sh", "-c", _AS_LONG_AS_WE_LIVE, *command],
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    port, page_port = ports
    broker = RunningBroker(name, release, port, page_port, process, folder)
    began_ns = now_ns()
    while now_ns() < began_ns + round(READY_S * NS) and broker.alive():
        # Both say "running" once they listen. Without it the answer may be another's, who took the port first.
        is_ours = b" running" in log.read_bytes() or now_ns() > began_ns + SILENT_START_NS
        if is_ours and answers(port) and broker.alive():
            return broker
        sleep_until(now_ns() + NS // 50)
    last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
    broker.stop()
    raise BrokerFault(f"{name}: does not answer on {LOOPBACK}:{port}: {' '.join(last) or 'it said nothing'}")


def answers(port: int, within_s: float = 1.0) -> bool:
    """Whether a broker on the loopback accepts a client now: a whole CONNECT, not only an open port."""
    from paho.mqtt.client import Client
    from paho.mqtt.enums import CallbackAPIVersion

    accepted: list[bool] = []
    client = Client(CallbackAPIVersion.VERSION2, reconnect_on_failure=False)
    client.connect_timeout = within_s
    client.on_connect = lambda _, __, ___, reason, ____: accepted.append(not reason.is_failure)
    try:
        client.connect(LOOPBACK, port, keepalive=5)
    except OSError:
        return False
    deadline_ns = now_ns() + round(within_s * NS)
    while not accepted and now_ns() < deadline_ns and client.loop(0.05) == 0:
        pass
    client.disconnect()
    return accepted == [True]


def free_port(wanted: Sequence[int]) -> int:
    """The first of these that nobody listens on; 0 stands for any."""
    for port in wanted:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((LOOPBACK, port))
            return int(probe.getsockname()[1])
    raise BrokerFault(f"{LOOPBACK}:{wanted[0]}: another program listens there; end it or choose another port")
