"""One fruit's whole chain out of a history: what was seen and decided, what its gate did, what decided it and who
answers for that, and what people said of it since."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from edge.errors import UsageFault
from edge.kept import PICTURES, read_fruit
from edge.ledger.blocks import Block, ledger_in
from edge.ledger.checkpoint import checkpoint_of
from edge.ledger.entries import Decision, Event, Stamped
from edge.ledger.reading import placed
from edge.valuing import valued

_EVENT = b'["e"'


@dataclass(slots=True)
class Chain:
    """What a history holds about one fruit. Events by what they are about."""

    decision: Stamped | None = None
    block: Block | None = None
    signed: Block | None = None
    runs: dict[str, Stamped] = field(default_factory=dict)
    profiles: dict[str, Stamped] = field(default_factory=dict)
    changes: dict[str, Stamped] = field(default_factory=dict)
    bundles: dict[str, Stamped] = field(default_factory=dict)
    adopted: dict[str, Stamped] = field(default_factory=dict)
    releases: dict[str, Stamped] = field(default_factory=dict)
    waivers: dict[tuple[str, str], Stamped] = field(default_factory=dict)
    words: list[Stamped] = field(default_factory=list)


def chain(folder: Path, track_id: str) -> Chain:
    """Raises UsageFault where there is no ledger, or nothing of this fruit; LedgerFault where it is damaged."""
    named = json.dumps(track_id, ensure_ascii=False).encode()
    found = Chain()
    for block, stamped in placed(folder, lambda line: line.startswith(_EVENT) or named in line):
        if stamped is None:
            if found.decision is not None and found.signed is None:
                found.signed = block
        elif isinstance(stamped.entry, Event):
            _take(found, stamped, stamped.entry, track_id)
        elif stamped.entry.track_id == track_id:
            found.decision, found.block = stamped, block
    if found.decision is None:
        raise UsageFault(f"{track_id}: no such fruit in the ledger of {folder}; it may be older than what that holds")
    return found


def _take(found: Chain, stamped: Stamped, event: Event, track_id: str) -> None:
    about = event.about or ""
    if event.kind in ("label", "flag") and about == track_id:
        found.words.append(stamped)
    elif event.kind == "waiver":
        found.waivers.setdefault((about, str(event.said.get("criterion"))), stamped)
    elif found.decision is None:  # what came later decided nothing of it
        places = {
            "run": found.runs,
            "profile": found.profiles,
            "changed": found.changes,
            "bundle": found.bundles,
            "adopted": found.adopted,
            "release": found.releases,
        }
        if (place := places.get(event.kind)) is not None:
            place[about] = stamped


def trace(folder: Path, track_id: str) -> dict[str, Any]:
    """The chain as plain data. What does not apply to this fruit is left out. Raises as `chain`."""
    found = chain(folder, track_id)
    assert found.decision is not None and isinstance(found.decision.entry, Decision)
    it = found.decision.entry
    profile, bundle = _event(found.profiles, it.profile), _event(found.bundles, it.bundle)
    told: dict[str, Any] = {"track_id": track_id, "utc": _utc(found.decision.utc)}
    told["run"] = _run(found, found.decision.run_id)
    told["verdict"] = _verdict(it)
    told["looks"] = [_look(look.frame, look.sharpness, look.unknown, look.scores) for look in it.looks]
    told |= valued(it, profile.said if profile else {}, bundle.said if bundle else {})
    told["gate"] = _gate(it, found.decision)
    told["bundle"] = {"identity": it.bundle, **_model(bundle)}
    told["release"] = _release(found, it.bundle)
    told["profile"] = _profile(found, it.profile, profile)
    told["people"] = [_word(word) for word in found.words]
    told["pictures"] = _pictures(folder, track_id)
    told["ledger"] = _place(folder, found)
    return told


def _event(events: Mapping[str, Stamped], about: str) -> Event | None:
    stamped = events.get(about)
    return stamped.entry if stamped and isinstance(stamped.entry, Event) else None


def _run(found: Chain, run_id: str) -> dict[str, Any]:
    stamped, event = found.runs.get(run_id), _event(found.runs, run_id)
    if stamped is None or event is None:
        return {"run_id": run_id}
    said = {key: value for key, value in event.said.items() if value is not None}
    return {"run_id": run_id, "began_utc": _utc(stamped.utc), "who": event.who, "why": event.why, **said}


def _verdict(it: Decision) -> dict[str, Any]:
    told: dict[str, Any] = {
        "label": it.label,
        "confidence": it.confidence,
        "unknown_score": it.unknown_score,
        "scores": list(it.scores),
        "outlet": it.outlet,
        "reason": it.reason,
        "lane": it.lane,
        "length_mm": it.length_mm,
    }
    if it.audit is not None:
        told["audit"] = {"chance": it.audit, "sorted_to": it.sorted_to, "sorted_for": it.sorted_for}
    return told


def _look(frame: int, sharpness: float, unknown: float, scores: tuple[float, ...]) -> dict[str, Any]:
    return {"frame": frame, "sharpness": sharpness, "unknown_score": unknown, "scores": list(scores)}


def _gate(it: Decision, stamped: Stamped) -> dict[str, Any]:
    if it.gate is None:
        return {"result": f"no gate was to open: {it.reason}"}
    told: dict[str, Any] = {"gate": it.gate, "result": it.result, "late_ms": round((it.late_ns or 0) / 1e6, 3)}
    for name, at_ns in (("opened", it.opened_at_ns), ("closed", it.closed_at_ns)):
        if at_ns is not None:
            told[f"{name}_at_ns"] = at_ns
            told[f"{name}_utc"] = _utc(stamped.utc + timedelta(microseconds=(at_ns - it.at_ns) / 1e3))
    if it.opened_at_ns is not None and it.closed_at_ns is not None:
        told["open_ms"] = round((it.closed_at_ns - it.opened_at_ns) / 1e6, 3)
    return told


def _model(event: Event | None) -> dict[str, Any]:
    """The manifest's word on its making: the training run, its dataset, recipe and code."""
    said: Mapping[str, Any] = event.said if event else {}
    origin = said.get("origin")
    if not isinstance(origin, dict):
        return {"origin": "the ledger holds no manifest of it"}
    return {
        "trained": {"utc": origin.get("created_utc"), "seed": origin.get("seed")},
        "recipe": {"name": origin.get("recipe"), "text": origin.get("recipe_text")},
        "dataset_sha256": origin.get("dataset_sha256"),
        "code_commit": origin.get("code_commit"),
        "weights_sha256": (said.get("files") or {}).get("model.tflite"),
        "metrics": said.get("metrics"),
        "licences": said.get("licences"),
    }


