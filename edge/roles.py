"""Which commands each role may give: by the one table that the broker's rules are written from too."""

import functools
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

import firmware_config

TABLE = Path(next(iter(firmware_config.__path__))) / "mosquitto" / "roles.toml"


@functools.cache
def commands_by_role() -> Mapping[str, tuple[str, ...]]:
    """By the role's name; of those that may give any."""
    held = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return {role: tuple(rules["commands"]) for role, rules in held.items() if "commands" in rules}


def heeded(allowed: Iterable[str]) -> tuple[str, ...]:
    """Commands and roles, as a profile names them, to commands alone."""
    roles = commands_by_role()
    return tuple(dict.fromkeys(command for name in allowed for command in roles.get(name, (name,))))
