"""A reference machine's profile made one's own: some keys changed, every other line and remark as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import firmware_config
from edge.config import Profile, load_profile
from edge.durable import write_whole
from edge.errors import ProfileFault, UsageFault

PROFILES = Path(firmware_config.__path__[0]) / "profiles"


def machines() -> Iterator[tuple[str, Profile]]:
    """The reference machines, by name: what is simulated alone and has no wiring of its own comes last."""
    names = sorted((path.stem for path in PROFILES.glob("*.toml")), key=lambda name: (name not in FIRST, name))
    for name in names:
        yield name, load_profile(PROFILES / f"{name}.toml")


FIRST = ("one-lane", "four-lanes")


def said(profile: Profile) -> str:
    """A machine in one line."""
    parts = [f"{len(profile.lanes)} lane{'s' * (len(profile.lanes) > 1)}", f"{len(profile.gates)} gates"]
    parts.append("encoder" if profile.encoder else "no encoder")
    if any(gate.exit_pin is not None for gate in profile.gates.values()):
        parts.append("exit sensors")
    return ", ".join([*parts, f"{profile.belt.speed_mm_s:g} mm/s"])


def write(machine: str, changes: Mapping[tuple[str, str], str | None], path: Path) -> Profile:
    """Write the machine's profile to `path` with some keys (section, "" for none, and name) of another text; None
    leaves one out. Raises ProfileFault, and writes nothing, where the result would not be good; UsageFault where the
    file cannot be written."""
    text = (PROFILES / f"{machine}.toml").read_text(encoding="utf-8")
    for (section, key), value in changes.items():
        text = changed(text, section, key, value)
    draft = path.with_name(f".{path.name}.draft")
    try:
        draft.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(text, encoding="utf-8")
        try:
            profile = load_profile(draft)
        except ProfileFault as fault:
            raise ProfileFault([line.replace(str(draft), str(path)) for line in fault.faults]) from None
        finally:
            draft.unlink(missing_ok=True)
        write_whole(path, text)
    except OSError as error:
        raise UsageFault(f"{path}: cannot be written: {error.strerror}; sudo, or --profile in another folder") from None
    return profile


def changed(text: str, section: str, key: str, value: str | None) -> str:
    """TOML with one key's text in place of what it was; a key that is not there is not added."""
    lines, here = [], ""
    for line in text.splitlines():
        if heading := re.match(r"\[+([^\]]+)\]", line):
            here = heading[1].strip()
        is_meant = here == section and re.match(rf"{re.escape(key)}\s*=", line)
        if not is_meant:
            lines.append(line)
        elif value is not None:
            lines.append(f"{key} = {json.dumps(value)}")
    return "\n".join(lines) + "\n"
