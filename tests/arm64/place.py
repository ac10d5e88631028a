"""A Pi's processors and Pythons, emulated: `make arm64` makes what they need, from the device's lock."""

import hashlib
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
ARM64 = Path(os.environ.get("SORTER_ARM64") or CHECKOUT / ".arm64")
LOCK = CHECKOUT / "locks/device.txt"
EMULATOR = ARM64 / "qemu-aarch64"
MADE = ARM64 / "made"

PROCESSORS = {"cortex-a72": False, "cortex-a76": True}
"""A Pi 4's and a Pi 5's, to whether it has the dot product instructions, for which the runtime has kernels apart."""


@dataclass(frozen=True, slots=True)
class Target:
    """One release of Debian, as its Python sees it under emulation."""

    suite: str
    python: str

    @property
    def root(self) -> Path:
        return ARM64 / self.suite

    @property
    def packages(self) -> Path:
        """What the lock has brought."""
        return ARM64 / f"site-packages-{self.python}"

    @property
    def pip(self) -> Path:
        """The pip that `python3 -m venv` installs there."""
        return next((self.root / "usr/share/python-wheels").glob("pip-*.whl")) / "pip"

    def run(
        self, words: Sequence[str | Path], processor: str = "cortex-a76", within_s: float = 600
    ) -> subprocess.CompletedProcess[str]:
        """Its Python with these words, in the checkout, with the device's code and packages on its path."""
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
            "PYTHONPATH": f"{CHECKOUT}:{self.packages}",
            "PYTHONPYCACHEPREFIX": str(ARM64 / "pycache"),
            "PYTHONNOUSERSITE": "1",
        }
        emulated = [EMULATOR, "-cpu", processor, "-L", self.root, self.root / "usr/bin" / f"python{self.python}"]
        return subprocess.run(
            [*emulated, *words],
            check=False,
            cwd=CHECKOUT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=within_s,
        )


TARGETS = (Target("bookworm", "3.11"), Target("trixie", "3.13"))


def key() -> str:
    """What the folder has been made from: the lock, and how."""
    sources = (LOCK, Path(__file__).with_name("make.py"))
    return hashlib.sha256(b"".join((*map(Path.read_bytes, sources), repr(TARGETS).encode()))).hexdigest()


def is_made() -> bool:
    return MADE.is_file() and MADE.read_text() == key()
