"""What every message begins with, and what is in more than one of them."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal, TypedDict

from pydantic import ConfigDict, Field

Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Time = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


class HeaderFields(TypedDict):
    ts_utc: str
    run_id: str
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What every message begins with. `seq` counts from 1 within `run_id`: a gap is a message lost or on its way, a
    repeat is the same message again."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(json_schema_serialization_defaults_required=True)

    ts_utc: Time
    run_id: str
    seq: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAlarm:
    """An alarm that is raised now, since `since_utc`."""

    name: str
    severity: Literal["warning", "error"]
    text: str
    since_utc: Time
    acknowledged_by: str | None = None
