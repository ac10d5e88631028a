"""`sorter setup`: arguments in, exit status out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from edge.config import Profile
    from edge.doctor.finding import Finding
    from edge.person import Person
    from edge.setup.sorting import Sorted


def setup(
    profile: Annotated[Path, typer.Option(metavar="FILE", help="Where the machine's settings are to be.")] = Path(
        "/etc/sorter/profile.toml"
    ),
    afresh: Annotated[bool, typer.Option("--afresh", help="Begin from the beginning.")] = False,
) -> int:
    """The guided first hour: choose, wire, test, calibrate, sort ten fruit. Goes on where it was left."""
    from edge.doctor.programs import service
    from edge.errors import UsageFault
    from edge.person import AtTerminal
    from edge.setup.hour import FirstHour
    from edge.setup.progress import beside

    if (runs := service()) is not None and runs.runs:
        raise UsageFault("the service holds camera and gates: sudo systemctl stop sorter, then sorter setup again")
    person = AtTerminal()
    try:
        if afresh:
            beside(profile).unlink(missing_ok=True)
        hour = FirstHour(profile, person, _Here())
        if not hour.progress.done and profile.is_file():
            answer = person.choose(f"{profile} is there already, and will be written anew. Go on?", ("no", "yes"))
            if answer == "no":
                return 0
        hour.go()
        return hour.status
    except OSError as error:
        raise UsageFault(f"{error.filename}: {error.strerror}; sudo, or --profile in another folder") from None


class _Here:
    """Answers Tools with this computer's own."""

    def examine(self, path: Path, names: Sequence[str]) -> Iterator[Finding]:
        from edge.doctor.examination import examine
        from edge.doctor.patient import admit

        return examine(admit(path), names)

    def walk(self, profile: Profile, person: Person, gates: Sequence[str]) -> Iterator[Finding]:
        from edge.doctor.walk import walk

        return walk(profile, person, gates)

    def calibrate(self, path: Path) -> bool:
        """By the command, at the same terminal."""
        import subprocess
        import sys

        return subprocess.call([sys.executable, "-m", "edge.cli", "calibrate", "--profile", str(path)]) == 0

    def sort(self, path: Path, fruit: int, tell: Callable[[str], None]) -> Sorted:
        from edge.setup.sorting import sort_fruit

        return sort_fruit(path, fruit, tell)

    def board(self) -> str | None:
        from edge.doctor.host import HostReader

        return HostReader(Path("/")).model()
