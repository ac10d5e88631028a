"""How far the first hour has come: one small file beside the profile, changed whole after each thing that is done."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field, ValidationError

from edge.durable import write_whole
from edge.sealed import Sealed, read_sealed, seal


class Progress(Sealed):
    """`done`: the steps that are behind; `machine`: the reference machine that was chosen; `board`: what it runs on;
    `gates`: those that were tried, with how each stands."""

    done: tuple[str, ...] = ()
    machine: str = ""
    board: str = ""
    gates: Mapping[str, str] = Field(default_factory=dict)


def beside(profile: Path) -> Path:
    """Where the progress towards a profile is kept."""
    return profile.with_name(f"{profile.stem}.setup")


def read_progress(path: Path) -> Progress:
    """A file that is not there, or not whole, is a setup that has not begun."""
    try:
        return read_sealed(path, Progress) or Progress()
    except ValidationError:
        return Progress()


def write_progress(path: Path, progress: Progress) -> None:
    write_whole(path, seal(progress))
