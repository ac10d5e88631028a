"""What the kernel says of this computer, read from its files. Never raises; None where it does not say."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path

from edge import clock
from edge.doctor.computer import System
from edge.doctor.storage import Room, Wear
from edge.telemetry.host import Host, HostSensor
from edge.watch import vcgencmd

_LIFE = re.compile(r"0x([0-9a-fA-F]{2})\b")
_SECTOR = 512
_DAY_S = 86_400.0
_YOUNG_S = 3_600.0
"""What a computer writes while it starts says nothing of its days."""


class HostReader:
    """One computer's. `root`: where `proc`, `sys` and `run` are."""

    def __init__(self, disk: Path, root: Path = Path("/")) -> None:
        """`disk`: a path on the disk that messages and recordings go to; the nearest folder that exists is asked."""
        self._disk = next((one for one in (disk, *disk.parents) if one.exists()), Path("/"))
        self._root = root

    def sensors(self) -> Host:
        """Heat, memory, whether the clock is kept."""
        sensor = HostSensor(self._disk, self._root)
        sensor.step(clock.now_ns())
        return sensor.latest

    def model(self) -> str | None:
        text = self._text("proc/device-tree/model")
        return text.rstrip("\0") if text else None

    def flags(self) -> int | None:
        """The firmware's, of power and throttling."""
        found = vcgencmd.find(self._root / vcgencmd.SYSFS.relative_to("/"))
        return found.flags() if found else None

    def system(self) -> System:
        return System(
            platform.system(),
            platform.release(),
            platform.machine(),
            self._text("sys/kernel/realtime") == "1",
            self._text("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        )

    def room(self) -> Room | None:
        try:
            disk = os.statvfs(self._disk)
        except OSError:
            return None
        return Room(self._disk, disk.f_bavail / disk.f_blocks if disk.f_blocks else 0.0, disk.f_bavail * disk.f_frsize)

    def wear(self) -> Wear | None:
        """Of the disk that the root is on."""
        part = self._root_disk()
        if part is None:
            return None
        block = self._root / "sys/class/block" / part
        whole = block.resolve().parent if (block / "partition").exists() else block
        lives = [int(life, 16) for life in _LIFE.findall(self._text(whole / "device/life_time") or "")]
        errors = self._text(self._root / "sys/fs/ext4" / part / "errors_count")
        return Wear(
            whole.name,
            int(errors) if errors and errors.isdigit() else None,
            self._gb_a_day(whole),
            max(lives) / 10 if any(lives) else None,
            self._text(whole / "device/pre_eol_info"),
        )

    def _root_disk(self) -> str | None:
        for line in (self._text("proc/mounts") or "").splitlines():
            device, place, *_ = line.split()
            if place == "/" and device.startswith("/dev/"):
                return Path(os.path.realpath(device)).name
        return None

    def _gb_a_day(self, whole: Path) -> float | None:
        """The seventh figure of a disk's `stat` is the sectors written (kernel.org, block/stat)."""
        figures = (self._text(whole / "stat") or "").split()
        up = (self._text("proc/uptime") or "").split()
        try:
            sectors, up_s = int(figures[6]), float(up[0])
        except (IndexError, ValueError):
            return None
        return sectors * _SECTOR / 1e9 / up_s * _DAY_S if up_s >= _YOUNG_S else None

    def _text(self, path: str | Path) -> str | None:
        try:
            return (self._root / path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeError):
            return None
