"""The findings for people: a table in which a sign and a word, and never a colour alone, say how each thing stands."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from edge.doctor.finding import VERDICTS, Finding, Verdict

_SIGNS: dict[Verdict, tuple[str, str]] = {
    "good": ("+", ""),
    "attention": ("!", "bold"),
    "fault": ("X", "bold reverse"),
    "not checked": ("-", "dim"),
}
"""A sign that ASCII has, and a style that nobody needs colours for."""


def show(findings: Sequence[Finding], console: Console) -> None:
    """A row a finding; below what is not good, why it matters and what to do. Without a terminal the lines are as wide
    as they need to be, so that nothing is cut off in a pipe."""
    if not console.is_terminal:
        _plainly(findings, console)
        return
    table = Table("", "what", "found", pad_edge=False, show_lines=False)
    for one in findings:
        sign, style = _SIGNS[one.verdict]
        name = f"{one.check}\n{one.subject}" if one.subject else one.check
        table.add_row(f"{sign} {one.verdict}", escape(name), escape("\n".join(_text(one))), style=style)
    console.print(table)
    console.print(summary(findings), highlight=False, markup=False)


def summary(findings: Sequence[Finding]) -> str:
    """How many stand how."""
    counts = ", ".join(f"{sum(one.verdict == verdict for one in findings)} {verdict}" for verdict in VERDICTS)
    return f"{len(findings)} findings: {counts}"


def _plainly(findings: Sequence[Finding], console: Console) -> None:
    def say(text: str) -> None:
        console.print(text, markup=False, highlight=False, soft_wrap=True)

    for one in findings:
        name = f"{one.check} {one.subject}".strip()
        what, *rest = _text(one)
        say(f"{_SIGNS[one.verdict][0]} {one.verdict:<11} {name}: {what}")
        for line in rest:
            say(f"{'':14}{line}")
    say(summary(findings))


def _text(one: Finding) -> list[str]:
    lines = [one.what]
    if one.verdict in ("attention", "fault"):
        lines.append(f"why: {one.why}")
    if one.remedy:
        lines.append(f"do: {one.remedy}")
    return lines
