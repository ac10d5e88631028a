"""A plant's real mosquitto for a test: the production set-up, in a folder and at ports of its own."""

import contextlib
import getpass
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from edge.clock import now_ns, sleep_until
from plant.broker import password_line
from plant.office import Office

PATH = "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin"
WAIT_S = 10.0
ADMIN, SECRET = "the-test", "the-tests-own"
PORTS = {"password": 8883, "certificate": 8884, "browser": 8083}


@dataclass
class PlantBroker:
    """`ports` by listener: password, certificate, browser."""

    folder: Path
    ports: dict[str, int]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = shutil.which("mosquitto", path=PATH)
        assert program
        with (self.folder / "log").open("ab") as log:
            command = [program, "-c", str(self.folder / "mosquitto.conf")]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        wait(lambda: all(listens(port) for port in self.ports.values()), (self.folder / "log").read_text)

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(2)
            except subprocess.TimeoutExpired:  # 2.0.11 may miss a SIGTERM that comes while it starts
                self.process.kill()
                self.process.wait(2)
            self.process = None

    def password(self, name: str) -> str:
        if name == ADMIN:
            return SECRET
        home = "users" if (self.folder / "users" / name).is_dir() else "machines"
        return (self.folder / home / name / "password").read_text(encoding="utf-8").strip()


def set_up(folder: Path, site: str = "packing", more: str = "") -> PlantBroker:
    """A broker for the plant in `folder`, whose files it uses in place; and the test's own user, who may do all."""
    broker = PlantBroker(folder, {name: free_port() for name in PORTS})
    own = folder / "broker"
    settings = (own / "mosquitto.conf").read_text(encoding="utf-8").replace("/etc/mosquitto/sorter", str(own))
    for name, port in PORTS.items():
        settings = settings.replace(f"listener {port}\n", f"listener {broker.ports[name]} 127.0.0.1\n")
    (folder / "persistence").mkdir(exist_ok=True)
    settings = settings.replace("/var/lib/mosquitto/", f"{folder}/persistence/")
    settings += f"user {getpass.getuser()}\n{more}\n"
    (folder / "mosquitto.conf").write_text(settings, encoding="utf-8")
    with (own / "passwords").open("a", encoding="utf-8") as file:
        file.write(password_line(ADMIN, SECRET) + "\n")
    with (own / "acl").open("a", encoding="utf-8") as file:
        file.write(f"\nuser {ADMIN}\ntopic readwrite #\ntopic read $SYS/#\n")
    return broker


@contextlib.contextmanager
def a_plant(folder: Path, more: str = "") -> Iterator[PlantBroker]:
    """Two machines and a user of every role, and the broker runs."""
    office = Office(folder)
    office.init("packing", ["localhost", "127.0.0.1"])
    for machine in ("line-1", "line-2"):
        office.device(machine)
    for name, role in USERS.items():
        office.user(name, role)
    broker = set_up(folder, more=more)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


USERS = {
    "anna": "operator",
    "berta": "operator",
    "vera": "viewer",
    "rosa": "reviewer",
    "rolf": "releaser",
    "wall": "dashboard",
    "archive": "collector",
    "homeassistant": "homeassistant",
    "scada": "scada",
    "elsewhere": "bridge",
}


class Member:
    """A client of MQTT 5, which is told why it is refused."""

    def __init__(self, broker: PlantBroker, name: str, password: str | None = None, by: str = "password") -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.refusal = ""
        self._soon: list[int] = []
        self._answers: dict[int, ReasonCode] = {}
        self._connected = threading.Event()
        self._client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5, reconnect_on_failure=False)
        ca = str(broker.folder / "ca/ca.crt")
        if by == "certificate":
            home = broker.folder / "machines" / name
            self._client.tls_set(ca, str(home / "machine.crt"), str(home / "machine.key"))
        else:
            self._client.tls_set(ca)
            if name:
                self._client.username_pw_set(name, broker.password(name) if password is None else password)
        self._client.max_inflight_messages_set(1000)
        self._client.on_connect = self._on_connect
        self._client.on_message = lambda _, __, said: self.heard.append((said.topic, said.payload))
        self._client.on_publish = lambda _, __, mid, reason, ___: self._answers.update({mid: reason})
        self._client.on_subscribe = lambda _, __, mid, reasons, ___: self._answers.update({mid: reasons[0]})
        self._client.connect("127.0.0.1", broker.ports[by])
        self._client.loop_start()
        assert self._connected.wait(WAIT_S)

    def _on_connect(self, _: Client, __: object, ___: object, reason: ReasonCode, ____: Properties) -> None:
        self.refusal = str(reason) if reason.is_failure else ""
        self._connected.set()

    def publish(self, topic: str, payload: bytes = b"x", retain: bool = False) -> ReasonCode:
        """The broker's answer."""
        mid = self._client.publish(topic, payload, qos=1, retain=retain).mid
        wait(lambda: mid in self._answers, lambda: topic)
        return self._answers.pop(mid)

    def publish_soon(self, topic: str, payload: bytes) -> None:
        """Without waiting for the answer: `all_answered` does."""
        self._soon.append(self._client.publish(topic, payload, qos=1).mid)

    def all_answered(self) -> None:
        wait(lambda: all(mid in self._answers for mid in self._soon), lambda: str(len(self._soon)), within_s=30)

    def subscribe(self, topic: str, qos: int = 0) -> ReasonCode:
        _, mid = self._client.subscribe(topic, options=SubscribeOptions(qos=qos))
        wait(lambda: mid in self._answers, lambda: topic)
        return self._answers.pop(mid or 0)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()
        # Without the callbacks, which hold us, the client and its socket pair go when we do.
        self._client.on_connect = self._client.on_message = self._client.on_publish = self._client.on_subscribe = None


def wait(true, said=lambda: "", within_s: float = WAIT_S) -> None:
    deadline_ns = now_ns() + round(within_s * 1e9)
    while not true():
        assert now_ns() < deadline_ns, f"it did not come to that in time: {said()}"
        sleep_until(now_ns() + 1_000_000)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def a_forwarder(host: str, port: int) -> Iterator[None]:
    """Hands what comes to a port of another address of the loopback on to the broker's own."""
    listener = socket.create_server((host, port))

    def carry(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while held := source.recv(65_536):
                sink.sendall(held)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                with near, socket.create_connection(("127.0.0.1", port)) as far:
                    back = threading.Thread(target=carry, args=(far, near), daemon=True)
                    back.start()
                    carry(near, far)
                    back.join(5)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)
