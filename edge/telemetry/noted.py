"""A command that was done, as the ledger is to remember it: what changes nothing is not worth a line there."""

from __future__ import annotations

from dataclasses import asdict

from edge.ledger.entries import Event, Json
from edge.telemetry.command_messages import Command, Relabel

LOOKS_ON = frozenset(("preview", "review", "pictures"))
"""Commands that only ask to be shown something."""

_ENVELOPE = frozenset(("id", "expires_utc"))


def noted(command: Command, name: str, user: str, answer: str, at_ns: int) -> Event | None:
    """`answer` is what the user was told."""
    if name in LOOKS_ON:
        return None
    said: dict[str, Json] = {key: value for key, value in asdict(command).items() if key not in _ENVELOPE}
    said["command_id"] = command.id
    if isinstance(command, Relabel):
        kind = "flag" if command.flag and command.label is None else "label"
        label: dict[str, Json] = {"label": command.label, "took_s": command.seconds, "flag": command.flag}
        label |= {"defect": command.defect} if command.defect else {}
        return Event(at_ns, kind, user, answer, command.track_id, label | {"command_id": command.id})
    return Event(at_ns, name if name == "lot" else "command", user, answer, name, said)
