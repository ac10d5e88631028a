"""The machine's own publisher at a real mosquitto with TLS: it comes in, or it is told in one line why not."""

import io
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.clock import now_ns
from edge.config import Telemetry, load_profile
from edge.durable import write_whole
from edge.log import start_log
from edge.telemetry.messages import Writer
from edge.telemetry.mqtt import PahoPublisher
from edge.telemetry.telemetry import MqttTelemetry
from edge.wishes import Wishes
from plant.authority import Pair, issue, make_authority
from tests.edge.telemetry.records import a_track, a_verdict, an_outcome
from tests.plant.mosquitto import ADMIN, Member, PlantBroker, a_forwarder, a_plant, wait

pytestmark = [pytest.mark.mosquitto, pytest.mark.slow]

SECOND_NS = 1_000_000_000
LONG_AGO = datetime.now(UTC) - timedelta(days=800)
DEMO = Path(__file__).parents[2] / "firmware_config/profiles/demo.toml"


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    with a_plant(tmp_path_factory.mktemp("plant") / "office") as running:
        yield running


@pytest.fixture
def warnings():
    stream = io.StringIO()
    start_log(stream)
    return lambda: [line for line in stream.getvalue().splitlines() if "WARNING" in line]


def by_password(running: PlantBroker, **changed: object) -> Telemetry:
    home = running.folder / "machines/line-1"
    settings = {
        "broker": f"mqtts://localhost:{running.ports['password']}",
        "ca_file": home / "ca.crt",
        "username": "line-1",
        "password_file": home / "password",
    }
    return Telemetry.model_validate(settings | changed)


def by_certificate(running: PlantBroker, **changed: object) -> Telemetry:
    home = running.folder / "machines/line-1"
    settings = {
        "broker": f"mqtts://localhost:{running.ports['certificate']}",
        "ca_file": home / "ca.crt",
        "cert_file": home / "machine.crt",
        "key_file": home / "machine.key",
    }
    return Telemetry.model_validate(settings | changed)


def a_publisher(settings: Telemetry) -> PahoPublisher:
    writer = Writer("packing", "line-1", "run")
    return PahoPublisher(
        settings, "sorter-packing-line-1", writer.last_will, lambda: [writer.status("online")], random.Random(1)
    )


def serve(publisher: PahoPublisher, until) -> None:
    deadline_ns = now_ns() + 10 * SECOND_NS
    while not until():
        assert now_ns() < deadline_ns, "it did not come to that in time"
        publisher.step(now_ns())
        publisher.serve(0.01)


def told(settings: Telemetry, warnings) -> str:
    """The one line with which the publisher is refused. It never comes online."""
    publisher = a_publisher(settings)
    serve(publisher, warnings)
    assert not publisher.online()
    (line,) = warnings()
    return line


def stranger(broker: PlantBroker, tmp_path: Path, authority: Pair, name: str = "line-1", now=None) -> Telemetry:
    made = issue(authority, name, now=now)
    write_whole(tmp_path / "a.crt", made.certificate)
    write_whole(tmp_path / "a.key", made.key, 0o600)
    return by_certificate(broker, cert_file=tmp_path / "a.crt", key_file=tmp_path / "a.key")


@pytest.mark.parametrize("way", [by_password, by_certificate])
def test_a_machine_comes_in_and_is_heard(way, broker):
    witness = Member(broker, ADMIN)
    witness.subscribe("sorter/v1/packing/line-1/status")
    publisher = a_publisher(way(broker))
    serve(publisher, lambda: publisher.online() and witness.heard and b'"online"' in witness.heard[-1][1])
    publisher.close(Writer("packing", "line-1", "run").status("stopped"), now_ns() + SECOND_NS)
    wait(lambda: b'"stopped"' in witness.heard[-1][1])
    witness.close()


def test_a_wrong_password_is_refused(broker, tmp_path, warnings):
    (tmp_path / "wrong").write_text("wrong", encoding="utf-8")
    said = told(by_password(broker, password_file=tmp_path / "wrong"), warnings)
    assert "it refuses: Not authorized; correct [telemetry] username and password_file" in said
    assert "wrong" not in said


def test_a_broker_of_another_ca_is_not_spoken_to(broker, tmp_path, warnings):
    write_whole(tmp_path / "ca.crt", make_authority("packing").certificate)
    assert "[telemetry] ca_file must be the CA of its plant" in told(
        by_password(broker, ca_file=tmp_path / "ca.crt"), warnings
    )


def test_without_its_ca_a_plants_broker_is_not_trusted(broker, warnings):
    assert "[telemetry] ca_file must be the CA of its plant" in told(by_password(broker, ca_file=None), warnings)


def test_a_broker_by_another_name_is_not_spoken_to(broker, warnings):
    url = f"mqtts://127.0.0.2:{broker.ports['password']}"
    with a_forwarder("127.0.0.2", broker.ports["password"]):
        assert "its certificate is for other names" in told(by_password(broker, broker=url), warnings)


