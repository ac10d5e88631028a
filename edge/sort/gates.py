"""The gate process: sole owner of the GPIO, started by the main process as `python -m edge.sort.gates`.

It reads JSON lines on standard input and answers on standard output (edge/sort/wire.py). It sleeps until shortly before
each edge, works the edge's step out ahead, and spins the last stretch with nothing left to do but to drive the line.
Whatever ends it, the last thing it does is release every gate.
"""

import os
import select
import signal
import sys
from collections import deque
from contextlib import suppress

from edge.clock import now_ns, sleep_until
from edge.datapath import Feed, GatePulse
from edge.errors import GateFault
from edge.signals import Stop
from edge.sort.alive_pins import AlivePins
from edge.sort.encoder import VirtualEncoder
from edge.sort.encoder_pins import PinEncoder
from edge.sort.exit_pins import PinExits
from edge.sort.feed_pins import FeedPins
from edge.sort.gpio import GpiozeroPins
from edge.sort.keeper import GateKeeper
from edge.sort.punctual import SPIN_NS, PatientPins, be_punctual, measure_wakes
from edge.sort.release import leave_word
from edge.sort.stop_pin import PinStop
from edge.sort.wire import Beat, Bye, Fault, GateSettings, Hold, LineBuffer, Message, Ready, Scale, to_line
from edge.systemd import runtime_folder

UNSENT_LINES = 4_096
"""What waits for a main process that does not read. By then its heartbeat is long lost; further lines are dropped."""

READ_BYTES = 1_024
"""A burst of messages is taken in pieces, so that no edge waits for more than a handful."""

AHEAD_NS = 500_000
"""The step of an edge begins so long before it. It takes some fifty microseconds on a desk; a Pi 4 is several times
slower."""

START_WITHIN_S = 10.0


class _Pipes:
    """Lines from and to the main process, never blocking."""

    def __init__(self, in_fd: int, out_fd: int) -> None:
        self._in_fd, self._out_fd = in_fd, out_fd
        self._buffer = LineBuffer()
        self._unsent: deque[Message] = deque()
        self._rung_fd, self._ring_fd = os.pipe()
        os.set_blocking(in_fd, False)
        for fd in (out_fd, self._rung_fd, self._ring_fd):
            os.set_blocking(fd, False)

    def keep(self, message: Message) -> None:
        """Send with the next flush: what is said within a step delays none of its edges."""
        if len(self._unsent) < UNSENT_LINES or isinstance(message, Fault):
            self._unsent.append(message)

    def say(self, message: Message) -> bool:
        """Send now or later. True where the main process has been told everything."""
        self.keep(message)
        return self.flush()

    def flush(self) -> bool:
        # A pipe takes a line of this length whole or not at all. A reader that is gone shows at standard input's end.
        with suppress(OSError):
            while self._unsent:
                os.write(self._out_fd, to_line(self._unsent[0]))
                self._unsent.popleft()
        return not self._unsent

    def ring(self) -> None:
        """End a wait, from any thread."""
        with suppress(OSError):
            os.write(self._ring_fd, b"!")

    def wait(self, until_ns: int) -> bool:
        """Sleep until there is something to read or it rings, or until the instant. True where it need not be the
        instant yet."""
        left_s = max(0, until_ns - now_ns()) / 1e9
        woken = select.select([self._in_fd, self._rung_fd], [], [], left_s)[0]
        if self._rung_fd in woken:
            os.read(self._rung_fd, READ_BYTES)
        return bool(woken)

    def hear(self) -> list[Message] | None:
        """What the main process has said; None once it is gone. Raises ValueError where that is no message."""
        try:
            data = os.read(self._in_fd, READ_BYTES)
        except BlockingIOError:
            return []
        return self._buffer.take(data) if data else None


