"""`sorter bench start`: from the start of the service to its first verdict, what its processes hold, what is installed.

The service runs as systemd would start it, on the frames that ship with the device and on gpiozero's mock pins: no gate
moves, and a machine that sorts meanwhile is not touched.
"""

from __future__ import annotations

import importlib.metadata
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import edge
import firmware_config
from edge.bench.recorded import FRAMES
from edge.bench.service import Service, Started
from edge.clock import now_ns, sleep_until
from edge.errors import MachineFault

SECONDS = 20.0
"""How long the last start runs on before its memory is read."""

STARTS = 3
NS, MB = 1_000_000_000, 1e6

MAIN = "edge.app, edge.machine, edge.detect.segment, edge.grade.litert, edge.warmup, edge.telemetry.telemetry"
GATES = "edge.sort.gates"
_CHANGES = (
    ('source = "picamera"', 'source = "frames"'),
    ("\nbroker = ", "\n# broker = "),
    ("heartbeat_ms = 100", "heartbeat_ms = 1000"),  # no gate is there to be released, whatever else is busy here
)
_TIMED = "import time; began = time.perf_counter(); import {}; print(time.perf_counter() - began)"


def bench(seconds: float = SECONDS, starts: int = STARTS) -> dict[str, Any]:
    """Medians of so many `starts`, and the last of them `seconds` later. `rss_mb` by process; `installed` the largest
    parts."""
    with TemporaryDirectory() as folder:
        profile = _profile(Path(folder))
        began = [_started(profile) for _ in range(starts - 1)]
        with Service(profile) as service:
            began.append(service.started)
            sleep_until(now_ns() + round(seconds * NS))
            rss_mb = service.rss_mb()
    sizes = dict(installed())
    return {
        "import_s": _import_s(MAIN, starts),
        "gates_import_s": _import_s(GATES, starts),
        "ready_s": _median(start.ready_s for start in began),
        "first_verdict_s": _median(start.verdict_s for start in began),
        "after_s": seconds,
        "rss_mb": rss_mb,
        "installed_mb": round(sum(sizes.values()), 1),
        "installed": [
            {"part": name, "mb": round(mb, 1)} for name, mb in sorted(sizes.items(), key=lambda part: -part[1])[:8]
        ],
    }


def installed() -> Iterator[tuple[str, float]]:
    """Each part of what the device needs, by name, and its size on disk in megabytes."""
    own = [Path(str(module.__file__)).parent for module in (edge, firmware_config)]
    yield "sorter", sum(file.stat().st_size for folder in own for file in _files(folder)) / MB
    for name in needed():
        listed = importlib.metadata.distribution(name).files or ()
        yield name, sum(size for file in listed if (size := _size(Path(str(file.locate()))))) / MB


def needed(name: str = "sorter", extras: tuple[str, ...] = ("update",)) -> list[str]:
    """Every distribution that the device's own part asks for, near and far, and that is installed here; by name."""
    found: set[str] = set()
    waiting = [(name, extras)]
    while waiting:
        asker, wanted = waiting.pop()
        for line in importlib.metadata.requires(asker) or ():
            asked, _, marker = line.partition(";")
            extra = re.search(r"extra == ['\"]([\w-]+)['\"]", marker)
            other = re.match(r"[\w.-]+", asked.strip())
            if other is None or (extra and extra[1] not in wanted):
                continue
            title = re.sub(r"[-_.]+", "-", other[0]).lower()
            if title not in found and _is_here(title):
                found.add(title)
                waiting.append((title, ()))
    return sorted(found)


def _is_here(name: str) -> bool:
    try:
        importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return False  # for another platform or Python
    return True


def _files(folder: Path) -> Iterator[Path]:
    return (file for file in folder.rglob("*") if file.is_file() and file.suffix != ".pyc")


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _started(profile: Path) -> Started:
    with Service(profile) as service:
        return service.started


def _profile(folder: Path) -> Path:
    """The demo machine over the frames that ship with the device, and nobody to tell."""
    source = Path(str(firmware_config.__file__)).parent / "profiles" / "demo.toml"
    text = source.read_text(encoding="utf-8")
    for found, wanted in _CHANGES:
        if found not in text:
            raise MachineFault(f"{source}: {found.strip()} is not in it; install the project again")
        text = text.replace(found, wanted, 1)
    frames = folder / "frames"
    frames.mkdir()
    for picture in FRAMES.glob("640x480-*"):
        (frames / picture.name).symlink_to(picture)
    profile = folder / "profile.toml"
    profile.write_text(text, encoding="utf-8")
    return profile


def _import_s(modules: str, tries: int) -> float:
    """How long a fresh interpreter takes to load them, its own start apart."""
    command = [sys.executable, "-c", _TIMED.format(modules)]
    took = [
        float(subprocess.run(command, check=True, capture_output=True, env=os.environ).stdout) for _ in range(tries)
    ]
    return round(median(took), 3)


def _median(seconds: Iterable[float]) -> float:
    return round(median(seconds), 3)
