"""Tells where the machine's update stands, whenever that has changed, and passes on the wish to look now."""

from pathlib import Path

from edge.telemetry.messages import Message, Writer
from edge.telemetry.update_messages import Update
from edge.updates import Told, ask_check, read_told

EVERY_NS = 1_000_000_000


class UpdateTeller:
    """One run's. All methods belong to the telemetry thread."""

    def __init__(self, writer: Writer, folder: Path) -> None:
        self._writer = writer
        self._folder = folder
        self._at_ns = 0
        self._told: Told | None = None

    def step(self, now_ns: int) -> Message | None:
        """What is to be said now, if anything."""
        if now_ns < self._at_ns:
            return None
        self._at_ns = now_ns + EVERY_NS
        told = read_told(self._folder)
        if told is None or told == self._told:
            return None
        self._told = told
        return self._writer.encode(
            Update(
                **self._writer.header(),
                state=told.state,
                active=told.active or None,
                offered=told.offered or None,
                progress=told.progress,
                why=told.why or None,
                text=told.text or None,
                checked_utc=told.checked_utc or None,
                channel=told.channel or None,
                word=told.word or None,
                wanted=told.wanted or None,
                by=told.by or None,
                refused=told.refused or None,
                waits=told.waits or None,
            )
        )

    def check(self) -> bool:
        """Ask the update process to look now. False where it cannot be asked."""
        return ask_check(self._folder)
