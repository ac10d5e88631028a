"""Who there is in a plant: one JSON file without secrets, from which the broker's rules are written."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from edge.durable import write_whole
from edge.errors import UsageFault

Person = Literal["viewer", "reviewer", "operator", "releaser"]
Program = Literal["machine", "dashboard", "collector", "homeassistant", "scada", "bridge"]
Role = Person | Program
ROLES: tuple[Role, ...] = (*get_args(Person), *get_args(Program))
FILE = "plant.json"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?")


@dataclass(slots=True)
class Register:
    """`hosts`: the names by which machines reach the broker, the first in their profiles. `members`: name to role."""

    site: str
    hosts: list[str]
    members: dict[str, Role] = field(default_factory=dict)

    def add(self, name: str, role: Role) -> None:
        """Raises UsageFault for a name that is taken: machines and users share one set of names, as the broker has
        one set of passwords."""
        checked_name(name)
        if name in self.members:
            raise UsageFault(f"{name}: already here as {self.members[name]}; take another name, or remove it first")
        self.members[name] = role

    def save(self, folder: Path) -> None:
        held = {"site": self.site, "hosts": self.hosts, "members": self.members}
        write_whole(folder / FILE, json.dumps(held, indent=2) + "\n")


def load_register(folder: Path) -> Register:
    """Raises UsageFault where there is none, or where it cannot be read."""
    path = folder / FILE
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        return Register(str(held["site"]), [str(host) for host in held["hosts"]], _members(held["members"]))
    except (FileNotFoundError, NotADirectoryError):
        raise UsageFault(
            f"{folder}: no plant here; make one: sorter plant init {folder} --site NAME --host HOST"
        ) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageFault(f"{path}: not the register of a plant ({error}); bring it back from a backup") from None


def checked_name(name: str) -> str:
    """Raises UsageFault for what a profile would not take as a site or machine, or an ACL would read otherwise."""
    if not _NAME.fullmatch(name):
        raise UsageFault(f"{name!r}: not a name; take 1 to 32 of a-z, 0-9, - and _, no - or _ first")
    return name


def checked_host(host: str) -> str:
    if not _HOST.fullmatch(host):
        raise UsageFault(f"{host!r}: not a host; give the name or address by which machines reach the broker")
    return host


def _members(held: Mapping[str, str]) -> dict[str, Role]:
    members: dict[str, Role] = {}
    for name, role in held.items():
        known = next((one for one in ROLES if one == role), None)
        if known is None or not _NAME.fullmatch(name):
            raise ValueError(f"{name}: {role}")
        members[name] = known
    return members
