"""The main process's end of the road to the gate process: starts it, feeds it, and ends it when it falls silent."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from io import FileIO

from edge.clock import now_ns as clock_now_ns
from edge.config import Profile
from edge.datapath import Feed, GateEvent, GatePulse
from edge.errors import GateFault
from edge.sort.wire import (
    Beat,
    Bye,
    EncoderLines,
    ExitLine,
    Fault,
    FeedLine,
    GateLine,
    GateSettings,
    Hold,
    LineBuffer,
    Message,
    OnLine,
    Ready,
    Scale,
    StopLine,
    to_line,
)

READ_BYTES = 65_536
REAP_WITHIN_S = 2.0


def gate_settings(profile: Profile) -> GateSettings:
    """What the gate process needs of a profile."""
    gates = (
        GateLine(name, gate.pin, gate.active_high, round(gate.longest_on_ms * 1e6), round(gate.shortest_off_ms * 1e6))
        for name, gate in profile.gates.items()
    )
    stop_pin = profile.safety.e_stop_pin
    return GateSettings(
        gates=tuple(gates),
        speed_um_s=profile.speed_um_s,
        heartbeat_ns=profile.safety.heartbeat_ms * 1_000_000,
        late_um=round(profile.sort.late_mm * 1000),
        encoder=encoder_lines(profile),
        exits=tuple(ExitLine(name, g.exit_pin) for name, g in profile.gates.items() if g.exit_pin is not None),
        feed=tuple(feed_lines(profile)),
        alive=profile.safety.alive_pin,
        on=tuple(on_lines(profile)),
        e_stop=None if stop_pin is None else StopLine(stop_pin, profile.safety.e_stop_active_high),
    )


def feed_lines(profile: Profile) -> Iterator[FeedLine]:
    feed = profile.feed
    if feed.inhibit_pin is not None:
        yield FeedLine("inhibit", feed.inhibit_pin, feed.inhibit_active_high, feed.when_dead == "inhibit")
    if feed.slow_pin is not None:
        yield FeedLine("slow", feed.slow_pin, feed.slow_active_high, feed.when_dead == "inhibit")


def on_lines(profile: Profile) -> Iterator[OnLine]:
    if profile.camera.strobe_pin is not None:
        yield OnLine("strobe", profile.camera.strobe_pin)
    if profile.camera.trigger_pin is not None:
        yield OnLine("trigger", profile.camera.trigger_pin)


def encoder_lines(profile: Profile) -> EncoderLines | None:
    """The profile's encoder. Edges of a line closer together than at twice the belt's speed are bounce."""
    told = profile.encoder
    if told is None:
        return None
    line_um = told.um_per_edge * (1 if told.pin_b is None else 2)
    return EncoderLines(told.pin_a, told.pin_b, told.um_per_edge, line_um * 500_000_000 // profile.speed_um_s)


def _started(program: Sequence[str], env: Mapping[str, str] | None) -> "subprocess.Popen[bytes]":
    # Ctrl-C reaches the whole group: this process decides, and the other is deaf to it from its first instant, for a
    # blocked signal stays blocked in what is started.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return subprocess.Popen(
            [sys.executable, "-m", *program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, env=env
        )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class GateProcess:
    """Answers ports.GateLink with a process of its own. A method that finds that process lost raises GateFault: it is
    then dead, its lines are released, and this object is of no more use. One thread, the line's.

    Its standard error and its environment (hence its pin factory) are this process's own.
    """

    def __init__(
        self,
        settings: GateSettings,
        *,
        ready_within_s: float = 15.0,
        env: Mapping[str, str] | None = None,
        program: Sequence[str] = ("edge.sort.gates",),
    ) -> None:
        """Start it and wait until every line is at its released level. `program`: the module that is the gate process,
        and its arguments."""
        self._process = _started(program, env)
        # Unbuffered pipes are raw files: one that would block answers None, and a closed one says so.
        assert isinstance(self._process.stdin, FileIO) and isinstance(self._process.stdout, FileIO)
        self._to, self._from = self._process.stdin, self._process.stdout
        os.set_blocking(self._to.fileno(), False)
        os.set_blocking(self._from.fileno(), False)
        self._heartbeat_ns = settings.heartbeat_ns
        self._buffer = LineBuffer()
        self._heard: list[Message] = []
        self._looked_at_ns = 0
        self._silent_ns = 0
        self._beat_at_ns = 0
        self._write(to_line(settings))
        self._ready = self._await_ready(ready_within_s)

    @property
    def ready(self) -> Ready:
        """What the process said at its start."""
        return self._ready

    @property
    def pid(self) -> int:
        return self._process.pid

    def submit(self, pulse: GatePulse) -> None:
        self._write(to_line(pulse))

    def scale(self, scale_ppm: int) -> None:
        self._write(to_line(Scale(scale_ppm)))

    def hold(self, held: bool) -> None:
        self._write(to_line(Hold(held)))

    def ask(self, feed: Feed) -> None:
        self._write(to_line(feed))

    def beat(self) -> None:
        # A tenth of the deadline is often enough, however fast the line steps. By this clock and not by the line's, for
        # which a long step is one instant.
        now_ns = clock_now_ns()
        if now_ns - self._beat_at_ns >= self._heartbeat_ns // 10:
            self._beat_at_ns = now_ns
            self._write(to_line(Beat()))

    def events(self, now_ns: int) -> Iterable[GateEvent]:
        if self._read() or not self._looked_at_ns:
            self._silent_ns = 0
        else:
            # A pause of this process's own is not the other's silence: one look adds half the deadline at most.
            self._silent_ns += min(now_ns - self._looked_at_ns, self._heartbeat_ns // 2)
        self._looked_at_ns = now_ns
        if self._silent_ns > self._heartbeat_ns:
            raise self._lost(f"silent for {self._silent_ns // 1_000_000} ms")
        heard, self._heard = self._heard, []
        events: list[GateEvent] = []
        for message in heard:
            if isinstance(message, Fault):
                raise self._lost(message.why)
            if isinstance(message, GateEvent):
                events.append(message)
        return events

    def close(self, within_s: float = 2.0) -> None:
        """End it as it should end; kill it where it does not. Never raises; may be called twice."""
        if self._process.poll() is None:
            try:
                self._to.write(to_line(Bye()))
                self._to.close()
                self._process.wait(within_s)
            except (OSError, ValueError, subprocess.TimeoutExpired):
                self._process.kill()
        self._reap()

    def _await_ready(self, within_s: float) -> Ready:
        deadline_ns = clock_now_ns() + round(within_s * 1e9)
        while True:
            if ready := next((message for message in self._heard if isinstance(message, Ready)), None):
                return ready
            fault = next((m.why for m in self._heard if isinstance(m, Fault)), None)
            left_s = (deadline_ns - clock_now_ns()) / 1e9
            if fault is not None or left_s <= 0:
                raise self._lost(fault or f"not ready within {within_s:g} s")
            select.select([self._from], [], [], left_s)
            self._read()

    def _write(self, line: bytes) -> None:
        # A pipe takes a short line whole or not at all, so what was written is never half a message.
        try:
            written = self._to.write(line)
        except (OSError, ValueError):
            raise self._lost(self._last_words()) from None
        if written != len(line):
            raise self._lost("does not read what it is told")

    def _read(self) -> bool:
        """Take in what is there. True where there was something."""
        heard = False
        try:
            while (data := self._from.read(READ_BYTES)) is not None:
                if not data:
                    raise self._lost(self._last_words())
                self._heard += self._buffer.take(data)
                heard = True
        except (OSError, ValueError) as error:
            raise self._lost(str(error)) from None
        return heard

    def _last_words(self) -> str:
        """Why it ended, from a process that has closed its end."""
        try:
            status = self._process.wait(0.5)
        except subprocess.TimeoutExpired:
            return "closed its pipe"
        return next((m.why for m in self._heard if isinstance(m, Fault)), f"ended with exit status {status}")

    def _lost(self, why: str) -> GateFault:
        """Make sure that it is dead, so that its lines fall to their pull; the fault to raise."""
        self._process.kill()
        self._reap()
        self._beat_at_ns = 0  # what comes now is refused at once, whatever it is
        return GateFault(f"gate process {self._process.pid}: {why}; all gates are released")

    def _reap(self) -> None:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(REAP_WITHIN_S)
        self._to.close()
        self._from.close()
