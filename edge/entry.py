"""What an incident is as the catalogue has it, and a detector's word on one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["warning", "error"]
Figures = Mapping[str, float | str]
"""What fills an entry's text: figures, and the names of gates."""


@dataclass(frozen=True, slots=True)
class Entry:
    """`code` names it for machines, for good. `latch`: it stays until a person has looked; else it clears by itself.
    `severity`: a warning is sorted through, an error ends in the safe state."""

    code: str
    severity: Severity
    what: str
    why: str
    remedy: str
    latch: bool

    def say(self, figures: Figures, over: bool = False) -> str:
        """What an operator reads, in one line: what it is, and what to do unless it is over."""
        what = self.what.format(**figures)
        return what if over else f"{what}: {self.remedy}"


@dataclass(frozen=True, slots=True)
class Told:
    """A detector's word: the incident of this code is so from now on, or is so no longer. `edge.standing` decides what
    follows from it."""

    code: str
    raised: bool
    figures: Figures = field(default_factory=dict)
