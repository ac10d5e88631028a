"""The machines of a channel, from a file: a plant's `plant.json`, or a text with `site/machine` a line."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from edge.errors import UsageFault

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}/[a-z0-9][a-z0-9_-]{0,31}")


def read_fleet(paths: Sequence[Path]) -> list[str]:
    """In order, each once. Raises UsageFault for a file that is neither, and for a fleet without a machine."""
    found = sorted({machine for path in paths for machine in _read(path)})
    if not found:
        raise UsageFault("which machines are there? give --fleet FILE: a plant.json, or lines of site/machine")
    return found


def is_machine(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def checked_machine(name: str) -> str:
    if not is_machine(name):
        raise UsageFault(f"{name!r}: not a machine; give site/machine, as in its topics")
    return name


def _read(path: Path) -> Iterator[str]:
    try:
        text = path.read_text(encoding="utf-8")
        if text.lstrip().startswith("{"):
            held = json.loads(text)
            yield from (
                checked_machine(f"{held['site']}/{name}") for name, role in held["members"].items() if role == "machine"
            )
            return
    except OSError as error:
        raise UsageFault(f"{path}: {error.strerror}; give a plant.json, or lines of site/machine") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UsageFault(f"{path}: not the register of a plant; give its plant.json") from None
    for number, line in enumerate(text.splitlines(), 1):
        if (name := line.partition("#")[0].strip()) and not is_machine(name):
            raise UsageFault(f"{path}:{number}: {name!r}: must be site/machine, as in its topics")
        if name:
            yield name
