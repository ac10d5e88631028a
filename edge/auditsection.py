"""The profile's section `[audit]`: how many fruit go to inspection, where, and what that may cost."""

from typing import Annotated

from pydantic import Field

from edge.section import Section

Share = Annotated[float, Field(ge=0, le=0.5)]


class Audit(Section):
    """One fruit in so many goes to `outlet` for a person to look at, drawn at random and whatever the verdict. At "end"
    nobody can pick it up: its pictures alone are judged. `share` 0: none. The share moves between `least_share` and
    `most_share`, and stays where it is without both."""

    share: Share = 0.0
    least_share: Share | None = None
    most_share: Share | None = None
    outlet: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")] = "end"
    cost: Annotated[float, Field(ge=0, le=1_000)] = 0.05
    most_cost_per_hour: Annotated[float | None, Field(gt=0, le=1_000_000)] = None
    hours: Annotated[float, Field(ge=0.1, le=744)] = 8.0
    width: Annotated[float, Field(ge=0.005, le=1)] = 0.1
    agreed: Annotated[float | None, Field(gt=0, lt=1)] = None
    false_alarms: Annotated[float, Field(gt=0, le=0.5)] = 0.01
    adapt_minutes: Annotated[float, Field(ge=0.1, le=1_440)] = 10.0

    @property
    def bounds(self) -> tuple[float, float]:
        """Between which the share moves."""
        least = self.share if self.least_share is None else self.least_share
        return least, max(least, self.share if self.most_share is None else self.most_share)
