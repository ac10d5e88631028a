"""The wire contract of commands: what may be asked of a machine, its answer, and the label event that follows from one.

A command goes to `cmd/<user>/<name>`, so that the broker's rules prove who asks; the answer comes to
`cmd/<user>/<name>/result`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from edge.sections import CommandName
from edge.telemetry.header import Header, Time

CommandId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]
TrackId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,32}\.[0-9]{1,12}$")]
Label = Literal["green", "turning", "red", "damaged", "unknown"]
Defect = Literal["damage", "serious", "very-serious", "soft", "decay"]
"""How a damaged fruit is damaged, as grade standards part them."""
LotName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$")]
Seconds = Annotated[float, Field(ge=0, le=3_600)]
MOST_ITEMS = 50
"""Of one list of fruit to judge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What every command begins with. A command that comes later than `expires_utc` is not acted on; the same `id` from
    the same user is acted on once, and answered with the same words each time."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(strict=True, extra="ignore")

    id: CommandId
    expires_utc: Annotated[Time, Field(max_length=40)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed(Command):
    """Ask upstream to feed on (`go`) or to stop. The line itself goes on: it sorts what is on the belt."""

    go: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Relabel(Command):
    """What a fruit really is. null takes back what the same user said of it before. `seconds`: how long the person
    took; `flag`: keep the fruit's pictures, if they are still at hand, and have people judge it: with it a null label
    takes nothing back. `defect`: how a damaged one is damaged, which grade standards ask."""

    track_id: TrackId
    label: Label | None
    seconds: Seconds | None = None
    flag: bool = False
    defect: Defect | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NameLot(Command):
    """What is fed from now on belongs to the lot of this name, or, null, to none. A name that comes again is gone on
    with."""

    lot: LotName | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledge(Command):
    """Somebody has seen this alarm. It clears when its cause is gone."""

    alarm: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,64}$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch(Command):
    """Send the preview while somebody watches (`on`): for some seconds, unless it is asked for again."""

    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckUpdate(Command):
    """Look for a new release now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskReview(Command):
    """Which fruit to judge next, `most` of them, on the topic `review`; or, `judged`, which have been, the oldest
    first, behind `after` where that is told: a page of a list that whoever fetches them all goes through."""

    most: Annotated[int, Field(ge=1, le=MOST_ITEMS)]
    judged: bool = False
    after: TrackId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPictures(Command):
    """The kept pictures of a fruit, on the topic `pictures`: what follows on `offset` in their stream, as much as one
    message holds. Whoever misses a message asks again."""

    track_id: TrackId
    offset: Annotated[int, Field(ge=0, le=100_000_000)]


COMMANDS: Mapping[str, type[Command]] = {
    "feed": Feed,
    "label": Relabel,
    "acknowledge": Acknowledge,
    "preview": Watch,
    "check-update": CheckUpdate,
    "review": AskReview,
    "pictures": AskPictures,
    "lot": NameLot,
}
"""By the last level of their topic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result(Header):
    """The answer to one command: what was done, or why not. Sent anew whenever the command is; seq is 0, as an answer
    belongs to its command and not to the run's sequence."""

    schema: Literal["sorter.result/1"] = "sorter.result/1"
    id: CommandId
    user: str
    name: CommandName
    outcome: Literal["done", "refused"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelEvent(Header):
    """What `user` says that a fruit is, by the command `command_id`. The newest word of a user about a track counts;
    null takes the older ones back. `seconds`: how long that took, null where it was not measured. `flag`: the fruit is
    to be judged by people; with a null label that is all that is said."""

    schema: Literal["sorter.label/1"] = "sorter.label/1"
    user: str
    command_id: CommandId
    track_id: TrackId
    label: Label | None
    seconds: Seconds | None = None
    flag: bool = False
    defect: Defect | None = None
