"""What a plant's mosquitto reads beside its certificates: the password file and the ACL."""

import base64
import hashlib
import secrets
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict

import firmware_config
from edge.durable import SECRET, write_whole
from edge.errors import UsageFault
from edge.roles import commands_by_role
from plant.register import Register

SETUPS = Path(firmware_config.__file__).parent / "mosquitto"
ACL, PASSWORDS = "acl", "passwords"
_ROUNDS = 10_000
"""Of PBKDF2. The passwords made here are 32 random characters: no number of rounds would matter."""


COMMAND = "sorter/v1/{site}/+/cmd/{user}/"
"""Under which a user gives a command, by its name: to machines of the own site alone."""


class Rules(TypedDict):
    write: list[str]
    read: list[str]


def rules_of(role: str, site: str, user: str) -> Rules:
    """The topic filters that a role may publish, its commands among them, and read, for one user of one site."""
    held: dict[str, Rules] = tomllib.loads((SETUPS / "roles.toml").read_text(encoding="utf-8"))

    def filled(topics: list[str]) -> list[str]:
        return [topic.format(site=site, user=user) for topic in topics]

    commands = [COMMAND + name for name in commands_by_role().get(role, ())]
    return {"write": filled([*held[role]["write"], *commands]), "read": filled(held[role]["read"])}


def acl_text(register: Register) -> str:
    """mosquitto.conf(5), acl_file: a section for each member; what is not named is refused."""
    lines = ["# Written by sorter plant, from roles.toml: edit neither here nor by hand, it is written anew."]
    for name, role in sorted(register.members.items()):
        rules = rules_of(role, register.site, name)
        lines += ["", f"# {role}", f"user {name}"]
        lines += [f"topic write {topic}" for topic in rules["write"]]
        lines += [f"topic read {topic}" for topic in rules["read"]]
    return "\n".join(lines) + "\n"


def new_password() -> str:
    """32 characters out of 64: 192 random bits."""
    return secrets.token_urlsafe(24)


def password_line(name: str, password: str) -> str:
    """As mosquitto_passwd writes it: PBKDF2 with SHA-512 (its format 7)."""
    salt = secrets.token_bytes(12)
    made = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ROUNDS)
    return f"{name}:$7${_ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(made).decode()}"


def write_access(folder: Path, register: Register, passwords: Mapping[str, str]) -> None:
    """Write ACL and password file anew. `passwords`: those that are new; the others keep their line."""
    held = dict(line.split(":", 1) for line in _lines(folder / PASSWORDS) if ":" in line)
    lines = [
        password_line(name, passwords[name]) if name in passwords else f"{name}:{_kept(held, name, folder)}"
        for name in sorted(register.members)
    ]
    write_whole(folder / PASSWORDS, "".join(f"{line}\n" for line in lines), SECRET)
    write_whole(folder / ACL, acl_text(register), SECRET)


def _kept(held: Mapping[str, str], name: str, folder: Path) -> str:
    if name not in held:
        raise UsageFault(f"{folder / PASSWORDS}: {name} has no password there; remove {name} and make it again")
    return held[name]


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []
