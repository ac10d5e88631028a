"""A live line and a plant's broker with TLS that refuses it, or is not to be trusted: fruit are sorted on."""

from datetime import UTC, datetime, timedelta

import pytest

from edge.durable import write_whole
from plant.authority import Pair, issue, make_authority
from sim.conveyor import Limit
from sim.setup import prepare
from tests.live.kills import Rehearsal, live_desk
from tests.plant.mosquitto import ADMIN, Member, a_plant

pytestmark = pytest.mark.mosquitto
LONG_AGO = datetime.now(UTC) - timedelta(days=800)
REFUSALS = {
    "another CA": "[telemetry] ca_file must be the CA of its plant",
    "a wrong password": "it refuses: Not authorized; correct [telemetry] username and password_file",
    "an expired certificate": "it refuses this machine's certificate, which has expired",
}


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    with a_plant(tmp_path_factory.mktemp("plant") / "office") as running:
        yield running


def wrong_settings(what, broker, folder):
    """[telemetry] of line-1, right but for one thing."""
    home = broker.folder / "machines/line-1"
    told = {"ca_file": str(home / "ca.crt"), "broker": f"mqtts://localhost:{broker.ports['password']}"}
    if what == "an expired certificate":
        authority = Pair((broker.folder / "ca/ca.crt").read_bytes(), (broker.folder / "ca/ca.key").read_bytes())
        old = issue(authority, "line-1", now=LONG_AGO)
        write_whole(folder / "old.crt", old.certificate)
        write_whole(folder / "old.key", old.key, 0o600)
        told["broker"] = f"mqtts://localhost:{broker.ports['certificate']}"
        return told | {"cert_file": str(folder / "old.crt"), "key_file": str(folder / "old.key")}
    told |= {"username": "line-1", "password_file": str(home / "password")}
    if what == "another CA":
        write_whole(folder / "ca.crt", make_authority("packing").certificate)
        told["ca_file"] = str(folder / "ca.crt")
    else:
        write_whole(folder / "password", "s3cret")
        told["password_file"] = str(folder / "password")
    return told


@pytest.mark.parametrize("what", REFUSALS)
def test_a_line_whose_broker_is_not_to_be_had_says_why_in_one_line_and_sorts_on(what, broker, tmp_path):
    told = wrong_settings(what, broker, tmp_path)
    machine = {"site": "packing", "machine": "line-1", "telemetry": told}
    witness = Member(broker, ADMIN)
    witness.subscribe("sorter/v1/packing/#")
    with live_desk(prepare("clean", seed=1, limit=Limit()), told["broker"], machine) as desk:
        rehearsal = Rehearsal(desk)
        rehearsal.until(lambda: len(rehearsal.outcomes) >= 30, 30, "thirty fruit through their gates")
        refused = [line for line in desk.device.said() if "no broker, sorting on" in line]
        restarts = desk.device.supervisor.restarts
    assert len(refused) == 1
    assert REFUSALS[what] in refused[0]
    assert "s3cret" not in refused[0]
    assert restarts == 0
    assert witness.heard == []
    witness.close()
