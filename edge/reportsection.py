"""The profile's section `[report]`: the plant's shifts, and the standard its lots are held to."""

from typing import Annotated

from pydantic import Field

from edge.section import Section

_HOUR = r"(([01]\d|2[0-3]):[0-5]\d|24:00)"
Hours = Annotated[str, Field(pattern=rf"^{_HOUR}-{_HOUR}$", description="06:00-14:00, or 22:00-06:00 over midnight")]
ShiftName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]


class Report(Section):
    """What `sorter report` reads of a profile; the machine itself needs nothing of it. `standards`: names of those that
    ship."""

    shifts: dict[ShiftName, Hours] = Field(default={})
    standards: list[ShiftName] = Field(default=["us-no-1"], min_length=1, max_length=8)
