"""A kernel with simulated GPIO under emulation: `make qemu` makes what it needs. One guest, one program, no disk."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).parents[2]
QEMU = Path(os.environ.get("SORTER_QEMU") or CHECKOUT / ".qemu")
KERNEL, SYSTEM, MADE = QEMU / "vmlinuz", QEMU / "system.cpio", QEMU / "made"
LOCKS = (CHECKOUT / "locks/device.txt", CHECKOUT / "locks/qemu.txt")
EMULATOR = "qemu-system-x86_64"

# An instruction is a nanosecond of the guest's, and a guest that waits is at the end of its wait at once: its clock
# knows nothing of the host's. So limits hold however slow the emulation is; what a Pi's own times are, it cannot say.
MACHINE = (
    *("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-cpu", "max", "-smp", "2", "-m", "1536"),
    *("-icount", "shift=0,sleep=off", "-rtc", "clock=vm"),
    *("-append", "console=ttyS0 quiet panic=-1 mitigations=off nokaslr"),
)


def key() -> str:
    """What the folder has been made from: the locks, and how."""
    here = Path(__file__).parent
    sources = (*LOCKS, here / "make.py", here / "archive.py", here / "init")
    return hashlib.sha256(b"".join(map(Path.read_bytes, sources))).hexdigest()


def is_made() -> bool:
    return shutil.which(EMULATOR) is not None and MADE.is_file() and MADE.read_text() == key()


def run(code: Path, within_s: float) -> list[dict[str, Any]]:
    """Start the guest with the archive `code` unpacked beside its system; what it told, in order."""
    told, memory = code.with_name("told"), code.with_name("memory")
    with memory.open("wb") as joined:
        for part in (SYSTEM, code):
            with part.open("rb") as archive:
                shutil.copyfileobj(archive, joined)
    words: list[str | Path] = [
        EMULATOR,
        *MACHINE,
        "-kernel",
        KERNEL,
        "-initrd",
        memory,
        "-serial",
        "stdio",
        "-serial",
        f"file:{told}",
    ]
    ran = subprocess.run(
        words, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=within_s
    )
    memory.unlink()
    lines = told.read_text().splitlines() if told.exists() else []
    assert lines, f"the guest said nothing; its console:\n{ran.stdout[-4000:]}{ran.stderr[-2000:]}"
    return [json.loads(line) for line in lines]
