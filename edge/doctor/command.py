"""`sorter doctor`: arguments in, exit status out."""

import contextlib
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.doctor.finding import Finding
    from edge.doctor.patient import Patient

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
    walk: Annotated[
        bool, typer.Option("--walk", help="Move each gate instead, asking before each; the service must not run.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON on standard output, for other programs.")] = False,
) -> int:
    """Say what is wrong with this machine, why it matters and what to do. Exit status 1 where anything is at fault."""
    from edge.doctor.examination import EXAMINATIONS, examine
    from edge.doctor.finding import exit_status
    from edge.doctor.patient import admit
    from edge.errors import UsageFault

    if wrong := [name for name in only or () if name not in EXAMINATIONS]:
        raise UsageFault(f"--only {wrong[0]}: no such examination; have {', '.join(EXAMINATIONS)}")
    patient = admit(profile)
    findings = list(_walked(patient) if walk else _watched(examine(patient, only or ())))
    if as_json:
        import json

        print(json.dumps({"format": JSON_FORMAT, "findings": [asdict(one) for one in findings]}, indent=2))
    else:
        from rich.console import Console

        from edge.doctor.show import show

        show(findings, Console())
    return exit_status(findings)


def _walked(patient: "Patient") -> "Iterator[Finding]":
    """Along the gates alone: what else there is, was said before."""
    from edge.doctor.walk import GATE, unmoved, walk
    from edge.errors import ProfileFault, UsageFault
    from edge.person import AtTerminal, Gone

    if patient.profile is None:
        if patient.faults is None:
            raise UsageFault(f"{patient.path}: no such file; give --profile FILE")
        raise ProfileFault(list(patient.faults))
    if patient.serves:
        yield GATE.unchecked("the service runs and holds the lines", "sudo systemctl stop sorter, then ask again")
        return
    left = dict.fromkeys(patient.profile.gates)
    with contextlib.suppress(Gone):
        for finding in walk(patient.profile, AtTerminal()):
            left.pop(finding.subject, None)
            yield finding
            if not finding.subject:  # all of them are refused
                return
    yield from map(unmoved, left)


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
