"""The device's lock for one target: `narrow.py LOCK MACHINE PYTHON`, such as `aarch64 3.11`, to standard output.

The lock holds for every Python and platform, by markers. pip resolves those for the Python that it runs under, which is
not the target's when it fetches wheels for another machine.
"""

import sys
from pathlib import Path

from pip._vendor.packaging.markers import Marker


def narrowed(lock: str, machine: str, python: str) -> str:
    """The entries that hold for CPython on Linux there, without their markers."""
    environment = {
        "implementation_name": "cpython",
        "os_name": "posix",
        "platform_machine": machine,
        "platform_python_implementation": "CPython",
        "platform_system": "Linux",
        "python_full_version": f"{python}.0",
        "python_version": python,
        "sys_platform": "linux",
    }
    kept = []
    holds = True
    for line in lock.splitlines():
        if not line.startswith((" ", "#")):
            name, semicolon, marker = line.rstrip("\\ ").partition(";")
            holds = not semicolon or Marker(marker.strip()).evaluate(environment)
            line = f"{name.strip()} \\"  # noqa: PLW2901  # the line as it is written
        if holds:
            kept.append(line)
    return "\n".join(kept) + "\n"


if __name__ == "__main__":
    sys.stdout.write(narrowed(Path(sys.argv[1]).read_text(encoding="utf-8"), sys.argv[2], sys.argv[3]))
