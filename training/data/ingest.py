"""From what people said to a version of a dataset: `sorter data ingest`.

The dataset's folder holds the pictures as the machine wrote them (so that their hashes are the machine's own),
`dataset.csv`, `provenance.json` (who said what when, which bundle was asked, every hash, what was left out and why) and
a Croissant manifest. Taking in more, or the same again, makes the next version: words are added, the newest counts.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edge.durable import write_whole
from edge.errors import UsageFault
from edge.kept import streamed, unstreamed
from training.data.fruit import POLICY, Fruit
from training.data.harvest import Found, of_told
from training.data.listing import LIST, read_listing
from training.data.manifest import manifest

PROVENANCE, MANIFEST = "provenance.json", "manifest.json"
_COLUMNS = ("file", "fruit", "label", "split", "source", "shows")


@dataclass(frozen=True, slots=True)
class Ingested:
    """What came of it. `fruit` are in the dataset; of the others people are `split`, or have said nothing (`unsaid`,
    of what was looked at now)."""

    version: str
    fruit: int
    pictures: int
    split: int
    unsaid: int
    added: int


def ingest(found: Iterable[Found], out: Path, licence: str) -> Ingested:
    """Take fruit into the dataset `out`, which is made or goes on. Raises UsageFault."""
    held = _before(out)
    before, unsaid = set(held), 0
    for one in found:
        fruit = one.fruit
        key = fruit.kept.track_id
        if not fruit.labels and key not in held:
            unsaid += 1
            continue
        held[key] = held[key].joined(fruit) if key in held else fruit
        if not (out / _home(key)).exists():
            write_whole(out / _waiting(key), streamed(fruit.kept, one.pictures, ()))
    for fruit in held.values():
        _place(out, fruit)
    taken = sorted((fruit for fruit in held.values() if fruit.label), key=lambda fruit: fruit.kept.track_id)
    version = _write(out, taken, held, licence)
    pictures = sum(len(fruit.kept.shots) for fruit in taken)
    return Ingested(version, len(taken), pictures, len(held) - len(taken), unsaid, len(set(held) - before))


def people(fruit: Iterable[Fruit]) -> dict[str, dict[str, Any]]:
    """Of each user: how many fruit were judged, how fast, and how often with the word of the others."""
    judged: dict[str, int] = defaultdict(int)
    shared: dict[str, list[bool]] = defaultdict(list)
    seconds: dict[str, list[float]] = defaultdict(list)
    for one in fruit:
        labels = one.labels
        for user, label in labels.items():
            judged[user] += 1
            shared[user] += [label == other for name, other in labels.items() if name != user]
        for word in one.words:
            if word.label and word.seconds is not None:
                seconds[word.user].append(word.seconds)
    return {
        user: {
            "judged": count,
            "median_s": round(statistics.median(seconds[user]), 2) if seconds[user] else None,
            "shared": len(shared[user]),
            "agreed": sum(shared[user]),
        }
        for user, count in sorted(judged.items())
    }


def _home(track_id: str) -> str:
    return f"pictures/{track_id}"


def _waiting(track_id: str) -> str:
    return f"waiting/{track_id}.stream"


def _place(out: Path, fruit: Fruit) -> None:
    """Its pictures beside the list where it has a label; else they wait for one, and are no pictures of the dataset."""
    home, waiting = out / _home(fruit.kept.track_id), out / _waiting(fruit.kept.track_id)
    if fruit.label and waiting.exists():
        for name, data in zip(fruit.file_names, unstreamed(waiting.read_bytes())[1], strict=True):
            write_whole(out / name, data)
        waiting.unlink()
    elif not fruit.label and home.exists():
        pictures = [(out / name).read_bytes() for name in fruit.file_names]
        write_whole(waiting, streamed(fruit.kept, pictures, ()))
        shutil.rmtree(home)


def _before(out: Path) -> dict[str, Fruit]:
    path = out / PROVENANCE
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return {}
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return {key: of_told(one) for key, one in told["fruit"].items()}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageFault(f"{out}: no dataset of ours ({PROVENANCE}: {error}); give a new folder to --out") from None


def _write(out: Path, taken: list[Fruit], held: Mapping[str, Fruit], licence: str) -> str:
    """The list last: what it names is there."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    told = {
        "format": 1,
        "written_utc": now,
        "policy": POLICY,
        "people": people(held.values()),
        "bundles": sorted({fruit.kept.bundle for fruit in held.values()}),
        "fruit": {key: fruit.told() for key, fruit in sorted(held.items())},
    }
    provenance = json.dumps(told, indent=1) + "\n"
    write_whole(out / PROVENANCE, provenance)
    write_whole(out / LIST, _list(taken))
    made = manifest(read_listing(out), out.resolve().name, licence, now[:10])
    made["distribution"].append(
        {
            "@type": "cr:FileObject",
            "@id": PROVENANCE,
            "name": PROVENANCE,
            "contentUrl": PROVENANCE,
            "encodingFormat": "application/json",
            "sha256": hashlib.sha256(provenance.encode()).hexdigest(),
        }
    )
    made["rai:dataAnnotationProtocol"] = POLICY
    made["rai:dataCollection"] = "Looks that sorting machines kept of fruit on their belts, judged by people."
    write_whole(out / MANIFEST, json.dumps(made, indent=1) + "\n")
    return str(made["version"])


def _list(taken: list[Fruit]) -> str:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(_COLUMNS)
    for fruit in taken:
        for name in fruit.file_names:
            shows = "damage" if fruit.label == "damaged" and name == fruit.damage_shown else ""
            table.writerow((name, fruit.kept.track_id, fruit.label, fruit.split, fruit.source, shows))
    return text.getvalue()
