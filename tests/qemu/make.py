"""Makes the guest: `python -m tests.qemu.make`, or `make qemu`. Needs mmdebstrap, qemu-system-x86, and chroot (as root,
or `unshare`).

No Debian kernel has gpio-sim, so it is built out of tree from the kernel's own source, in a folder with that kernel's
compiler. lgpio has wheels for Python 3.11 alone, so the system is bookworm's. Nothing of this computer changes.
"""

import lzma
import os
import shutil
import subprocess
import sys
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.qemu.archive import Archive
from tests.qemu.place import EMULATOR, KERNEL, LOCKS, MADE, QEMU, SYSTEM, is_made, key

KERNEL_SUITE, SYSTEM_SUITE, PYTHON = "trixie", "bookworm", "python3.11"
BUILDING = (
    "linux-headers-amd64,linux-image-amd64,linux-source-6.12,"
    "make,dash,bash,coreutils,mawk,sed,grep,perl-base,findutils,libelf1t64,diffutils"
)
RUNNING = "python3-minimal,libpython3-stdlib,python3-pip-whl,libstdc++6,zlib1g,busybox-static"
SOURCES = {"drivers/gpio/gpio-sim.c": "gpiosim_main.c", "kernel/irq/irq_sim.c": "irq_sim.c"}
KBUILD = "obj-m += gpio-sim.o\ngpio-sim-y := gpiosim_main.o irq_sim.o\n"
NOT_EXPORTED, EXPORTED = "handle_simple_irq(irq_to_desc(irqnum))", "generic_handle_irq_safe(irqnum)"
"""The same for a module: the kernel keeps the first to itself."""

UNUSED = ("usr/share", "usr/sbin", "var", "etc", "dev", "proc", "sys", "tmp")
HEAVY = ("cv2", "opencv_python_headless.libs", "ai_edge_litert", "numpy", "numpy.libs", "setuptools", "pygments")
"""What neither the gate process nor the link imports."""


def main() -> int:
    if is_made():
        return 0
    if missing := [program for program in ("mmdebstrap", EMULATOR) if shutil.which(program) is None]:
        sys.stderr.write(f"{QEMU}: the guest needs {' and '.join(missing)}: apt install mmdebstrap qemu-system-x86\n")
        return 1
    sys.stderr.write(f"making a kernel with simulated GPIO and a guest for it in {QEMU} (once; 0.1 GB)\n")
    shutil.rmtree(QEMU, ignore_errors=True)
    QEMU.mkdir(parents=True)
    build, system = QEMU / "build", QEMU / "system"
    try:
        with ThreadPoolExecutor(2) as beside:
            for made in (beside.submit(_build, build), beside.submit(_install, system)):
                made.result()
        with SYSTEM.open("wb") as out:
            _pack(Archive(out), build, system)
    except (OSError, subprocess.SubprocessError) as error:
        sys.stderr.write(f"{getattr(error, 'stderr', None) or ''}{QEMU}: the guest cannot be made: {error}\n")
        return 1
    shutil.rmtree(build)
    shutil.rmtree(system)
    MADE.write_text(key())
    return 0


def _ran(*words: str | Path, env: dict[str, str] | None = None) -> None:
    subprocess.run(words, check=True, capture_output=True, text=True, env=env)


def _extract(suite: str, packages: str, root: Path) -> None:
    architecture = "--architectures=amd64"
    _ran("mmdebstrap", "--quiet", "--variant=extract", architecture, f"--include={packages}", suite, root)


def _build(root: Path) -> None:
    _extract(KERNEL_SUITE, BUILDING, root)
    (root / "usr/bin/awk").symlink_to("mawk")
    place = root / "tmp/gpio-sim"
    place.mkdir()
    left = {f"linux-source-6.12/{source}": name for source, name in SOURCES.items()}
    with tarfile.open(next((root / "usr/src").glob("linux-source-*.tar.xz")), "r|xz") as source:
        for member in source:
            if (name := left.pop(member.name, None)) is not None and (text := source.extractfile(member)) is not None:
                (place / name).write_text(text.read().decode().replace(NOT_EXPORTED, EXPORTED))
            if not left:
                break
    (place / "Kbuild").write_text(KBUILD)
    (headers,) = (root / "usr/src").glob("linux-headers-*-amd64")
    into = ["chroot"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "chroot"]
    compiler = sorted((root / "usr/bin").glob("gcc-[0-9]*"))[-1].name
    where = f"/usr/src/{headers.name}"
    _ran(*into, root, "make", "-C", where, "M=/tmp/gpio-sim", f"CC={compiler}", f"HOSTCC={compiler}", "modules")
    shutil.copy(next((root / "boot").glob("vmlinuz-*")), KERNEL)


def _install(root: Path) -> None:
    _extract(SYSTEM_SUITE, RUNNING, root)
    pip = next((root / "usr/share/python-wheels").glob("pip-*.whl")) / "pip"
    options = ("--quiet", "--root-user-action=ignore", "--no-compile", "--require-hashes", "--only-binary=:all:")
    packages = root / "opt/packages"
    locks = [word for lock in LOCKS for word in ("-r", lock)]
    python(root, pip, "install", *options, "--target", packages, *locks)
    for name in HEAVY:
        shutil.rmtree(packages / name)
    python(root, "-m", "compileall", "-q", root / "usr/lib" / PYTHON, packages)


def python(root: Path, *words: str | Path) -> None:
    """The guest's own Python, here: by its own loader and libraries, so that it needs no root's rights."""
    libraries = [root / place / "x86_64-linux-gnu" for place in ("lib", "usr/lib")]
    loader = libraries[0] / "ld-linux-x86-64.so.2"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    env = {**kept, "PYTHONHOME": str(root / "usr"), "PYTHONNOUSERSITE": "1"}
    _ran(loader, "--library-path", ":".join(map(str, libraries)), root / "usr/bin" / PYTHON, *words, env=env)


def _pack(archive: Archive, build: Path, system: Path) -> None:
    archive.tree(system, "", lambda path: path in UNUSED or path.endswith("/locale"))
    for folder in ("dev", "proc", "sys", "tmp", "run", "mnt", "modules"):
        archive.folder(folder)
    archive.add("dev/console", 0o020600, device=(5, 1))
    archive.file("init", Path(__file__).with_name("init").read_bytes(), 0o755)
    archive.file("modules/gpio-sim.ko", (build / "tmp/gpio-sim/gpio-sim.ko").read_bytes())
    packed = next(build.glob("usr/lib/modules/*/kernel/fs/configfs/configfs.ko.xz"))
    archive.file("modules/configfs.ko", lzma.decompress(packed.read_bytes()))
    archive.close()


if __name__ == "__main__":
    sys.exit(main())
