"""One boot of the nspawn machine: an overlay in memory over the kept root, systemd as PID 1, a wire to it.

What is written into it is gone when it is closed. Needs root.
"""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from edge import clock
from tests.nspawn.rootfs import HERE, root

S = 1_000_000_000
BENCH = HERE / "bench"
BOOT_S = 60


class Machine:
    """A context: booted within, and gone after."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="sorter-nspawn-"))
        self.root = self.folder / "root"
        self.written = self.folder / "memory" / "upper"
        """What was written over the kept root."""
        self._boot: subprocess.Popen[bytes] | None = None
        self.leader = 0
        self.name = f"s{os.getpid():x}"
        self.address = f"169.254.{os.getpid() % 251 + 1}.2"
        self.ssh_config = self.folder / "ssh_config"
        memory = self.written.parent
        memory.mkdir()
        self._call("mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", memory)
        for path in (self.written, memory / "work", self.root):
            path.mkdir()
        options = f"lowerdir={root()},upperdir={self.written},workdir={memory / 'work'}"
        self._call("mount", "-t", "overlay", "-o", options, "overlay", self.root)
        # What the machine and the test share: sockets, flags.
        self.shared = self.folder / "bench"
        self.shared.mkdir(mode=0o777)
        self.shared.chmod(0o777)

    def __enter__(self) -> "Machine":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        """A file in it, booted or not."""
        file = self.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        file.chmod(mode)

    def copy(self, source: Path, path: str) -> None:
        """A file or a folder into it; a path that ends with a slash is the folder that a file goes to."""
        target = self.root / path.lstrip("/") / (source.name if path.endswith("/") else "")
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy2)(source, target)

    def boot(self) -> None:
        """Start it, and wait until its boot is over."""
        environ = {**os.environ, "SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE": "1"}
        command = (
            *("systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--directory", self.root, "--boot"),
            *("--link-journal=no", "--network-veth", "--machine", self.name, "--console=pipe"),
            # What PID 1 of a whole computer may hand on.
            *("--capability=CAP_IPC_LOCK", "--rlimit=RLIMIT_RTPRIO=99", "--rlimit=RLIMIT_MEMLOCK=infinity"),
            *(f"--bind={self.shared}:/run/bench", "--setenv=SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1"),
        )
        log = (self.folder / "console.log").open("wb")
        self._boot = subprocess.Popen(command, env=environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        log.close()
        until_ns = clock.now_ns() + BOOT_S * S
        while clock.now_ns() < until_ns:
            if self._boot.poll() is not None:
                break
            if self._find_leader() and self.run("systemctl", "is-system-running", check=False).stdout.strip() in (
                "running",
                "degraded",
            ):
                self._connect()
                return
            clock.sleep_until(clock.now_ns() + S // 10)
        raise AssertionError(f"it does not boot:\n{(self.folder / 'console.log').read_text(errors='replace')[-3000:]}")

    def run(self, *command: object, check: bool = True, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        """A command as root inside it."""
        words = ["nsenter", "--target", str(self.leader), "--all", "--", *(str(word) for word in command)]
        environ = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
        done = subprocess.run(words, check=False, capture_output=True, text=True, timeout=timeout, env=environ)
        assert not check or done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    @contextlib.contextmanager
    def user(self) -> Iterator[None]:
        """While it lasts there is a user `pi` who may use sudo, and gets in as `sorter-user`."""
        self.run("useradd", "--create-home", "--shell", "/bin/bash", "pi")
        self.run("cp", "-r", "/root/.ssh", "/home/pi/")
        self.run("chown", "-R", "pi:", "/home/pi/.ssh")
        self.write("/etc/sudoers.d/pi", "pi ALL=(ALL) NOPASSWD: ALL\n", 0o440)
        try:
            yield
        finally:
            self.run("rm", "/etc/sudoers.d/pi")
            self.run("userdel", "--remove", "--force", "pi", check=False)

    def close(self) -> None:
        if self._boot is not None:
            if self.leader:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.leader, 9)
            self._boot.terminate()
            self._boot.wait(20)
        for mounted in (self.root, self.written.parent):
            subprocess.run(["umount", "--lazy", mounted], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _connect(self) -> None:
        """The wire between its network and this side's, and a key for it."""
        peer = self.address.removesuffix("2") + "1"
        self._call("ip", "address", "add", f"{peer}/30", "dev", f"ve-{self.name}")
        self._call("ip", "link", "set", f"ve-{self.name}", "up")
        self.run("ip", "address", "add", f"{self.address}/30", "dev", "host0")
        self.run("ip", "link", "set", "host0", "up")
        key = self.folder / "key"
        self._call("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
        home = "/root"  # the machine's own, under its root file system
        self.write(f"{home}/.ssh/authorized_keys", key.with_suffix(".pub").read_text(), 0o600)
        self.ssh_config.write_text(
            f"Host sorter-machine sorter-user\n  HostName {self.address}\n  IdentityFile {key}\n  IdentitiesOnly yes\n"
            "  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n  LogLevel ERROR\n"
            "Host sorter-user\n  User pi\n"
        )

    def _find_leader(self) -> bool:
        """Its PID 1, as this side counts."""
        assert self._boot is not None
        for process in _below(self._boot.pid):
            with contextlib.suppress(OSError):
                status = Path(f"/proc/{process}/status").read_text()
                names = next(line for line in status.splitlines() if line.startswith("NSpid:")).split()
                if names[-1] == "1" and len(names) > 2 and "systemd" in Path(f"/proc/{process}/comm").read_text():
                    self.leader = process
                    return True
        return False

    @staticmethod
    def _call(*command: object) -> None:
        subprocess.run([str(word) for word in command], check=True, timeout=60)


def _below(process: int) -> list[int]:
    children: list[str] = []
    with contextlib.suppress(OSError):  # it may be gone by now
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [n for child in map(int, children) for n in (child, *_below(child))]


def library(folder: Path) -> Path:
    """The shim that stands in for dma-buf, compiled."""
    made = folder / "dmabuf_shim.so"
    Machine._call("gcc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", made, BENCH / "dmabuf_shim.c", "-ldl")
    return made
