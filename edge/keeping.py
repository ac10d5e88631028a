"""The sections of what stays on the machine's own disk: how much of it, and for how long."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from edge.section import Section


class Recorder(Section):
    """The black box: the last `minutes` of what the line was given and decided, and never more than `bytes` of it."""

    folder: Annotated[Path | None, Field(strict=False)] = None
    minutes: Annotated[float, Field(ge=0.1, le=10_080)] = 10.0
    bytes: Annotated[int, Field(ge=10_000_000, le=10_000_000_000_000)] = 2_000_000_000


class History(Section):
    """What a machine keeps to explain itself by: the ledger of its decisions, and pictures of some. Of the ledger the
    oldest goes first; pictures that are older than `picture_days` go."""

    folder: Annotated[Path | None, Field(strict=False)] = None
    ledger_bytes: Annotated[int, Field(ge=10_000_000, le=10_000_000_000_000)] = 2_000_000_000
    picture_bytes_a_day: Annotated[int, Field(ge=0, le=1_000_000_000_000)] = 200_000_000
    picture_days: Annotated[float, Field(ge=0.01, le=3_650)] = 30.0
