"""The shapes of `review` and `pictures`: what people are to judge, and what they judge by. Only sent when asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from edge.kept import Why
from edge.telemetry.command_messages import MOST_ITEMS, CommandId
from edge.telemetry.header import Count, Header, Time

MOST_PART = 40_000
"""Characters of one part in base64."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToJudge:
    """A fruit that a person should judge, and nothing of its verdict. `total`: the bytes of its pictures."""

    track_id: str
    why: Why
    at_utc: Time
    total: Count
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """What a user has judged of what is kept: `judged` fruit, in `median_s` seconds each, of which `shared` were judged
    by somebody else too, and `agreed` with the same word."""

    judged: Count
    median_s: float | None
    shared: Count
    agreed: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class Review(Header):
    """The answer to the command `id` of `user`: which fruit to judge next, those that teach most first. `waiting` are
    not judged yet. At most once, so seq is 0."""

    schema: Literal["sorter.review/1"] = "sorter.review/1"
    user: str
    id: CommandId
    items: Annotated[tuple[ToJudge, ...], Field(max_length=MOST_ITEMS)]
    waiting: Count
    people: dict[str, Judge]


@dataclass(frozen=True, slots=True, kw_only=True)
class PicturesPart(Header):
    """The answer to the command `id` of `user`: what follows on `offset` in the stream of a fruit's pictures, `total`
    bytes whose hash is `sha256`. The stream: a line of JSON, what is kept of the fruit, whose `shots` say the pictures'
    lengths and hashes; a line of what people said of it; then the pictures. `total` is 0 where nothing is kept. At most
    once, so seq is 0."""

    schema: Literal["sorter.pictures/1"] = "sorter.pictures/1"
    user: str
    id: CommandId
    track_id: str
    offset: Count
    total: Count
    sha256: str
    data: Annotated[str, Field(max_length=MOST_PART, json_schema_extra={"contentEncoding": "base64"})]
