"""A profile's text with what was found in place of what stood there: every other line and remark stays as it was.

Line by line, and held to the outcome: what the new text says is read back, and is either exactly what was meant or not
written at all.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

from edge.calibrate.changes import Changes, Section, Value, merged
from edge.config import Profile, profile_of
from edge.durable import write_whole
from edge.errors import ProfileFault, UsageFault

_HEADING = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(#.*)?$")
_VALUE = re.compile(r"""(?P<value>"(?:[^"\\]|\\.)*"|'[^']*'|\[[^\]]*\]|[^#\s][^#]*?)(?P<after>\s*(?:#.*)?)$""")


def write(path: Path, changes: Changes) -> Profile:
    """Write the changes into the profile at `path`, whole or not at all. Raises ProfileFault where it would be no good
    profile with them, UsageFault where it cannot be read, edited or written."""
    try:
        before = path.read_text(encoding="utf-8")
        text = edited(before, changes)
        wanted = merged(tomllib.loads(before), changes)
    except (OSError, ValueError) as error:
        raise UsageFault(f"{path}: cannot be read: {error}") from None
    try:
        profile = profile_of(wanted, f"{path}, with what was found")
    except ProfileFault as fault:
        raise ProfileFault(
            [*fault.faults, f"{path}: nothing was written; see to these keys and calibrate again"]
        ) from None
    try:
        is_meant = tomllib.loads(text) == wanted
    except tomllib.TOMLDecodeError:
        is_meant = False
    if not is_meant:
        raise UsageFault(
            f"{path}: cannot be edited as it is laid out: write its sections as [camera], a key on each line"
        )
    try:
        write_whole(path, text, path.stat().st_mode & 0o777)
    except OSError as error:
        raise UsageFault(f"{path}: cannot be written: {error.strerror}; sudo, or --profile in another folder") from None
    return profile


def edited(text: str, changes: Changes) -> str:
    """TOML with the changed keys: in their places where they are there, else at the end of their section."""
    lines = text.splitlines()
    for section, keys in changes.items():
        first, last = _span(lines, section)
        if first is None:
            lines += ["", f"[{'.'.join(_name(part) for part in section)}]"]
            first = last = len(lines)
        for key, value in keys.items():
            if not _replaced(lines, first, last, key, value):
                lines.insert(last, f"{key} = {_toml(value)}")
                last += 1
    return "\n".join(lines) + "\n"


def _span(lines: list[str], section: Section) -> tuple[int | None, int]:
    """The lines of a section, from behind its heading to behind the last that says something."""
    first: int | None = None
    tables: dict[str, int] = {}
    for n, line in enumerate(lines):
        if not (heading := _HEADING.match(line)):
            continue
        if first is not None:
            return first, _last(lines, first, n)
        name = [part.strip().strip("\"'") for part in heading[2].split(".")]
        if heading[1] == "[[":
            tables[heading[2]] = tables.get(heading[2], -1) + 1
            name.append(str(tables[heading[2]]))
        if tuple(name) == section:
            first = n + 1
    return first, len(lines) if first is None else _last(lines, first, len(lines))


def _last(lines: list[str], first: int, end: int) -> int:
    """Behind the last key of a section: remarks that follow may be the next one's."""
    while end > first and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    return end


def _replaced(lines: list[str], first: int, last: int, key: str, value: Value) -> bool:
    for n in range(first, last):
        head = re.match(rf"\s*{re.escape(key)}\s*=\s*", lines[n])
        if head and (held := _VALUE.match(lines[n][head.end() :])):
            after = held["after"]
            new = _toml(value)
            if "#" in after:  # a column of remarks stays one
                remark = after.lstrip()
                room = max(1, len(held["value"]) + len(after) - len(remark) - len(new))
                after = " " * room + remark
            lines[n] = f"{head[0]}{new}{after}"
            return True
    return False


def _name(part: str) -> str:
    return part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else json.dumps(part)


def _toml(value: Value) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(one) for one in value)}]"
    return json.dumps(value)
