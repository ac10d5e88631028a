"""What the computer says of itself, for metrics: heat, room on disk and in memory, whether its clock is kept."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from edge.telemetry.header import Count, Share

EVERY_NS = 5_000_000_000
SYNCHRONISED = Path("run/systemd/timesync/synchronized")


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """The machine's computer; null where it does not say. `disk_free` and `memory_free` are shares of the whole,
    `clock_follows` is whether its clock has been set by another's since it started."""

    temperature_c: float | None = None
    disk_free: Share | None = None
    disk_free_bytes: Count | None = None
    memory_free: Share | None = None
    clock_follows: bool | None = None


class HostSensor:
    """Reads the kernel's files, now and then. `step` from a thread that may wait for a moment, `latest` from any."""

    def __init__(self, disk: Path, root: Path = Path("/")) -> None:
        """`disk`: any path on the disk that messages and records go to. `root`: where `proc`, `sys` and `run` are."""
        self.latest = Host()
        self._disk = disk
        self._root = root
        self._due_ns = 0

    def step(self, now_ns: int) -> None:
        """Read what is due. Never raises."""
        if now_ns >= self._due_ns:
            self._due_ns = now_ns + EVERY_NS
            free, free_bytes = self._room()
            self.latest = Host(
                temperature_c=self._temperature_c(),
                disk_free=free,
                disk_free_bytes=free_bytes,
                memory_free=self._memory_free(),
                clock_follows=self._clock_follows(),
            )

    def _temperature_c(self) -> float | None:
        """Of the hottest zone, from thousandths of a degree (kernel.org, thermal sysfs)."""
        found = []
        for zone in self._root.glob("sys/class/thermal/thermal_zone*/temp"):
            text = _read(zone)
            if text is not None and text.strip().lstrip("-").isdigit():
                found.append(int(text) / 1000)
        return round(max(found), 1) if found else None

    def _room(self) -> tuple[float | None, int | None]:
        try:
            disk = os.statvfs(self._disk)
        except OSError:
            return None, None
        free = disk.f_bavail * disk.f_frsize
        return (round(disk.f_bavail / disk.f_blocks, 4) if disk.f_blocks else None), free

    def _memory_free(self) -> float | None:
        text = _read(self._root / "proc/meminfo") or ""
        sizes = {name: int(kb) for name, kb in re.findall(r"^(\w+): +(\d+) kB$", text, re.MULTILINE)}
        whole, free = sizes.get("MemTotal"), sizes.get("MemAvailable")
        return round(free / whole, 4) if whole and free is not None else None

    def _clock_follows(self) -> bool | None:
        """By systemd-timesyncd's own mark, where that keeps the time (systemd-timesyncd.service(8))."""
        mark = self._root / SYNCHRONISED
        return mark.exists() if mark.parent.is_dir() else None


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeError):
        return None
