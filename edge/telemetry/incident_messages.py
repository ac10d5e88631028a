"""The wire contract of what has been: the last alarms of a run, for whoever comes later."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from edge.telemetry.header import Header, Time

MOST_PAST = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAlarm:
    """What `alarm/<name>` said at `ts_utc`."""

    ts_utc: Time
    name: str
    state: Literal["raised", "acknowledged", "cleared"]
    severity: Literal["warning", "error"]
    text: str
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incidents(Header):
    """The last alarms of this run, oldest first: said anew, at most as often as metrics, when there was another."""

    schema: Literal["sorter.incidents/1"] = "sorter.incidents/1"
    past: Annotated[tuple[PastAlarm, ...], Field(max_length=MOST_PAST)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm(Header):
    """What a person should know: said once when it is raised and once when it has cleared. A new run_id clears all."""

    schema: Literal["sorter.alarm/1"] = "sorter.alarm/1"
    name: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    state: Literal["raised", "acknowledged", "cleared"]
    severity: Literal["warning", "error"]
    text: str
    by: str | None = None
