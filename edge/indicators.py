"""What is agreed beforehand, in one file (`firmware_config/indicators.toml`): the criteria of a release, and the
targets of a running line with the rules by which a budget burns too fast. Reports, release gate and device read it.

A target is a share of good events over a window; its budget is the share that may be bad. A budget burns at rate 1 when
it would be used up exactly at the window's end. A rule asks for a rate over a long window, so that little things do not
alarm, and over a short one too, so that the alarm ends soon after its cause (The Site Reliability Workbook, chapter 5).
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

import firmware_config
from edge.errors import UsageFault

INDICATORS = Path(next(iter(firmware_config.__path__))) / "indicators.toml"

Figure = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$")]
Named = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,47}$")]
Counted = Literal["right", "worth", "in_time", "sorting", "openings", "sound"]
"""What of a ledger is good or bad; indicators.toml says each."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Criterion(_Part):
    """One line of the release gate; the file itself says what the keys mean."""

    says: str
    figure: Figure
    at_least: int | float | None = None
    at_most: int | float | None = None
    why: str

    @model_validator(mode="after")
    def _one_limit(self) -> Criterion:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("give at_least or at_most, one of them")
        return self


class Indicator(_Part):
    """A target of a running line."""

    says: str
    counts: Counted
    target: Annotated[float, Field(gt=0, lt=1)]
    window_days: Annotated[float, Field(gt=0, le=366)]
    why: str

    @property
    def budget(self) -> float:
        """The share of events that may be bad."""
        return 1 - self.target


class Burn(_Part):
    """A rule: so large a share of the budget within `long_hours`, and as fast within `short_hours`."""

    says: str
    budget: Annotated[float, Field(gt=0, le=1)]
    long_hours: Annotated[float, Field(gt=0, le=744)]
    short_hours: Annotated[float, Field(gt=0, le=744)]

    def rate(self, window_days: float) -> float:
        """Times as fast as the budget allows."""
        return self.budget * window_days * 24 / self.long_hours

    @model_validator(mode="after")
    def _short_is_short(self) -> Burn:
        if self.short_hours >= self.long_hours:
            raise ValueError("short_hours: must be below long_hours")
        return self


class Agreed(_Part):
    """The whole file."""

    format: Literal[1]
    indicators: dict[Named, Indicator]
    burn: dict[Named, Burn]
    criteria: dict[Named, Criterion]


def agreed(path: Path = INDICATORS) -> Agreed:
    """Raises UsageFault naming every fault."""
    try:
        return Agreed.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise UsageFault(f"{path}: {error.strerror}; what is agreed comes with the project") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageFault(f"{path}: not TOML: {error}") from None
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors(include_url=False)]
        raise UsageFault("\n".join(f"{path}: {fault}" for fault in faults)) from None


@cache
def targets() -> dict[str, float]:
    """By what is counted, the strictest target of what ships: what a page colours its figures by. Read once."""
    found: dict[str, float] = {}
    for one in agreed().indicators.values():
        found[one.counts] = max(found.get(one.counts, 0.0), one.target)
    return found