def test_a_machine_whose_certificate_has_expired_is_told_so(broker, tmp_path, warnings):
    authority = Pair((broker.folder / "ca/ca.crt").read_bytes(), (broker.folder / "ca/ca.key").read_bytes())
    said = told(stranger(broker, tmp_path, authority, now=LONG_AGO), warnings)
    assert "it refuses this machine's certificate, which has expired: renew it (sorter plant renew)" in said


def test_a_certificate_of_another_plant_opens_nothing(broker, tmp_path, warnings):
    said = told(stranger(broker, tmp_path, make_authority("packing")), warnings)
    assert "it does not know who signed this machine's certificate" in said


def test_a_broker_that_wants_a_certificate_is_not_answered_with_a_password(broker, warnings):
    url = f"mqtts://localhost:{broker.ports['certificate']}"
    assert "it wants a certificate: give [telemetry] cert_file and key_file" in told(
        by_password(broker, broker=url), warnings
    )


def test_a_certificate_without_a_rule_says_nothing_to_anybody(broker, tmp_path):
    """Whoever was removed keeps a certificate that is good until it ends."""
    authority = Pair((broker.folder / "ca/ca.crt").read_bytes(), (broker.folder / "ca/ca.key").read_bytes())
    witness = Member(broker, ADMIN)
    witness.subscribe("sorter/v1/packing/line-9/#")
    writer = Writer("packing", "line-9", "run")
    publisher = PahoPublisher(
        stranger(broker, tmp_path, authority, name="line-9"), "x", writer.last_will, lambda: [writer.status("online")]
    )
    serve(publisher, publisher.online)
    publisher.close(writer.status("stopped"), now_ns() + SECOND_NS)
    witness.subscribe("the/end")
    assert witness.heard == []
    witness.close()


@pytest.mark.parametrize("key", ["ca_file", "cert_file", "key_file"])
def test_a_file_that_is_not_there_is_named(key, broker, tmp_path, warnings):
    said = told(by_certificate(broker, **{key: tmp_path / "gone"}), warnings)
    assert f"[telemetry] {key} {tmp_path}/gone: No such file or directory; put it there" in said


def test_a_key_of_another_certificate_is_named(broker, warnings):
    other = broker.folder / "machines/line-2/machine.key"
    assert "not a certificate and its own key" in told(by_certificate(broker, key_file=other), warnings)


def test_a_broker_whose_certificate_has_expired_is_not_spoken_to_and_the_line_goes_on(tmp_path_factory, warnings):
    folder = tmp_path_factory.mktemp("old") / "office"
    with a_plant(folder) as broker:
        broker.stop()
        authority = Pair((folder / "ca/ca.crt").read_bytes(), (folder / "ca/ca.key").read_bytes())
        old = issue(authority, "localhost", ["localhost"], now=LONG_AGO)
        write_whole(folder / "broker/broker.crt", old.certificate)
        write_whole(folder / "broker/broker.key", old.key, 0o600)
        broker.start()
        profile = load_profile(DEMO).model_copy(update={"telemetry": by_password(broker)})
        telemetry = MqttTelemetry(profile, "run", "factory@0123456789ab")
        for n in range(50):  # what the line does meanwhile: it never waits for this
            for record in (a_track(n), a_verdict(n), an_outcome(n)):
                telemetry.put(record)
            telemetry.step(now_ns())
        assert (telemetry.queued(), telemetry.online()) == (50, False)
        telemetry.close()
    first = warnings()[0]
    assert "no broker, sorting on" in first
    assert "its certificate has expired: renew it (sorter plant renew), or set this machine's clock" in first


def test_a_command_is_proved_by_the_brokers_rules_done_once_and_answered(broker):
    """An operator asks the machine to stop its feed; another who gives himself out as her is not even passed on."""
    allowed = {"anna": ["feed"]}
    settings = {"site": "packing", "machine": "line-1", "telemetry": by_password(broker), "commands": allowed}
    wishes = Wishes()
    telemetry = MqttTelemetry(load_profile(DEMO).model_copy(update=settings), "run", "factory@0", None, wishes)
    topic = "sorter/v1/packing/line-1/cmd/anna/feed"
    expires = (datetime.now(UTC) + timedelta(seconds=30)).isoformat()
    stop = json.dumps({"id": "c1", "expires_utc": expires, "go": False}).encode()

    def until(true) -> None:
        deadline_ns = now_ns() + 10 * SECOND_NS
        while not true():
            assert now_ns() < deadline_ns
            telemetry.step(now_ns())

    until(telemetry.online)
    anna, berta = Member(broker, "anna"), Member(broker, "berta")
    anna.subscribe(f"{topic}/result", qos=1)
    assert berta.publish(topic, stop).is_failure
    assert not wishes.feed_stopped
    anna.publish(topic, stop)
    until(lambda: anna.heard)
    anna.publish(topic, stop)
    until(lambda: len(anna.heard) == 2)
    first, second = (json.loads(payload) for _, payload in anna.heard)
    assert first == second
    assert (first["outcome"], first["id"], wishes.feed_stopped) == ("done", "c1", True)
    assert (telemetry.commanded.done, telemetry.commanded.repeated) == (1, 1)
    telemetry.close()
    anna.close()
    berta.close()
