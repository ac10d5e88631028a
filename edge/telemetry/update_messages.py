"""The wire contract of updates: where a machine's update stands, and why a release was not taken."""

from dataclasses import dataclass
from typing import Literal

from edge.telemetry.header import Count, Header, Share, Time
from edge.updates import UpdateState


@dataclass(frozen=True, slots=True, kw_only=True)
class Update(Header):
    """Where an update stands. `active` is the bundle that was chosen to run (null: the machine's own), `offered` the
    one that is on its way, `progress` the share of its bytes that is here. `why` is a word for what was refused last,
    `text` the line for it, null where nothing was. `checked_utc`: when releases were last looked for. Of `channel`'s
    signed `word` (a counter) that was believed last: the bundle `wanted` on this machine, `by` which part of the word
    (channel, rollout, pin), `refused` where that bundle was not good here and is not tried again, `waits` where it
    waits for its maintenance window, or for a profile that is on trial."""

    schema: Literal["sorter.update/1"] = "sorter.update/1"
    state: UpdateState
    active: str | None
    offered: str | None
    progress: Share
    why: str | None
    text: str | None
    checked_utc: Time | None
    channel: str | None
    word: Count | None
    wanted: str | None
    by: Literal["channel", "rollout", "pin"] | None
    refused: str | None
    waits: Literal["window", "profile"] | None
