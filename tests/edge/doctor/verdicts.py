"""How one finding stands."""

from collections.abc import Iterable

from edge.doctor.finding import Finding, Verdict


def verdict(findings: Iterable[Finding]) -> Verdict:
    """Of the one finding that there is, which has all that a person needs."""
    (one,) = findings
    assert one.why
    assert bool(one.remedy) == (one.verdict in ("attention", "fault"))
    return one.verdict