def main(patient: type[PatientPins] = PatientPins) -> int:
    """Exit status 0 after bye, SIGTERM or the main process's end; 3 from a fault, in the safe state."""
    stop = Stop()
    signal.signal(signal.SIGTERM, stop)  # between two steps, so that it cuts no release short
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the main process to decide on
    # Whatever a driver prints must not read as a message: the pipe moves away, and prints go to standard error.
    pipes = _Pipes(os.dup(0), os.dup(1))
    os.dup2(2, 1)
    try:
        return _run(pipes, stop, patient)
    except (GateFault, ValueError) as fault:
        if not pipes.say(Fault(str(fault))):  # else the main process says it
            sys.stderr.write(f"gate process: {fault}\n")
        return GateFault.exit_status


def _run(pipes: _Pipes, stop: Stop, patient: type[PatientPins]) -> int:
    settings, *heard = _first_messages(pipes)
    if not isinstance(settings, GateSettings):
        raise GateFault(f"expected the settings first, got {type(settings).__name__}")
    be_punctual()  # first: a driver's own threads, which hear the encoder, inherit the priority
    leave_word(settings, runtime_folder(os.environ))
    pins = GpiozeroPins(settings.gates)
    feed = alive = None
    try:
        feed = FeedPins(settings.feed) if settings.feed else None
        alive = AlivePins(settings.alive, settings.on)
        encoder = PinEncoder(settings.encoder) if settings.encoder else VirtualEncoder(settings.speed_um_s)
        stop_line = PinStop(settings.e_stop, pipes.ring) if settings.e_stop else None
        exits = PinExits(settings.exits) if settings.exits else None
        ready = Ready(*measure_wakes())
        waiting = patient(pins)
        keeper = GateKeeper(settings, waiting, encoder, pipes.keep, stop_line, exits, feed, alive)
        pipes.say(ready)
        _serve(keeper, waiting, pipes, stop, heard)
    finally:
        pins.close()
        for lines in (feed, alive):
            if lines is not None:
                lines.close()
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


def _serve(keeper: GateKeeper, pins: PatientPins, pipes: _Pipes, stop: Stop, heard: list[Message] | None) -> None:
    told = False
    step_at_ns = 0
    while heard is not None and not stop.asked and _obey(keeper, heard):
        wake_ns = keeper.step(max(now_ns(), step_at_ns))
        if keeper.safe and not told:
            told = True
            pipes.keep(Fault(keeper.safe))
        heard, step_at_ns = _rest(keeper.edge_at_ns, wake_ns, pins, pipes)


def _obey(keeper: GateKeeper, heard: list[Message]) -> bool:
    """False once main has said bye."""
    for message in heard:
        if isinstance(message, Bye):
            return False
        if isinstance(message, Beat):
            keeper.beat(now_ns())
        elif isinstance(message, GatePulse):
            keeper.submit(message, now_ns())
        elif isinstance(message, Scale):
            keeper.scale(message.scale_ppm)
        elif isinstance(message, Hold):
            keeper.hold(message.held, now_ns())
        elif isinstance(message, Feed):
            keeper.ask(message)
    return True


def _rest(edge_ns: int, wake_ns: int, pins: PatientPins, pipes: _Pipes) -> tuple[list[Message] | None, int]:
    """Until there is something to do: what was heard, and the instant that the next step is taken for, if later than
    its own. An edge's step is taken as of its deadline, ahead of it; the pins wait for the deadline itself."""
    if edge_ns - wake_ns < AHEAD_NS:
        wake_ns = edge_ns  # a belt sample can wait for an edge so near
    ahead_ns, spin_ns = (AHEAD_NS, SPIN_NS) if wake_ns == edge_ns else (0, 0)
    # Nor may talk come between: so near, nothing is said and nothing heard.
    if not ahead_ns or wake_ns - now_ns() >= ahead_ns:
        pipes.flush()
        if pipes.wait(wake_ns - spin_ns):
            return pipes.hear(), 0
    sleep_until(wake_ns - ahead_ns, spin_ns - ahead_ns)
    pins.not_before_ns = wake_ns
    return [], wake_ns


if __name__ == "__main__":
    sys.exit(main())
