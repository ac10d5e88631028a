"""A rollout's rules, without a disk or a network: what was heard of its machines → the next wave, a pause, a stop.

Which machines a wave holds, the channel's signed word says (`edge.release.holds`). What machines tell decides only
when the next one is signed: whoever forges all of it can hurry a rollout, or hold it up, never choose its bundle.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from edge.release import Channel, Identity, MachineId, Rollout, Wave, holds
from edge.sealed import Sealed
from edge.updates import UpdateState

Phase = Literal["running", "paused", "stopped", "aborted", "done"]
"""`paused`: no further wave; `stopped` (by the rules) and `aborted`: taken back; `done`: the channel names it."""
Standing = Literal["good", "refused", "under way", "waits", "unheard", "elsewhere", "pinned"]
"""Of one machine. `unheard`: it has not told that it read the rollout's word; `elsewhere`: on another channel."""


class Said(Sealed):
    """What a machine told last on `update`, as far as a rollout asks. Strings of any content: a broker sends them."""

    ts_utc: Annotated[str, Field(max_length=40)] = ""
    state: UpdateState = "idle"
    active: Annotated[str, Field(max_length=100)] | None = None
    progress: float = 0.0
    why: Annotated[str, Field(max_length=40)] | None = None
    text: str | None = None
    channel: Annotated[str, Field(max_length=40)] | None = None
    word: int | None = None
    wanted: Annotated[str, Field(max_length=100)] | None = None
    refused: Annotated[str, Field(max_length=100)] | None = None
    waits: Annotated[str, Field(max_length=40)] | None = None


class Record(Sealed):
    """One rollout. `good` ran before it, since the word `good_since`; `since` is the word that began it; `fleet` are
    all of the channel's machines, of which `waves` reach ever more. `success`: of a wave's machines so many must run
    the bundle, for the next; with more than `errors` of them refusing it, it is taken back. A wave stands open for
    `hold_minutes` at least; after `patience_minutes` without success the rollout pauses."""

    channel: str
    bundle: Identity
    good: Identity
    good_since: int
    since: int
    fleet: tuple[MachineId, ...]
    waves: tuple[Wave, ...]
    success: float
    errors: float
    hold_minutes: float
    patience_minutes: float
    opened_utc: datetime
    wave: int = 0
    phase: Phase = "running"
    why: str = ""

    @property
    def is_open(self) -> bool:
        return self.phase in ("running", "paused")

    @property
    def rollout(self) -> Rollout:
        """As the channel's word has it at this wave."""
        wave = self.waves[self.wave]
        return Rollout(bundle=self.bundle, since=self.since, machines=wave.machines, share=wave.share)


def next_word(record: Record, now: Channel) -> Channel:
    """What the channel is to say, given what it says: the same where that will do."""
    if record.is_open:
        changes = {"bundle": record.good, "since": record.good_since, "rollout": record.rollout, "urgent": False}
    elif now.rollout is None:  # ended and said; what the channel has said since is not this rollout's
        return now
    elif record.phase == "done":
        changes = {"bundle": record.bundle, "since": record.since, "rollout": None, "urgent": False}
    else:
        changes = {"bundle": record.good, "since": record.good_since, "rollout": None, "urgent": True}
    return now.model_copy(update=changes)


def standing(record: Record, word: Channel, machine: str, said: Said | None) -> Standing:
    """Where one machine of a wave stands."""
    if machine in word.pins:
        return "pinned"
    if said is None:
        return "unheard"
    if said.channel is not None and said.channel != record.channel:
        return "elsewhere"
    if said.word is None or said.word < record.since or said.wanted != record.bundle:
        return "unheard"  # what it told is from before
    if said.refused == record.bundle:
        return "refused"
    if said.active == record.bundle and said.state == "idle":
        return "good"
    return "waits" if said.waits else "under way"


def members(record: Record, word: Channel, heard: Mapping[str, Said]) -> dict[str, Standing]:
    """The machines that the wave of now holds, and where each stands."""
    of = record.rollout
    return {m: standing(record, word, m, heard.get(m)) for m in record.fleet if holds(of, of, m)}


def decide(record: Record, word: Channel, heard: Mapping[str, Said], now: datetime) -> Record:
    """One look at a rollout; the same record where nothing is to be done."""
    if record.phase != "running":
        return record
    counts = Counter(members(record, word, heard).values())
    size = counts.total() - counts["elsewhere"] - counts["pinned"]
    open_for = now - record.opened_utc
    if counts["refused"] > record.errors * size:
        why = f"{counts['refused']} of {size} machines refused it; more than {record.errors:.0%} end a rollout"
        return record.model_copy(update={"phase": "stopped", "why": why})
    if size and counts["good"] >= record.success * size:
        return record if open_for < timedelta(minutes=record.hold_minutes) else _advance(record, now)
    if open_for >= timedelta(minutes=record.patience_minutes):
        why = f"wave {record.wave + 1}: {counts['good']} of {size} machines run it; {record.success:.0%} are wanted"
        return record.model_copy(update={"phase": "paused", "why": why})
    return record


def _advance(record: Record, now: datetime) -> Record:
    if record.wave + 1 == len(record.waves):
        return record.model_copy(update={"phase": "done", "why": ""})
    return record.model_copy(update={"wave": record.wave + 1, "opened_utc": now})
