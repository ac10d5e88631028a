"""The gate process: sole owner of the GPIO, started by the main process as `python -m edge.sort.gates`.

It reads JSON lines on standard input and answers on standard output (edge/sort/wire.py). It sleeps to each deadline
and spins the last stretch. Whatever ends it, the last thing it does is release every gate.
"""

import os
import select
import signal
import sys
from contextlib import suppress

from edge.clock import now_ns, sleep_until
from edge.datapath import GatePulse
from edge.errors import GateFault
from edge.signals import Stop
from edge.sort.encoder import VirtualEncoder
from edge.sort.gpio import GpiozeroPins
from edge.sort.keeper import GateKeeper
from edge.sort.punctual import SPIN_NS, be_punctual, measure_wakes
from edge.sort.wire import Beat, Bye, Fault, GateSettings, LineBuffer, Message, Ready, to_line

UNSENT_LINES = 4_096
"""What waits for a main process that does not read. By then its heartbeat is long lost; further lines are dropped."""

READ_BYTES = 4_096
"""A burst of messages is taken in pieces, so that no edge waits for all of it."""

START_WITHIN_S = 10.0


class _Pipes:
    """Lines from and to the main process, never blocking."""

    def __init__(self, in_fd: int, out_fd: int) -> None:
        self._in_fd, self._out_fd = in_fd, out_fd
        self._buffer = LineBuffer()
        self._unsent: list[bytes] = []
        os.set_blocking(in_fd, False)
        os.set_blocking(out_fd, False)

    def say(self, message: Message) -> bool:
        """Send now or later. True where the main process has been told everything."""
        if len(self._unsent) < UNSENT_LINES or isinstance(message, Fault):
            self._unsent.append(to_line(message))
        return self.flush()

    def flush(self) -> bool:
        # A pipe takes a line of this length whole or not at all. A reader that is gone shows at standard input's end.
        with suppress(OSError):
            while self._unsent:
                os.write(self._out_fd, self._unsent[0])
                del self._unsent[0]
        return not self._unsent

    def wait(self, until_ns: int) -> bool:
        """Sleep until there is something to read, or until the instant. True where there is something."""
        left_s = max(0, until_ns - now_ns()) / 1e9
        return bool(select.select([self._in_fd], [], [], left_s)[0])

    def hear(self) -> list[Message] | None:
        """What the main process has said; None once it is gone. Raises ValueError where that is no message."""
        try:
            data = os.read(self._in_fd, READ_BYTES)
        except BlockingIOError:
            return []
        return self._buffer.take(data) if data else None


def main() -> int:
    """Exit status 0 after bye, SIGTERM or the main process's end; 3 from a fault, in the safe state."""
    stop = Stop()
    signal.signal(signal.SIGTERM, stop)  # between two steps, so that it cuts no release short
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the main process to decide on
    # Whatever a driver prints must not read as a message: the pipe moves away, and prints go to standard error.
    pipes = _Pipes(os.dup(0), os.dup(1))
    os.dup2(2, 1)
    try:
        return _run(pipes, stop)
    except (GateFault, ValueError) as fault:
        if not pipes.say(Fault(str(fault))):  # else the main process says it
            sys.stderr.write(f"gate process: {fault}\n")
        return GateFault.exit_status


def _run(pipes: _Pipes, stop: Stop) -> int:
    settings, *heard = _first_messages(pipes)
    if not isinstance(settings, GateSettings):
        raise GateFault(f"expected the settings first, got {type(settings).__name__}")
    pins = GpiozeroPins(settings.gates)
    try:
        be_punctual()
        ready = Ready(*measure_wakes())
        keeper = GateKeeper(settings, pins, VirtualEncoder(settings.speed_um_s), pipes.say)
        pipes.say(ready)
        _serve(keeper, pipes, stop, heard)
    finally:
        pins.close()
    return 0


def _first_messages(pipes: _Pipes) -> list[Message]:
    deadline_ns = now_ns() + round(START_WITHIN_S * 1e9)
    while pipes.wait(deadline_ns):
        heard = pipes.hear()
        if heard is None:
            break
        if heard:
            return heard
    raise GateFault("no settings on standard input; `sorter run` starts this process")


def _serve(keeper: GateKeeper, pipes: _Pipes, stop: Stop, heard: list[Message] | None) -> None:
    told = False
    while heard is not None and not stop.asked:
        for message in heard:
            if isinstance(message, Bye):
                return
            if isinstance(message, Beat):
                keeper.beat(now_ns())
            elif isinstance(message, GatePulse):
                keeper.submit(message, now_ns())
        wake_ns = keeper.step(now_ns())
        if keeper.safe and not told:
            told = True
            pipes.say(Fault(keeper.safe))
        pipes.flush()
        spin_ns = SPIN_NS if wake_ns == keeper.edge_at_ns else 0
        if pipes.wait(wake_ns - spin_ns):
            heard = pipes.hear()
        else:
            sleep_until(wake_ns, spin_ns)
            heard = []


if __name__ == "__main__":
    sys.exit(main())
