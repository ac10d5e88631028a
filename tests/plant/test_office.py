"""A plant's folder: what is in it, who may read it, and what a user's mistake is told."""

import stat
import subprocess
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest

from edge.cli import main
from edge.config import Telemetry
from edge.errors import UsageFault
from edge.roles import commands_by_role
from edge.sections import CommandName, RoleName
from plant.authority import ends_at, issue, make_authority
from plant.office import Office
from plant.register import load_register

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    made = Office(tmp_path / "plant", lambda: NOW)
    made.init("packing", ["broker.lan", "10.0.0.2"])
    made.device("line-1")
    made.user("anna", "operator")
    return made


@pytest.fixture
def folder(office: Office, tmp_path: Path) -> Path:
    return tmp_path / "plant"


def verify(folder: Path, certificate: str, *options: str) -> str:
    """What openssl says of a certificate, a week after it was made."""
    at = str(int((NOW + timedelta(days=7)).timestamp()))
    command = ["openssl", "verify", "-x509_strict", "-attime", at, *options, "-CAfile", str(folder / "ca/ca.crt")]
    done = subprocess.run([*command, str(folder / certificate)], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_openssl_takes_the_brokers_certificate_for_each_of_its_hosts(folder: Path) -> None:
    assert verify(folder, "broker/broker.crt", "-purpose", "sslserver", "-verify_hostname", "broker.lan").endswith(
        "OK\n"
    )
    assert verify(folder, "broker/broker.crt", "-purpose", "sslserver", "-verify_ip", "10.0.0.2").endswith("OK\n")
    assert "ostname mismatch" in verify(folder, "broker/broker.crt", "-verify_hostname", "other.lan")


def test_a_machines_certificate_is_a_clients_and_no_servers(folder: Path) -> None:
    assert verify(folder, "machines/line-1/machine.crt", "-purpose", "sslclient").endswith("OK\n")
    assert "purpose" in verify(folder, "machines/line-1/machine.crt", "-purpose", "sslserver")


def test_no_secret_is_readable_by_others(folder: Path) -> None:
    secret = {path for path in folder.rglob("*") if path.suffix == ".key" or path.name in ("password", "passwords")}
    assert len(secret) == 6
    assert {stat.S_IMODE(path.stat().st_mode) for path in secret} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_register_and_the_rules_hold_no_secret(folder: Path) -> None:
    password = (folder / "users/anna/password").read_text(encoding="utf-8").strip()
    for path in ("plant.json", "broker/acl", "broker/passwords"):
        assert password not in (folder / path).read_text(encoding="utf-8")


def test_what_a_machine_is_given_is_good_in_a_profile(folder: Path) -> None:
    given = tomllib.loads((folder / "machines/line-1/telemetry.toml").read_text(encoding="utf-8"))
    settings = Telemetry.model_validate(given["telemetry"])
    assert (settings.broker, settings.username) == ("mqtts://broker.lan:8883", "line-1")
    assert settings.outbox, "what a plant is told outlives the process and the power"


@pytest.mark.parametrize("role", commands_by_role())
def test_whoever_may_command_is_told_what_a_profile_must_say_and_its_words_are_good_there(office, role) -> None:
    (line,) = [line for line in office.user("new", role) if "[commands]" in line]
    given = tomllib.loads(line[line.index("[commands]") :].replace("] ", "]\n", 1))
    assert set(given["commands"]["new"]) <= {*get_args(CommandName), *get_args(RoleName)}


def test_a_name_is_given_once_whoever_bears_it(office: Office) -> None:
    with pytest.raises(UsageFault, match="line-1: already here as machine; take another name"):
        office.user("line-1", "operator")


def test_a_bridge_speaks_for_another_site(office: Office) -> None:
    with pytest.raises(UsageFault, match="packing: the site of this plant"):
        office.user("packing", "bridge")


@pytest.mark.parametrize("name", ["Anna", "a b", "+", "#", "", "x" * 33, "anna\ntopic readwrite #"])
def test_a_name_that_the_rules_would_read_otherwise_is_refused(office: Office, name: str) -> None:
    with pytest.raises(UsageFault, match="not a name; take 1 to 32 of a-z"):
        office.user(name, "operator")


def test_whoever_is_removed_has_neither_password_nor_rule(office: Office, folder: Path) -> None:
    office.remove("line-1")
    assert "line-1" not in (folder / "broker/passwords").read_text(encoding="utf-8")
    assert "line-1" not in (folder / "broker/acl").read_text(encoding="utf-8")
    assert "anna" in (folder / "broker/passwords").read_text(encoding="utf-8")
    assert not (folder / "machines/line-1").exists()


def test_another_member_keeps_its_password_line(office: Office, folder: Path) -> None:
    def line() -> list[str]:
        said = (folder / "broker/passwords").read_text(encoding="utf-8").splitlines()
        return [one for one in said if one.startswith("anna:")]

    before = line()
    office.device("line-2")
    assert line() == before


def test_what_ends_soon_is_renewed_and_what_does_not_is_left(folder: Path) -> None:
    later = Office(folder, lambda: NOW + timedelta(days=700))
    later.device("line-2")
    young = (folder / "machines/line-2/machine.crt").read_bytes()
    said = "\n".join(later.renew(None))
    assert "broker: new certificate until" in said
    assert "line-1: new certificate until" in said
    assert "line-2" not in said
    assert ends_at((folder / "machines/line-1/machine.crt").read_bytes()) > NOW + timedelta(days=1400)
    assert (folder / "machines/line-2/machine.crt").read_bytes() == young
    assert later.renew(None) == ["nothing to renew: every certificate is good for another 60 days"]


def test_a_second_plant_in_the_same_folder_is_refused(office: Office, folder: Path) -> None:
    authority = (folder / "ca/ca.crt").read_bytes()
    with pytest.raises(UsageFault, match="a plant is here already"):
        office.init("other", ["broker.lan"])
    assert (folder / "ca/ca.crt").read_bytes() == authority


def test_a_broken_register_is_one_line(folder: Path) -> None:
    (folder / "plant.json").write_text('{"site": "x", "hosts": [], "members": {"anna": "root"}}', encoding="utf-8")
    with pytest.raises(UsageFault, match=r"plant\.json: not the register of a plant \(anna: root\)"):
        load_register(folder)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["device", "nowhere", "line-1"], "nowhere: no plant here; make one: sorter plant init"),
        (["init", "new"], "needs the site's name: --site NAME"),
        (["init", "new", "--site", "packing"], "by which name do machines reach the broker? give --host"),
        (["user", "new", "anna"], "needs a role: --role viewer"),
    ],
)
def test_a_mistake_is_told_in_one_line(arguments, told, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["plant", *arguments]) == UsageFault.exit_status
    said = capsys.readouterr().err
    assert told in said
    assert said.count("\n") == 1


def test_the_command_does_what_its_name_says(tmp_path: Path, capsys) -> None:
    folder = str(tmp_path / "plant")
    assert main(["plant", "init", folder, "--site", "packing", "--host", "broker.lan"]) == 0
    assert main(["plant", "device", folder, "line-1"]) == 0
    assert main(["plant", "list", folder]) == 0
    assert "machine line-1 until" in capsys.readouterr().out


def test_a_pair_of_another_authority_is_not_taken(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "stranger.crt").write_bytes(issue(make_authority("packing", NOW), "line-1", now=NOW).certificate)
    assert "error" in verify(folder, str(tmp_path / "stranger.crt"))


def test_every_command_of_the_docs_is_done(tmp_path: Path, monkeypatch) -> None:
    page = (Path(__file__).parents[2] / "docs/plant.md").read_text(encoding="utf-8")
    asked = [line.split()[1:] for line in page.splitlines() if line.startswith("sorter plant ")]
    monkeypatch.chdir(tmp_path)
    assert len(asked) >= 9
    assert [main(arguments) for arguments in asked] == [0] * len(asked)
    assert not (tmp_path / "office/machines/line-1").exists()
