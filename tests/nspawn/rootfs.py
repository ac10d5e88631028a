"""The nspawn machine's root: Debian trixie with systemd, libcamera's Python and stock picamera2 from the index.

Made once and kept in a folder outside the tree, under a name that is a hash of all that makes it.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
TREE = HERE.parents[1]
SUITE = "trixie"
PYTHON = "3.13"
PACKAGES = (
    "dbus,iproute2,mosquitto,openssh-server,procps,python3-libcamera,python3-prctl,python3-venv,rsync,sudo,systemd,"
    "systemd-sysv,udev"
)
LEAVE_OUT = tuple(f"--dpkgopt=path-exclude=/usr/share/{part}/*" for part in ("doc", "locale", "man"))
LOCK = TREE / "locks" / "picamera2.txt"


def kept() -> Path:
    """The folder of what is kept between runs."""
    cache = (
        os.environ.get("SORTER_NSPAWN_CACHE") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "sorter/nspawn"
    )
    return Path(cache).expanduser()


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def root() -> Path:
    """The root's folder, made where it is not there yet. To be booted below an overlay: never written to."""
    folder = kept() / f"root-{_key(SUITE, PACKAGES, *LEAVE_OUT, LOCK.read_text(), PYTHON)}"
    if not folder.is_dir():
        making = folder.with_suffix(".part")
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(parents=True)
        _run("mmdebstrap", "--quiet", "--variant=minbase", *LEAVE_OUT, f"--include={PACKAGES}", SUITE, making)
        _pip("install", "--target", making / f"usr/local/lib/python{PYTHON}/dist-packages", "-r", LOCK)
        making.rename(folder)
    return folder


def _pip(what: str, *arguments: object) -> None:
    platforms = [f"--platform=manylinux_2_{glibc}_x86_64" for glibc in (36, 34, 28, 27, 17)]
    abis = [f"--abi={abi}" for abi in (f"cp{PYTHON.replace('.', '')}", "abi3", "none")]
    # The lock is whole; it is another Python that asks, so what a package says of its Python is no answer to it.
    _run(
        *(sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", what, "--no-deps", "--require-hashes"),
        *(
            "--only-binary=:all:",
            "--ignore-requires-python",
            f"--python-version={PYTHON}",
            *platforms,
            *abis,
            *arguments,
        ),
    )


def _run(*command: object) -> str:
    done = subprocess.run([str(word) for word in command], check=True, timeout=900, stdout=subprocess.PIPE, text=True)
    return done.stdout
