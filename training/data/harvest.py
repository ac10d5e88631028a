"""Fruit that people judged, read out of machines' history folders: kept pictures, their words, and the ledger's."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.errors import LedgerFault, UsageFault
from edge.kept import PICTURES, Kept, Word, decode, fruit_folders, read_fruit
from edge.ledger.entries import Event
from edge.ledger.reading import read
from training.data.fruit import Fruit, merged


@dataclass(frozen=True, slots=True)
class Found:
    """A fruit and its pictures' bytes, in the order of its shots."""

    fruit: Fruit
    pictures: list[bytes]


@dataclass(frozen=True, slots=True)
class Ledger:
    """What a ledger tells of labels: `words` by track, `machines` by the profile's digest; `there`: whether it is."""

    there: bool
    words: Mapping[str, list[Word]]
    machines: Mapping[str, str]


def from_history(folder: Path) -> Iterator[Found]:
    """Every kept fruit of a history folder, judged or not; torn ones are passed over. Raises UsageFault where it is
    none."""
    pictures = folder / PICTURES
    if not pictures.is_dir():
        raise UsageFault(f"{folder}: no {PICTURES}/ here; give a machine's history folder")
    ledger = read_ledger(folder)
    for home in fruit_folders(pictures):
        try:
            kept, shots, words = read_fruit(home)
        except (OSError, ValueError):
            continue
        if kept.track_id != home.name:
            continue
        chained = ledger.words.get(kept.track_id, [])
        source = ledger.machines.get(kept.profile, "machine")
        known = {(word.user, word.command_id) for word in chained}
        proved = all((word.user, word.command_id) in known for word in words) if ledger.there else None
        yield Found(Fruit(source, kept, merged((*words, *chained)), proved), shots)


def read_ledger(folder: Path) -> Ledger:
    """What the ledger beside the pictures says, if there is one. Raises UsageFault for one that is not as it was
    written."""
    words: dict[str, list[Word]] = defaultdict(list)
    machines: dict[str, str] = {}
    try:
        for stamped in read(folder):
            event = stamped.entry
            if not isinstance(event, Event):
                continue
            if event.kind == "profile" and event.about:
                machines[event.about] = machine_of(event.said) or "machine"
            elif event.kind in ("label", "flag") and event.about and event.who:
                words[event.about].append(_word(event, stamped.utc.isoformat(timespec="milliseconds")))
    except UsageFault:
        return Ledger(False, {}, {})
    except LedgerFault as fault:
        raise UsageFault(f"{fault}; nothing is taken from a history that was changed") from None
    return Ledger(True, words, machines)


def machine_of(profile: Mapping[str, Any]) -> str:
    """`site-machine`, by a whole profile; empty where it does not say."""
    held = profile.get("profile", profile)
    if isinstance(held, str):
        held = json.loads(held)
    site, machine = held.get("site"), held.get("machine")
    return f"{site}-{machine}" if site and machine else ""


def _word(event: Event, at_utc: str) -> Word:
    told = event.said
    seconds = told.get("took_s")
    label = told.get("label")
    return Word(
        track_id=str(event.about),
        user=str(event.who),
        command_id=str(told.get("command_id") or told.get("id") or ""),
        at_utc=at_utc.replace("+00:00", "Z"),
        label=label if isinstance(label, str) else None,
        seconds=float(seconds) if isinstance(seconds, (int, float)) else None,
        flag=event.kind == "flag" or bool(told.get("flag")),
    )


def of_told(told: Mapping[str, Any]) -> Fruit:
    """Back from `provenance.json`. Raises ValueError."""
    kept: Kept = decode(json.dumps(told["kept"]))
    words = tuple(Word(**word) for word in told["words"])
    return Fruit(str(told["source"]), kept, words, told["chained"])
