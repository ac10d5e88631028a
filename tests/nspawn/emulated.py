"""The service's sandbox under a kernel of its own: the nspawn machine's root with systemd as PID 1, booted by the
emulator and the kernel of `make qemu`. What a container has from the computer around it is whole there: unified control
groups, which `SocketBindDeny=` stands on, and root's own limits.
"""

import json
import stat
import subprocess
from pathlib import Path

from tests.nspawn.instead import DROP_IN, PYTHON, UNITS
from tests.nspawn.machine import BENCH
from tests.nspawn.rootfs import TREE, root
from tests.qemu.archive import Archive
from tests.qemu.place import EMULATOR, KERNEL

BOOT_S = 350
PROBE = "/opt/bench/probe.py"
REPORT = """\
[Unit]
After=probe.service
[Service]
Type=oneshot
StandardOutput=tty
TTYPath=/dev/ttyS1
ExecStart=/bin/sh -c 'sleep 1; journalctl --no-pager --output=cat --unit=probe'
ExecStartPost=/bin/sh -c 'sleep 1; echo o >/proc/sysrq-trigger'
"""
UNUSED = ("usr/local", "usr/share/ca-certificates", "etc/ssl/certs", "var/lib/dpkg", "var/cache", "dev", "proc", "sys")
NOT_STARTED = ("ssh.service", "systemd-udevd.service", "systemd-udev-trigger.service", "e2scrub_reap.service")
MACHINE = (
    *("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-cpu", "max", "-smp", "2", "-m", "2048"),
    *("-append", "console=ttyS0 quiet panic=-1 mitigations=off rdinit=/init"),
)


def probed(folder: Path) -> dict[str, str]:
    """What each attempt of bench/probe.py came to, in the shipped unit's sandbox. `folder`: for a quarter of a GB."""
    memory, told = folder / "memory", folder / "told"
    with memory.open("wb") as out:
        _pack(Archive(out))
    words = (EMULATOR, *MACHINE, "-kernel", KERNEL, "-initrd", memory, "-serial", "stdio", "-serial", f"file:{told}")
    ran = subprocess.run(
        [str(word) for word in words], check=False, stdin=subprocess.DEVNULL, capture_output=True, timeout=BOOT_S
    )
    memory.unlink()
    said = [row for row in told.read_text(errors="replace").splitlines() if row.startswith("{")]
    assert said, told.read_text(errors="replace")[-2000:] + ran.stdout.decode(errors="replace")[-2000:]
    found: dict[str, str] = json.loads(said[0])
    return found


def _pack(archive: Archive) -> None:
    archive.tree(root(), "", lambda path: path in (*UNUSED, "etc/group"))
    for folder in ("dev", "proc", "sys", "etc/sorter", "opt/sorter", "opt/bench"):
        archive.folder(folder)
    archive.add("dev/console", stat.S_IFCHR | 0o600, device=(5, 1))
    _link(archive, "/init", "/usr/lib/systemd/systemd")
    archive.file("etc/group", (root() / "etc/group").read_bytes() + b"gpio:x:990:\n")
    archive.file("etc/machine-id", b"0123456789abcdef0123456789abcdef\n")
    archive.file("etc/sorter/profile.toml", b"")
    for folder in Path(PYTHON).parents[-4::-1]:
        archive.folder(str(folder).lstrip("/"))
    _link(archive, PYTHON, "/usr/bin/python3")
    archive.file(PROBE.lstrip("/"), (BENCH / "probe.py").read_bytes())
    units = UNITS.lstrip("/")
    archive.file(f"{units}/probe.service", (TREE / "firmware_config/systemd/sorter.service").read_bytes())
    archive.folder(f"{units}/probe.service.d")
    # An emulated processor takes its time, and a start that fails is no reason to boot anew.
    slowly = "TimeoutStartSec=300\n[Unit]\nStartLimitAction=none\n"
    text = DROP_IN.format(python=PYTHON, program=PROBE) + slowly
    archive.file(f"{units}/probe.service.d/instead.conf", text.encode())
    archive.file(f"{units}/report.service", REPORT.encode())
    for name in ("probe", "report"):
        _link(archive, f"{UNITS}/multi-user.target.wants/{name}.service", f"{UNITS}/{name}.service")
    for name in NOT_STARTED:
        _link(archive, f"{UNITS}/{name}", "/dev/null")
    archive.close()


def _link(archive: Archive, name: str, to: str) -> None:
    archive.add(name.lstrip("/"), stat.S_IFLNK | 0o777, to.encode())
