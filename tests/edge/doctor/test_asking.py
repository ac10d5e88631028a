"""The doctor asks a plant's own broker, with TLS, under a name of his own."""

from datetime import UTC, datetime, timedelta

import pytest

from edge.doctor.asking import ask
from edge.durable import write_whole
from plant.authority import Pair, issue
from tests.edge.profiles import demo
from tests.plant.mosquitto import a_plant

pytestmark = [pytest.mark.mosquitto, pytest.mark.slow]


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    with a_plant(tmp_path_factory.mktemp("plant") / "office") as running:
        yield running


def told(office, **keys):
    home = office.folder / "machines/line-1"
    by_password = {
        "broker": f"mqtts://localhost:{office.ports['password']}",
        "ca_file": home / "ca.crt",
        "username": "line-1",
        "password_file": home / "password",
    }
    return demo(telemetry=by_password | keys).telemetry


def test_a_broker_that_takes_the_machine_is_told_with_to_when_its_certificates_are_good(broker):
    refusal, took_s, certificates = ask(told(broker))
    assert refusal == ""
    assert 0 < took_s < 6
    assert [one.whose.split()[0] for one in certificates] == ["ca_file", "the"]
    assert all(one.good_until > datetime.now(UTC) for one in certificates)


def test_what_a_broker_refuses_is_told_in_its_own_words(broker, tmp_path):
    write_whole(tmp_path / "password", "s3cret")
    refusal, _, _ = ask(told(broker, password_file=tmp_path / "password"))
    assert "it refuses: Not authorized" in refusal


def test_a_machines_certificate_that_has_expired_is_found_before_the_broker_is_asked(broker, tmp_path):
    authority = Pair((broker.folder / "ca/ca.crt").read_bytes(), (broker.folder / "ca/ca.key").read_bytes())
    old = issue(authority, "line-1", now=datetime.now(UTC) - timedelta(days=800))
    write_whole(tmp_path / "old.crt", old.certificate)
    write_whole(tmp_path / "old.key", old.key, 0o600)
    url = f"mqtts://localhost:{broker.ports['certificate']}"
    keys = {
        "username": None,
        "password_file": None,
        "cert_file": tmp_path / "old.crt",
        "key_file": tmp_path / "old.key",
    }
    refusal, _, certificates = ask(told(broker, broker=url, **keys))
    assert "has expired" in refusal
    own = next(one for one in certificates if one.whose.startswith("cert_file"))
    assert own.good_until < datetime.now(UTC)
