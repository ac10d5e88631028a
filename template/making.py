"""A new project from nothing: rendered, and put into a git repository of its own."""

from __future__ import annotations

import re
import shutil
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from edge.errors import UsageFault
from sim.crop.definition import Crop, load_crop
from template.git import git
from template.rendering import TEMPLATE, render

CROP = "crop.toml"
MARK = "Sorter-Template"
"""The trailer of every commit that holds what the template gave and no person's edit: updates are merged from there."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,30}")


def crops(template: Path = TEMPLATE) -> list[str]:
    """The crops that come with the template."""
    return sorted(path.stem for path in (template / "crops").glob("*.toml"))


def make(folder: Path, crop: str | None, template: Path = TEMPLATE) -> Crop:
    """Make a project in a folder that must not be there, or be empty. `crop`: one that ships or a .toml file; by the
    folder's name if left out. Raises UsageFault."""
    machine = folder.absolute().name
    if not _NAME.fullmatch(machine):
        raise UsageFault(f"{machine}: a machine's name is a-z, 0-9, - and _, at most 31 of them, first no - or _")
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise UsageFault(f"{folder}: is there already; give another name, or bring it up to date with --update")
    path = _crop_file(machine, crop, template)
    wanted = load_crop(path)
    named = {label: wanted.of_label(label)[0] for label in ("green", "turning", "red", "damaged")}
    shortest_mm, longest_mm = wanted.length_mm
    answers: dict[str, str | float] = {
        "machine": machine,
        "crop": path.stem if path.parent == template / "crops" else "own",
        "says": wanted.says,
        **named,
        "shortest_mm": shortest_mm,
        "longest_mm": longest_mm,
        "version": running(),
    }
    render(answers, folder, template)
    if answers["crop"] == "own":
        shutil.copyfile(path, folder / CROP)
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", f"Begin {machine} by sorter's template", *trailer(), as_template=True)
    write_local(folder)
    return wanted


def trailer() -> tuple[str, str]:
    """The part of a commit's message that says where it came from."""
    return ("--message", f"{MARK}: {running()}")


def running() -> str:
    """The version of sorter whose template this is."""
    try:
        return version("sorter")
    except PackageNotFoundError:
        return "0"


def write_local(folder: Path) -> None:
    """Where this computer has sorter installed, for the project's Makefile; git does not know that file."""
    python = Path(sys.executable)
    training = python.parents[2] / ".venv-training" / "bin" / "python"
    lines = [f"PYTHON = {python}", f"TRAINING = {training if training.exists() else python}"]
    (folder / "local.mk").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _crop_file(machine: str, crop: str | None, template: Path) -> Path:
    shipped = crops(template)
    if crop is None:
        crop = next((name for name in shipped if machine.startswith(name)), None)
        if crop is None:
            raise UsageFault(f"{machine}: which crop? give --crop {', '.join(shipped)} or a .toml file like theirs")
    if crop in shipped:
        return template / "crops" / f"{crop}.toml"
    if not crop.endswith(".toml"):
        raise UsageFault(f"--crop {crop}: must be {', '.join(shipped)} or a .toml file like theirs")
    return Path(crop)
