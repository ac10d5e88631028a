"""A command at a real pseudo-terminal, and the simulated machine that it is lent."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from edge.clock import now_ns
from tests.live.test_sim import environ

_CTRL_C = b"\x03"
_LAUNCH = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)  # what runs in a shell's background was told to ignore it
terminal = os.open(sys.argv[1], os.O_RDWR)  # the first that a session opens is its own
for n in range(3):
    os.dup2(terminal, n)
os.execv(sys.executable, [sys.executable, "-m", "edge.cli", *sys.argv[2:]])
"""


class Terminal:
    """A person who waits for a question before he answers it."""

    def __init__(self, master: int, process: subprocess.Popen[bytes]) -> None:
        self._master = master
        self._process = process
        self.shown = ""
        self._seen = 0

    def expect(self, text: str, within_s: float = 60.0) -> str:
        """Wait until this is shown; returns what was shown up to then since the last wait."""
        deadline_ns = now_ns() + round(within_s * 1e9)
        while (at := self.shown.find(text, self._seen)) < 0:
            if now_ns() > deadline_ns or not self._read():
                raise AssertionError(f"{text!r} was not shown within {within_s:g} s; the end is {self.shown[-1500:]}")
        before, self._seen = self.shown[self._seen : at], at + len(text)
        return before

    def expect_one(self, *texts: str, within_s: float = 60.0) -> str:
        """Wait until one of them is shown; returns which."""
        deadline_ns = now_ns() + round(within_s * 1e9)
        while not (shown := [text for text in texts if text in self.shown[self._seen :]]):
            if now_ns() > deadline_ns or not self._read():
                raise AssertionError(f"none of {texts} was shown; the end is {self.shown[-1500:]}")
        return min(shown, key=lambda text: self.shown.index(text, self._seen))

    def answer(self, question: str, typed: str, within_s: float = 60.0) -> str:
        """Type this behind a question; returns what was shown before it."""
        before = self.expect(question, within_s)
        self.expect("] ", within_s)
        os.write(self._master, f"{typed}\n".encode())
        return before

    def interrupt(self) -> None:
        os.write(self._master, _CTRL_C)

    def end(self, within_s: float = 30.0) -> int:
        """The exit status, once the command has ended."""
        while self._read():
            pass
        return self._process.wait(within_s)

    def _read(self) -> bool:
        """False once nobody will show anything any more."""
        if not select.select([self._master], [], [], 0.5)[0]:
            return self._process.poll() is None
        data = os.read(self._master, 4096)
        self.shown += data.decode(errors="replace").replace("\r\n", "\n")
        return True


@contextmanager
def at_terminal(machine: Mapping[str, str], *command: str) -> Iterator[Terminal]:
    """`sorter COMMAND` with a terminal of its own, on a machine that was lent."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", _LAUNCH, os.ttyname(slave), *command],
        env={**environ(), **machine, "TERM": "xterm"},
        start_new_session=True,
        stdin=subprocess.DEVNULL,
    )
    try:  # this end of it stays open: the command may be slow to open its own
        yield Terminal(master, process)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.close(slave)
        os.close(master)


class Lent:
    """`sorter sim --lend`: its environment, and the hand that lays things onto its belt."""

    def __init__(self, process: subprocess.Popen[str], machine: Mapping[str, str]) -> None:
        self._process = process
        self.machine = machine

    def lay(self, what: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{what}\n")
        self._process.stdin.flush()


@contextmanager
def lent(*arguments: str) -> Iterator[Lent]:
    command = [sys.executable, "-m", "edge.cli", "sim", *arguments, "--lend"]
    with subprocess.Popen(command, env=environ(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            line = next(said for said in process.stdout if said.startswith("export "))
            yield Lent(process, dict(re.findall(r"(\w+)=(\S+)", line)))
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=20)
