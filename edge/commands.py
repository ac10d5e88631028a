"""The device's own commands: arguments in, exit status out; what they do lives elsewhere and is imported when asked."""

from pathlib import Path
from typing import Annotated

import typer


def run(
    profile: Annotated[
        Path, typer.Option("--profile", metavar="FILE", help="The machine's settings.", show_default=False)
    ],
) -> int:
    """Run the machine that a profile describes, until it is told to stop."""
    from edge.app import run as sort
    from edge.log import start_log
    from edge.preflight import preflight
    from edge.settle import settle

    checked, _ = preflight(profile)
    start_log()
    settled = settle(profile, checked)
    settled.begin()
    if not (status := sort(settled.machine)):
        settled.end_well()
    return status


def check(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="A profile.", show_default=False)] = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the profile's JSON Schema, for editors.")] = False,
    boot: Annotated[bool, typer.Option("--boot", help="Print its lines for a Pi's config.txt instead.")] = False,
) -> None:
    """Say all that is wrong with a profile, one line a fault; nothing is started."""
    import json

    from edge.bootlines import boot_lines
    from edge.config import schema as profile_schema
    from edge.errors import UsageFault
    from edge.preflight import preflight, summary

    if schema:
        print(json.dumps(profile_schema(), indent=2))
        return
    if file is None:
        raise UsageFault("which profile? give a file such as firmware_config/profiles/demo.toml")
    checked = preflight(file)
    for line in boot_lines(checked[0]) if boot else (f"{file} is good", *summary(*checked)):
        print(line)
