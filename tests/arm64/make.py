"""Makes the emulated machines: `python -m tests.arm64.make`, or `make arm64`. Needs mmdebstrap, and nothing else.

The emulator and two bare systems are unpacked from Debian's packages, not installed: nothing of this computer changes.
Then each system's own pip installs the device's lock, as it would on a Pi. At once where all that is there already.
"""

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.arm64.place import ARM64, EMULATOR, LOCK, MADE, TARGETS, Target, is_made, key

EMULATOR_SUITE = "trixie"
"""Bookworm's emulator (7.2) dies of LiteRT's kernels; trixie's (10.0) is one static file."""

PACKAGES = "python3-minimal,libpython3-stdlib,python3-pip-whl,libstdc++6,zlib1g"
INSTALL = ("install", "--quiet", "--root-user-action=ignore", "--no-compile", "--require-hashes")


def main() -> int:
    if is_made():
        return 0
    sys.stderr.write(f"making the emulated processors of a Pi, with what it gets, in {ARM64} (once; 0.6 GB)\n")
    shutil.rmtree(ARM64, ignore_errors=True)
    ARM64.mkdir(parents=True)
    try:
        with ThreadPoolExecutor(2) as beside:
            for made in (beside.submit(_emulator), *(beside.submit(_system, target) for target in TARGETS)):
                made.result()
            for installed in [beside.submit(_install, target) for target in TARGETS]:
                installed.result()
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", None) or ""
        sys.stderr.write(f"{said}{ARM64}: the emulated machines cannot be made: {error}\n")
        return 1
    MADE.write_text(key())
    return 0


def _extract(suite: str, packages: str, root: Path, *architecture: str) -> None:
    words = ["mmdebstrap", "--quiet", "--variant=extract", *architecture, f"--include={packages}", suite, str(root)]
    subprocess.run(words, check=True, capture_output=True, text=True)


def _emulator() -> None:
    root = ARM64 / "emulator"
    _extract(EMULATOR_SUITE, "qemu-user", root)
    shutil.copy(root / "usr/bin" / EMULATOR.name, EMULATOR)
    shutil.rmtree(root)  # half a gigabyte of other processors


def _system(target: Target) -> None:
    _extract(target.suite, PACKAGES, target.root, "--architectures=arm64")
    if not (target.root / "lib").exists():
        (target.root / "lib").symlink_to("usr/lib")  # base-files would have made it


def _install(target: Target) -> None:
    told = target.run([target.pip, *INSTALL, "--only-binary=:all:", "--target", target.packages, "-r", LOCK])
    told.check_returncode()


if __name__ == "__main__":
    sys.exit(main())
