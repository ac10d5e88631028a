"""What `sorter new` asks of git, in the project's own repository."""

from __future__ import annotations

import subprocess
from pathlib import Path

from edge.errors import UsageFault

_NAME = ("-c", "user.name=sorter", "-c", "user.email=sorter@localhost", "-c", "commit.gpgsign=false")
"""Who commits what the template says: no person did."""


def git(folder: Path, *arguments: str, as_template: bool = False) -> str:
    """Run git; answers what it printed. Raises UsageFault with git's own words, or where there is no git."""
    done = attempt(folder, *arguments, as_template=as_template)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().replace("\n", " ")
        raise UsageFault(f"{folder}: git {arguments[0]}: {said}")
    return done.stdout.strip()


def attempt(folder: Path, *arguments: str, as_template: bool = False) -> subprocess.CompletedProcess[str]:
    """Run git, whatever comes of it. Raises UsageFault where there is none."""
    command = ["git", *(_NAME if as_template else ()), *arguments]
    try:
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise UsageFault("git is not here, and a project is kept in it: install it") from None
