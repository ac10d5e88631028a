"""What a measurement is given and what it finds. Measurements run the commands that a user runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Target:
    """One figure beside what is wanted of it."""

    figure: str
    found: float | int | bool | None
    wanted: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """What a measurement found. `missing` says what it lacked, where it could not be made whole."""

    figures: Mapping[str, Any]
    targets: list[Target] = field(default_factory=list)
    seed: int | None = None
    missing: str | None = None

    @property
    def holds(self) -> bool:
        return self.missing is None and all(target.holds for target in self.targets)


def at_most(figure: str, found: float | None, limit: float) -> Target:
    return Target(figure, found, f"at most {limit:g}", found is not None and found <= limit)


def at_least(figure: str, found: float | None, limit: float) -> Target:
    return Target(figure, found, f"at least {limit:g}", found is not None and found >= limit)


def is_so(figure: str, found: bool) -> Target:
    return Target(figure, found, "so", found)


@dataclass(frozen=True, slots=True)
class Trial:
    """One measurement's surroundings: how large it is (1: as the claim has it), and a folder of its own."""

    size: float
    folder: Path

    def count(self, whole: int, least: int = 1) -> int:
        """So many at full size, and fewer in a smaller one."""
        return max(least, round(whole * self.size))

    def say(self, text: str) -> None:
        """For whoever waits: how far it is."""
        sys.stdout.write(f"   {text}\n")
        sys.stdout.flush()

    def run(
        self, command: list[str], timeout_s: float = 3_600, ok: tuple[int, ...] = (0,), **environ: str
    ) -> subprocess.CompletedProcess[str]:
        """A command in the checkout. Raises RuntimeError with what it said where it ends with another status."""
        done = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=timeout_s,
            env=surroundings(**environ),
        )
        if done.returncode not in ok:
            told = (done.stdout + done.stderr).strip().splitlines()[-20:]
            raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n" + "\n".join(told))
        return done

    def report(
        self, name: str, *arguments: str, option: str = "--report", ok: tuple[int, ...] = (0,)
    ) -> dict[str, Any]:
        """The JSON that a sorter command writes."""
        path = self.folder / f"{name}.json"
        self.run([*sorter(), *arguments, option, str(path)], ok=ok)
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found


def sorter(python: str = sys.executable) -> list[str]:
    return [python, "-m", "edge.cli"]


def surroundings(**environ: str) -> dict[str, str]:
    """This environment with the checkout first on the path; `PYTHONPATH` given goes before it."""
    first = [environ.pop("PYTHONPATH")] if "PYTHONPATH" in environ else []
    return {**os.environ, **environ, "PYTHONPATH": os.pathsep.join([*first, str(ROOT)])}


def photographs() -> Path | None:
    """The folder of photographs, or None."""
    named = os.environ.get("SORTER_DATA")
    return Path(named) if named and Path(named).is_dir() else None


Measurement = Callable[[Trial], Finding]

NO_PHOTOGRAPHS = Finding({}, missing="SORTER_DATA names no folder of photographs")
