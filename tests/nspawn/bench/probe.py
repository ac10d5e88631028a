"""Run under the shipped unit's sandbox: tries what must be denied and what must work, and says what came of each."""

import ctypes
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

LIBC = ctypes.CDLL(None, use_errno=True)


def call(name, *arguments):
    if getattr(LIBC, name)(*arguments):
        raise OSError(ctypes.get_errno(), name)


def bound(port):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port))


def others():
    """Processes of other users, seen in /proc."""
    seen = [path for path in Path("/proc").glob("[0-9]*") if path.stat().st_uid != os.getuid()]
    if not seen:
        raise PermissionError("none")


ATTEMPTS = {
    "denied: write to /etc": lambda: Path("/etc/probe").write_text("x"),
    "denied: write to /usr": lambda: Path("/usr/probe").write_text("x"),
    "denied: write to its own release": lambda: Path("/opt/sorter/current/probe").write_text("x"),
    "denied: write to its settings": lambda: Path("/etc/sorter/profile.toml").write_text("x"),
    "denied: read root's home": lambda: os.listdir("/root"),
    "denied: write to the kernel's settings": lambda: Path("/proc/sys/kernel/hostname").write_text("x"),
    "denied: see others' processes": others,
    "denied: mount": lambda: call("mount", b"none", b"/tmp", b"tmpfs", 0, None),
    "denied: a namespace of its own": lambda: call("unshare", 0x10000000),
    "denied: another user": lambda: os.setuid(0),
    "denied: load a module": lambda: call("syscall", 313, 0, b"", 0),
    "denied: set the clock": lambda: time.clock_settime(time.CLOCK_REALTIME, time.time()),
    "denied: another name for the host": lambda: socket.sethostname("probe"),
    "denied: raw packets": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close(),
    "denied: bluetooth": lambda: socket.socket(socket.AF_BLUETOOTH, socket.SOCK_RAW, 1).close(),
    "denied: listen": lambda: bound(18830),
    "denied: read the kernel's log": lambda: Path("/dev/kmsg").read_bytes(),
    "denied: a file that runs as its owner": lambda: os.chmod(Path("probe").absolute(), 0o4755),
    "denied: reboot": lambda: call("reboot", 0),
    "denied: more than its priority": lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(99)),
    "needed: read its settings": lambda: Path("/etc/sorter/profile.toml").read_text(),
    "needed: write where it works": lambda: Path("probe").write_text("x"),
    "needed: write to its runtime folder": lambda: Path(os.environ["RUNTIME_DIRECTORY"], "p").write_text("x"),
    "needed: write to its state folder": lambda: Path(os.environ["STATE_DIRECTORY"], "p").write_text("x"),
    "needed: a temporary file": lambda: Path("/tmp/probe").write_text("x"),
    "needed: the broker": lambda: socket.create_connection(("127.0.0.1", 1883), 5).close(),
    "needed: a port for a scraper": lambda: bound(9464),
    "needed: a port that is lent": lambda: bound(0),
    "needed: the kernel's word on devices": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 15).close(),
    "needed: a process of its own": lambda: subprocess.run([sys.executable, "-c", ""], check=True),
    "needed: memory that stays": lambda: call("mlockall", 3),
    "needed: real-time priority": lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50)),
}


def outcome(attempt):
    try:
        attempt()
    except (OSError, subprocess.SubprocessError) as error:
        return f"{type(error).__name__}: {error}"
    return "done"


order = sorted(ATTEMPTS, key=lambda name: name.startswith("denied"))
sys.stdout.write(json.dumps({name: outcome(ATTEMPTS[name]) for name in order}) + "\n")
