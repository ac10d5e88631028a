import io
import random
import socket
import ssl
import subprocess

import pytest

from edge.clock import now_ns
from edge.config import Telemetry, load_profile
from edge.log import start_log
from edge.telemetry import connection, mqtt
from edge.telemetry.messages import Message, Writer
from edge.telemetry.mqtt import LONGEST_WAIT_NS, SILENT_NS, PahoPublisher
from edge.telemetry.telemetry import MqttTelemetry
from tests.edge.telemetry.fake_broker import FakeBroker
from tests.edge.telemetry.records import a_track, a_verdict, an_outcome
from tests.edge.telemetry.test_messages import ROOT

SECOND_NS = 1_000_000_000
A_TRACK = Message("track", "sorter/v1/desk/demo/tracks", b"{}", False)


@pytest.fixture
def broker():
    made = FakeBroker()
    yield made
    made.close()


@pytest.fixture
def warnings():
    stream = io.StringIO()
    start_log(stream)
    return lambda: [line for line in stream.getvalue().splitlines() if "WARNING" in line]


def a_publisher(url: str, **settings) -> PahoPublisher:
    writer = Writer("desk", "demo", "run")
    return PahoPublisher(
        Telemetry(broker=url, **settings),
        "sorter-desk-demo",
        writer.last_will,
        lambda: [writer.status("online")],
        random.Random(1),
    )


def nobody_there() -> str:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        return f"mqtt://127.0.0.1:{closed.getsockname()[1]}"


def serve(publisher: PahoPublisher, until, within_s: float = 5.0) -> None:
    deadline_ns = now_ns() + round(within_s * SECOND_NS)
    while not until():
        assert now_ns() < deadline_ns, "it did not come to that in time"
        publisher.step(now_ns())
        publisher.serve(0.01)


def test_a_message_is_acknowledged_by_the_token_that_it_was_given(broker):
    publisher = a_publisher(broker.url)
    serve(publisher, publisher.online)
    token = publisher.publish(A_TRACK.topic, A_TRACK.payload, A_TRACK.retain)
    heard: list[int] = []
    serve(publisher, lambda: token in heard or heard.extend(publisher.acknowledged()))
    publisher.close(A_TRACK, now_ns())


def test_a_connection_takes_no_port_but_one_that_is_lent_as_the_services_sandbox_wants_it(broker, monkeypatch):
    bind = socket.socket.bind

    def sandboxed(self: socket.socket, address: tuple[str, int]) -> None:
        if address[1]:
            raise PermissionError(1, "Operation not permitted")
        bind(self, address)

    monkeypatch.setattr(socket.socket, "bind", sandboxed)
    publisher = a_publisher(broker.url)
    serve(publisher, publisher.online)
    token = publisher.publish(A_TRACK.topic, A_TRACK.payload, A_TRACK.retain)
    serve(publisher, lambda: token in publisher.acknowledged())
    publisher.close(A_TRACK, now_ns())


def test_a_refused_connect_is_not_a_connection(warnings):
    broker = FakeBroker(code=5)
    publisher = a_publisher(broker.url)
    serve(publisher, warnings)
    assert not publisher.online()
    assert publisher.publish(A_TRACK.topic, A_TRACK.payload, A_TRACK.retain) is None
    assert "Not authorized; correct [telemetry] username" in warnings()[0]
    broker.close()


def test_nothing_is_taken_before_the_broker_has_accepted(broker):
    publisher = a_publisher(broker.url)
    publisher.step(now_ns())
    assert publisher.publish(A_TRACK.topic, A_TRACK.payload, A_TRACK.retain) is None


def test_a_broker_that_falls_silent_is_offline_and_left():
    broker = FakeBroker(silent=True)
    publisher = a_publisher(broker.url)
    serve(publisher, publisher.online)
    publisher.step(now_ns() + SILENT_NS - SECOND_NS)
    assert publisher.online()
    publisher.step(now_ns() + SILENT_NS + SECOND_NS)
    assert not publisher.online()
    assert not publisher.serve(0)
    broker.close()


