"""What `sorter plant` does: a folder that holds a plant's CA, its broker's files, and a folder for each member.

The folder holds every key of the plant: it belongs on one computer of the office, in its backup, and nowhere else.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

from edge.durable import SECRET, write_whole
from edge.errors import UsageFault
from edge.roles import commands_by_role
from plant.authority import RENEW_DAYS, Pair, ends_at, issue, make_authority
from plant.broker import SETUPS, new_password, write_access
from plant.register import FILE, Person, Register, Role, checked_host, checked_name, load_register

Now = Callable[[], datetime]

FILES = ("password", "machine.key", "machine.crt", "telemetry.toml", "credentials.conf", "ca.crt")
"""All that a member's folder may hold."""

CREDENTIALS = """\
# Copy this to /etc/systemd/system/sorter.service.d/ of the machine: its service has a user of its own, which may not
# read root's files; systemd hands it these two.
[Service]
LoadCredential=password:/etc/sorter/password
LoadCredential=machine.key:/etc/sorter/machine.key
"""


def utc_now() -> datetime:
    return datetime.now(UTC)


class Office:
    """One plant's folder. Every method says what it did, a line each; all raise UsageFault for a user's mistake."""

    def __init__(self, folder: Path, now: Now = utc_now) -> None:
        self._folder = folder
        self._now = now

    def init(self, site: str, hosts: list[str]) -> Iterable[str]:
        """A new plant: its CA, and its broker's certificate for `hosts`."""
        if (self._folder / FILE).exists():
            raise UsageFault(f"{self._folder}: a plant is here already; add to it: sorter plant device or user")
        register = Register(checked_name(site), [checked_host(host) for host in hosts])
        if not hosts:
            raise UsageFault("by which name do machines reach the broker? give --host, again for each further one")
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        authority = make_authority(site, self._now())
        self._write_pair("ca", "ca", authority)
        self._write_pair("broker", "broker", issue(authority, hosts[0], hosts, self._now()))
        write_whole(self._folder / "broker/ca.crt", authority.certificate)
        write_whole(self._folder / "broker/mosquitto.conf", (SETUPS / "production.conf").read_bytes())
        write_access(self._folder / "broker", register, {})
        register.save(self._folder)
        return (
            f"plant {site} is in {self._folder}: it holds every key, so keep it in the office and in its backup",
            f"its broker's files are in {self._folder / 'broker'}: mosquitto.conf says where they go",
        )

    def device(self, name: str) -> Iterable[str]:
        """A machine, as its profile names it: certificate, password, and what its profile says of the broker."""
        register = load_register(self._folder)
        register.add(name, "machine")
        home = self._home("machine", name)
        self._write_pair(home, "machine", issue(self._authority(), name, now=self._now()))
        write_whole(self._folder / home / "telemetry.toml", _profile_part(register, name))
        write_whole(self._folder / home / "credentials.conf", CREDENTIALS)
        self._admit(register, name)
        return (
            f"machine {name} is in {self._folder / home}: copy it to /etc/sorter there; telemetry.toml and "
            f'credentials.conf say what to do with them. Its profile has site = "{register.site}" and '
            f'machine = "{name}"',
            self._reload_line(),
        )

    def user(self, name: str, role: Role) -> Iterable[str]:
        """A person or a program, with a password."""
        register = load_register(self._folder)
        if role == "bridge" and name == register.site:
            raise UsageFault(
                f"{name}: the site of this plant; a bridge is named after the other's, for which it speaks"
            )
        register.add(name, role)
        self._admit(register, name)
        home = self._folder / self._home(role, name)
        said = [f"{role} {name}: the password is in {home / 'password'}, the CA beside it"]
        if commands := commands_by_role().get(role):
            # The broker's rules alone give no command.
            named = ", ".join(f'"{one}"' for one in ([role] if role in get_args(Person) else commands))
            said.append(f"each machine that is to heed {name} says so in its profile: [commands] {name} = [{named}]")
        return (*said, self._reload_line())

    def remove(self, name: str) -> Iterable[str]:
        """Nobody comes in by this name any more, whatever keys were copied."""
        register = load_register(self._folder)
        if name not in register.members:
            raise UsageFault(f"{name}: not here; sorter plant list {self._folder} names all who are")
        role = register.members.pop(name)
        register.save(self._folder)
        write_access(self._folder / "broker", register, {})
        home = self._folder / self._home(role, name)
        for path in (home / file for file in FILES):
            path.unlink(missing_ok=True)
        home.rmdir() if home.is_dir() else None
        return (f"{role} {name} is removed", self._reload_line())

    def renew(self, name: str | None) -> Iterable[str]:
        """New certificates for the broker and the machines whose own end soon, or for `name` (broker or a machine)
        whatever its age."""
        register = load_register(self._folder)
        machines = [one for one, role in register.members.items() if role == "machine"]
        if name is not None and name not in ("broker", *machines):
            raise UsageFault(f"{name}: no certificate by that name; broker, {', '.join(machines) or 'no machine yet'}")
        said = [line for one in ("broker", *machines) if (line := self._renewed(register, one, name))]
        ca_ends = ends_at((self._folder / "ca/ca.crt").read_bytes())
        if ca_ends - self._now() < timedelta(days=365):
            said.append(
                f"the CA itself ends on {ca_ends:%Y-%m-%d}: make a new plant before, and move the machines over"
            )
        return said or [f"nothing to renew: every certificate is good for another {RENEW_DAYS} days"]

    def list(self) -> Iterable[str]:
        """Everyone, and until when their certificates are good."""
        register = load_register(self._folder)
        ca, broker = (ends_at((self._folder / path).read_bytes()) for path in ("ca/ca.crt", "broker/broker.crt"))
        lines = [
            f"plant {register.site}, CA until {ca:%Y-%m-%d}",
            f"broker {', '.join(register.hosts)} until {broker:%Y-%m-%d}",
        ]
        for name, role in sorted(register.members.items()):
            certificate = self._folder / self._home(role, name) / "machine.crt"
            lines.append(
                f"{role} {name}"
                + (f" until {ends_at(certificate.read_bytes()):%Y-%m-%d}" if certificate.exists() else "")
            )
        return lines

    def _renewed(self, register: Register, one: str, asked: str | None) -> str | None:
        home, stem = ("broker", "broker") if one == "broker" else (self._home("machine", one), "machine")
        ends = ends_at((self._folder / home / f"{stem}.crt").read_bytes())
        if asked not in (None, one) or (asked is None and ends - self._now() > timedelta(days=RENEW_DAYS)):
            return None
        hosts = register.hosts if one == "broker" else ()
        made = issue(self._authority(), register.hosts[0] if hosts else one, hosts, self._now())
        self._write_pair(home, stem, made)
        where = "copy it to the broker and restart mosquitto" if hosts else f"copy {self._folder / home} to {one} again"
        return f"{one}: new certificate until {ends_at(made.certificate):%Y-%m-%d}: {where}"

    def _admit(self, register: Register, name: str) -> None:
        """The register last: what it names has its files."""
        home = self._folder / self._home(register.members[name], name)
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        password = new_password()
        write_whole(home / "password", password + "\n", SECRET)
        write_whole(home / "ca.crt", (self._folder / "ca/ca.crt").read_bytes())
        write_access(self._folder / "broker", register, {name: password})
        register.save(self._folder)

    def _authority(self) -> Pair:
        certificate, key = (self._folder / "ca/ca.crt", self._folder / "ca/ca.key")
        if not key.exists():
            raise UsageFault(f"{key}: the CA's key is not here, so nothing can be signed; bring it back from a backup")
        return Pair(certificate.read_bytes(), key.read_bytes())

    def _home(self, role: Role, name: str) -> str:
        return f"{'machines' if role == 'machine' else 'users'}/{name}"

    def _write_pair(self, home: str, stem: str, pair: Pair) -> None:
        (self._folder / home).mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(self._folder / home / f"{stem}.key", pair.key, SECRET)
        write_whole(self._folder / home / f"{stem}.crt", pair.certificate)

    def _reload_line(self) -> str:
        broker = self._folder / "broker"
        return f"copy {broker / 'passwords'} and {broker / 'acl'} to the broker, then: systemctl reload mosquitto"


def _profile_part(register: Register, name: str) -> str:
    host = register.hosts[0] if ":" not in register.hosts[0] else f"[{register.hosts[0]}]"
    return f"""\
# Put this into the profile of {name}.
[telemetry]
broker = "mqtts://{host}:8883"
ca_file = "/etc/sorter/ca.crt"
username = "{name}"
password_file = "/run/credentials/sorter.service/password"
outbox = "/var/lib/sorter/outbox"
# Or by certificate, without username and password_file:
# broker = "mqtts://{host}:8884"
# cert_file = "/etc/sorter/machine.crt"
# key_file = "/run/credentials/sorter.service/machine.key"
"""
