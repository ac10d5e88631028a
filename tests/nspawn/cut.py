"""Deploys that are killed on the way, and trees that differ from this one."""

import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from edge import clock
from tests.nspawn.line import Line, S
from tests.nspawn.rootfs import TREE


@dataclass(frozen=True)
class Cut:
    """Who is killed, and when: so long after a line of what deploy.sh says. `here` is deploy.sh with all that it
    started; `there` is what it started on the machine."""

    who: str
    line: str
    after_s: float = 0.0


FIRST = Cut("there", "switching")
"""Of an install from nothing: the units are there, and what they would run is not."""

CUTS = (
    Cut("here", "building"),
    Cut("here", "copying"),
    Cut("there", "virtual environment"),
    Cut("there", "what the lock names"),
    Cut("there", "what the lock names", 3.0),
    Cut("here", "what the lock names", 1.0),
    Cut("there", "sorter check"),
    Cut("there", "sorter doctor", 0.5),
    Cut("there", "switching", 0.2),
    Cut("there", "READY", 1.0),
)


def tree(folder: Path, **changes: str) -> Path:
    """A checkout for deploy.sh, with what is appended to modules: `edge__turn="..."` to edge/turn.py."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("deploy.sh", "pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy2(TREE / name, folder)
    for name in ("deploy", "edge", "firmware_config", "locks"):
        shutil.copytree(TREE / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for module, text in changes.items():
        with (folder / (module.replace("__", "/") + ".py")).open("a", encoding="utf-8") as file:
            file.write(f"\n{text}\n")
    return folder


def cut_off(line: Line, cut: Cut, of: Path, *options: object) -> bool:
    """Deploy a tree and kill it. Whether the place was reached before it was over."""
    words = line.deploying(*options, tree=of)
    reached = False
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True, **line.around
    ) as deploy:
        assert deploy.stdout
        for said in deploy.stdout:
            if cut.line in said and not reached:
                reached = True
                clock.sleep_until(clock.now_ns() + round(cut.after_s * S))
                _kill(line, cut, deploy.pid)
    return reached


def _kill(line: Line, cut: Cut, deploy: int) -> None:
    if cut.who == "here":
        os.killpg(deploy, signal.SIGKILL)
    else:
        line.machine.run("systemctl", "kill", "--signal=KILL", "sorter-deploy", check=False)


def current(line: Line) -> str:
    return line.machine.run("readlink", "/opt/sorter/current").stdout.strip().removeprefix("releases/")


def releases(line: Line) -> set[str]:
    return set(line.machine.run("ls", "/opt/sorter/releases").stdout.split())