@pytest.mark.slow
def test_an_idle_connection_lives_by_its_pings(broker, monkeypatch):
    monkeypatch.setattr(connection, "KEEPALIVE_S", 1)
    monkeypatch.setattr(mqtt, "SILENT_NS", 3 * SECOND_NS // 2)
    publisher = a_publisher(broker.url)
    serve(publisher, publisher.online)
    until_ns = now_ns() + 3 * SECOND_NS
    serve(publisher, lambda: now_ns() > until_ns)
    assert publisher.online()
    assert len(broker.connects) == 1


def test_no_broker_is_named_once_however_often_it_is_tried(warnings):
    publisher = a_publisher(nobody_there())
    at_ns = 0
    for _ in range(20):
        at_ns = publisher.step(at_ns)
    (line,) = warnings()
    assert "Connection refused; start one there" in line
    assert "sorting on" in line


def test_waits_between_attempts_grow_vary_and_stay_bounded():
    publisher = a_publisher(nobody_there())
    at_ns, waits = 0, []
    for _ in range(20):
        then_ns = publisher.step(at_ns)
        waits.append(then_ns - at_ns)
        at_ns = then_ns
    assert waits[0] <= SECOND_NS
    assert max(waits) <= LONGEST_WAIT_NS
    assert min(waits[10:]) >= LONGEST_WAIT_NS // 2
    assert len(set(waits[10:])) == 10


def test_a_connection_that_breaks_at_once_says_why_and_does_not_shorten_the_waits(broker, warnings):
    publisher = a_publisher(broker.url)
    waits = []
    for _ in range(4):
        publisher._try_at_ns = 0
        serve(publisher, publisher.online)
        now = now_ns()
        publisher.give_up("thrown out", now)
        waits.append(publisher._try_at_ns - now)
    assert waits[-1] > 2 * waits[0]
    assert "another machine may carry the same site and name" in warnings()[0]


def test_a_password_file_that_is_missing_is_named_and_sorting_goes_on(broker, warnings, tmp_path):
    publisher = a_publisher(broker.url, username="demo", password_file=tmp_path / "secret")
    publisher.step(now_ns())
    assert not publisher.online()
    assert "secret" in warnings()[0]


def test_user_and_password_go_to_the_broker(broker, tmp_path):
    (tmp_path / "secret").write_text("open sesame\n", encoding="utf-8")
    publisher = a_publisher(broker.url, username="demo", password_file=tmp_path / "secret")
    serve(publisher, publisher.online)
    assert broker.connects[0].endswith(b"\x00\x04demo\x00\x0bopen sesame")
    publisher.close(A_TRACK, now_ns())


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # paho leaves the socket to its refcount
def test_a_broker_that_speaks_no_tls_is_offline_for_a_machine_that_wants_it(broker, warnings, monkeypatch):
    monkeypatch.setattr(connection, "CONNECT_S", 0.1)
    publisher = a_publisher(broker.url.replace("mqtt:", "mqtts:"))
    publisher.step(now_ns())
    assert not publisher.online()
    assert len(warnings()) == 1


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that vouches for itself, with its key."""
    folder = tmp_path_factory.mktemp("tls")
    made, key = folder / "broker.pem", folder / "key.pem"
    openssl = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    subprocess.run([*openssl, *names, "-keyout", key, "-out", made], check=True, capture_output=True, timeout=20)
    return made, key


@pytest.fixture
def secure_broker(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    made = FakeBroker(tls=context)
    yield made
    made.close()


def test_tls_is_spoken_to_a_broker_that_the_system_trusts(secure_broker, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    publisher = a_publisher(secure_broker.url)
    serve(publisher, publisher.online)
    token = publisher.publish(A_TRACK.topic, A_TRACK.payload, A_TRACK.retain)
    heard: list[int] = []
    serve(publisher, lambda: token in heard or heard.extend(publisher.acknowledged()))
    publisher.close(A_TRACK, now_ns())


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # as above
def test_a_broker_that_the_system_does_not_trust_is_not_spoken_to(secure_broker, warnings):
    publisher = a_publisher(secure_broker.url)
    publisher.step(now_ns())
    assert not publisher.online()
    assert secure_broker.connects == []
    assert "it cannot prove who it is (self-signed certificate): [telemetry] ca_file must be" in warnings()[0]


def test_telemetry_without_a_broker_takes_records_and_ends_in_time(warnings):
    profile = load_profile(ROOT / "firmware_config/profiles/demo.toml")
    profile = profile.model_copy(update={"telemetry": Telemetry(broker=nobody_there(), queue=100)})
    telemetry = MqttTelemetry(profile, "run", "factory@0123456789ab")
    for n in range(150):
        for record in (a_track(n), a_verdict(n), an_outcome(n)):
            telemetry.put(record)
    telemetry.step(now_ns())
    assert (telemetry.queued(), telemetry.shed(), telemetry.online()) == (100, 50, False)
    began_ns = now_ns()
    telemetry.close()
    assert now_ns() - began_ns < SECOND_NS
    assert "messages=100" in warnings()[-1]
