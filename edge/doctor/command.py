"""`sorter doctor`: arguments in, exit status out."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.doctor.finding import Finding

JSON_FORMAT = 1


def doctor(
    profile: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The machine's settings.", show_default="/etc/sorter/profile.toml"),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="One examination alone; repeatable. A wrong name lists them."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON on standard output, for other programs.")] = False,
) -> int:
    """Say what is wrong with this machine, why it matters and what to do. Exit status 1 where anything is at fault."""
    from edge.doctor.examination import EXAMINATIONS, examine
    from edge.doctor.finding import exit_status
    from edge.doctor.patient import admit
    from edge.errors import UsageFault

    if wrong := [name for name in only or () if name not in EXAMINATIONS]:
        raise UsageFault(f"--only {wrong[0]}: no such examination; have {', '.join(EXAMINATIONS)}")
    findings = list(_watched(examine(admit(profile), only or ())))
    if as_json:
        import json

        print(json.dumps({"format": JSON_FORMAT, "findings": [asdict(one) for one in findings]}, indent=2))
    else:
        from rich.console import Console

        from edge.doctor.show import show

        show(findings, Console())
    return exit_status(findings)


def _watched(findings: "Iterator[Finding]") -> "Iterator[Finding]":
    """The findings as they come, with a word on the last one where a person waits."""
    if not sys.stderr.isatty():
        yield from findings
        return
    from rich.console import Console

    with Console(stderr=True).status("examining") as status:
        for one in findings:
            status.update(f"examining; {one.check} is seen")
            yield one
