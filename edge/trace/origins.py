"""Whence a run's settings and its bundle came, as events: what they say, what changed, who wrote or signed them."""

from __future__ import annotations

import json
import os
import pwd
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edge.bundle import FACTORY, MANIFEST
from edge.config import Profile
from edge.errors import BundleFault
from edge.ledger.entries import Event, Json
from edge.release import PAPER, Paper, paper_of
from edge.sent import read_sent
from edge.trace.header import versions
from edge.updates import read_told

TRUST = "trust"
"""Of the update folder: the signed words that were believed last."""
_UNSET = "left out"


def begun(profile: Profile, run_id: str, ended: str | None, at_ns: int) -> Event:
    """A run begins. `ended`: how the one before it ended, where it could not say so."""
    said: dict[str, Json] = {"site": profile.site, "machine": profile.machine, "versions": dict(versions())}
    why = f"the run before it {ended}" if ended else "it was started"
    return Event(at_ns, "run", _user(os.getuid()), why, run_id, said)


def profile_said(profile: Profile, at_ns: int) -> Event:
    """The whole of it: who wrote its file, or whose key released it."""
    who, why = _writer(profile)
    return Event(at_ns, "profile", who, why, profile.digest, profile.model_dump(mode="json"))


def changed(before: Event, after: Event) -> Event | None:
    """Which keys two profiles differ in; None where it is the same one."""
    if before.about == after.about:
        return None
    old, new = dict(_flat(before.said)), dict(_flat(after.said))
    keys: dict[str, Json] = {
        key: [old.get(key, _UNSET), new.get(key, _UNSET)]
        for key in sorted({*old, *new})
        if old.get(key, _UNSET) != new.get(key, _UNSET)
    }
    said: dict[str, Json] = {"before": before.about, "keys": keys}
    return Event(after.at_ns, "changed", after.who, after.why, after.about, said)


def bundle_said(identity: str, folder: Path, updates: Path | None, at_ns: int) -> list[Event]:
    """A bundle's whole manifest; who released it, and what was waived. `updates`: the update process's folder."""
    paper = _paper(folder, identity)
    who, why = _releaser(folder, paper, updates)
    said: dict[str, Json] = {"folder": str(folder), **_read(folder / MANIFEST)}
    told: dict[str, Json] = {} if paper is None else paper.model_dump(mode="json", exclude={"files", "waivers"})
    if paper is not None and updates is not None and (word := read_told(updates)):
        told |= {"channel": word.channel, "word": word.word, "by": word.by}
    events = [Event(at_ns, "bundle", about=identity, said=said), Event(at_ns, "release", who, why, identity, told)]
    for waiver in paper.waivers if paper else ():
        facts: dict[str, Json] = {"criterion": waiver.criterion, "found": waiver.found, "said_utc": waiver.said_utc}
        events.append(Event(at_ns, "waiver", waiver.by, waiver.why, identity, facts))
    return events


def _writer(profile: Profile) -> tuple[str | None, str | None]:
    updates, file = profile.update.folder, profile.file
    if file is None:
        return None, None
    if profile.update.source is not None and updates in file.parents:
        return _signed_by(updates, "channels"), f"sent over the air, by word {read_sent(updates).since} of its channel"
    return _owner(file)


def _releaser(folder: Path, paper: Paper | None, updates: Path | None) -> tuple[str | None, str | None]:
    if folder == FACTORY:
        return f"sorter {versions().get('sorter', '')}".strip(), "it came with the runtime"
    if paper is None or updates is None:
        return _owner(folder / MANIFEST)
    return _signed_by(updates, "bundles"), f"released for {', '.join(paper.machine_classes)}"


def _signed_by(updates: Path, role: str) -> str | None:
    """The keys that signed the role's last word which this machine believed."""
    try:
        found = json.loads((updates / TRUST / f"{role}.json").read_bytes())
        keys = [str(signature["keyid"])[:16] for signature in found["signatures"]]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return f"release key {', '.join(keys)}"


def _owner(file: Path) -> tuple[str | None, str | None]:
    """As the file's system has it."""
    try:
        status = file.stat()
    except OSError:
        return None, None
    written = datetime.fromtimestamp(status.st_mtime, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return _user(status.st_uid), f"{file}, written {written}"


def _user(number: int) -> str:
    with suppress(KeyError):
        return pwd.getpwuid(number).pw_name
    return str(number)


def _paper(folder: Path, identity: str) -> Paper | None:
    try:
        return paper_of((folder / PAPER).read_bytes(), identity)
    except (OSError, BundleFault):
        return None


def _read(path: Path) -> dict[str, Json]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        return {"unread": str(error)}
    return found if isinstance(found, dict) else {}


def _flat(said: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """`belt.speed_mm_s`, and so on."""
    for key, value in said.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", _UNSET if value is None else value
