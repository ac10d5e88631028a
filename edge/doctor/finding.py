"""What an examination finds: one thing, how it stands, why it matters and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["good", "attention", "fault", "not checked"]
"""`attention`: it works, and should be seen to. `fault`: the machine does not sort, or not well, until it is mended."""

VERDICTS: tuple[Verdict, ...] = ("good", "attention", "fault", "not checked")


@dataclass(frozen=True, slots=True)
class Finding:
    """`check` names what was looked at, for machines and for good; `subject` the part, where there are several, such
    as a gate. `what` was found, in one line; of what was
    not checked, why it cannot be told here. `why` it matters; `remedy` is empty
    where there is nothing to do."""

    check: str
    subject: str
    verdict: Verdict
    what: str
    why: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is looked at, and why it matters."""

    name: str
    why: str
    subject: str = ""

    def of(self, subject: str) -> Check:
        """The same, of one part."""
        return Check(self.name, self.why, subject)

    def good(self, what: str) -> Finding:
        return Finding(self.name, self.subject, "good", what, self.why)

    def attention(self, what: str, remedy: str) -> Finding:
        return Finding(self.name, self.subject, "attention", what, self.why, remedy)

    def fault(self, what: str, remedy: str) -> Finding:
        return Finding(self.name, self.subject, "fault", what, self.why, remedy)

    def unchecked(self, reason: str, remedy: str = "") -> Finding:
        """`reason`: why it cannot be told here."""
        return Finding(self.name, self.subject, "not checked", reason, self.why, remedy)


def exit_status(findings: Iterable[Finding]) -> int:
    """1 where anything is at fault."""
    return int(any(finding.verdict == "fault" for finding in findings))