def _release(found: Chain, bundle: str) -> dict[str, Any]:
    event = _event(found.releases, bundle)
    told: dict[str, Any] = {"approved_by": event.who, "why": event.why, **event.said} if event else {}
    if adopted := found.adopted.get(bundle):
        told["adopted_utc"] = _utc(adopted.utc)
    waived = [one.entry for (about, _), one in found.waivers.items() if about == bundle]
    told["waivers"] = [
        {"by": one.who, "why": one.why, **one.said} for one in waived if isinstance(one, Event)
    ] or "none was needed"
    return told


def _profile(found: Chain, digest: str, event: Event | None) -> dict[str, Any]:
    told: dict[str, Any] = {"digest": digest}
    if event is not None:
        told |= {"who": event.who, "why": event.why}
    if change := _event(found.changes, digest):
        told["changed"] = {"utc": _utc(found.changes[digest].utc), "who": change.who, **change.said}
    return told


def _word(stamped: Stamped) -> dict[str, Any]:
    event = stamped.entry
    assert isinstance(event, Event)
    said = {key: value for key, value in event.said.items() if value not in (None, False)}
    return {"utc": _utc(stamped.utc), "who": event.who, "kind": event.kind, "why": event.why, **said}


def _pictures(folder: Path, track_id: str) -> dict[str, Any]:
    for place in _kept(folder, track_id):
        try:
            kept, _, _ = read_fruit(place)
        except (OSError, ValueError) as error:
            return {"kept": f"{place}: {error}"}
        shots = [{"file": str(place / shot.file), "frame": shot.frame, "sha256": shot.sha256} for shot in kept.shots]
        return {"kept": kept.why, "files": shots}
    return {"kept": "none"}


def _kept(folder: Path, track_id: str) -> Iterator[Path]:
    pictures = ledger_in(folder).parent / PICTURES
    if pictures.is_dir():
        yield from (day / track_id for day in sorted(pictures.iterdir()) if (day / track_id).is_dir())


def _place(folder: Path, found: Chain) -> dict[str, Any]:
    assert found.block is not None
    told: dict[str, Any] = {"folder": str(folder), "block": found.block.number, "hash": found.block.hash.hex()}
    if found.signed is None:
        return told | {"signed": "not yet"}
    said, _ = checkpoint_of(found.signed.lines()[0])
    return told | {"signed": {"block": found.signed.number, "key": said.key}}


def _utc(utc: datetime) -> str:
    return utc.isoformat(timespec="milliseconds").replace("+00:00", "Z")
