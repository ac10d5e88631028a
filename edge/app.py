"""The device service's shell: it owns the threads, the waits and the signals of one run, and the way out of it.

The main thread steps the line; a capture thread fills the mailbox; a telemetry thread empties the outbox, an
outbox thread keeps it on disk. Every way out leads through the safe state.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import traceback
from dataclasses import replace

from edge import clock
from edge.around import Around, Surroundings
from edge.beside import Beside
from edge.capture.mailbox import Mailbox
from edge.config import Profile
from edge.datapath import Incident, LineState
from edge.errors import CameraFault, GateFault, SorterError
from edge.fan import AsideFan, Fan
from edge.health import Meter, TimedGrader
from edge.incidents import Entry
from edge.incidents_machine import CAMERA_LOST, GATES_LOST, INTERNAL_FAULT
from edge.line import Line
from edge.log import Log
from edge.machine import Machine
from edge.ports import Grader
from edge.relief import Relief
from edge.signals import Stop
from edge.systemd import Notifier
from edge.upstream import Upstream
from edge.watch.starving import Starving

NS_PER_S = 1_000_000_000
_LOG = Log("line")
_SWITCH_S = 0.0005
"""How long a thread that computes may keep the line's from running: Python's own 5 ms, at each of a step's many calls
that let the interpreter's lock go, add up to a lost heartbeat."""

_BLIND_NS = 60 * NS_PER_S
"""A belt that slows or stands is not waited for any longer by a line without its camera."""

_LOOK_NS = NS_PER_S
"""How often the shell looks at what is beside the line, however seldom it reports."""

_STATUS = {"safe": "in the safe state"}
"""Of the states, what `systemctl status` says in other words."""


def run(machine: Machine) -> int:
    """Sort until SIGTERM, SIGINT or a fault. Returns the exit status: 0 after a signal, 3 after a fault, with one line
    on standard error. Call it in the main thread."""
    sys.setswitchinterval(_SWITCH_S)
    stop = Stop()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    for number in before:
        signal.signal(number, stop)
    shell = _Shell(machine, stop)
    try:
        shell.sort()
        status = 0
    except (GateFault, CameraFault) as fault:
        # Whoever stops this process may stop the gate process with it: losing that on the way out is no fault.
        status = 0 if stop.asked else _fell(str(fault), fault)
        shell.fault = GATES_LOST if isinstance(fault, GateFault) else CAMERA_LOST
    except SorterError:
        raise
    except Exception as error:
        # A mistake of the program's own: the machine stops as for any fault, and the log says where it was.
        traceback.print_exc()
        status = _fell(f"internal fault: {type(error).__name__}: {error}; the machine stops", error)
        shell.fault = INTERNAL_FAULT
    finally:
        shell.end()
        for number, handler in before.items():
            signal.signal(number, handler)
    return status


def _fell(line: str, fault: Exception) -> int:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
    return fault.exit_status if isinstance(fault, SorterError) else GateFault.exit_status


def _travel_um(profile: Profile) -> int:
    """How far a fruit travels from the picture's upstream edge to behind the last gate."""
    last_mm = max(gate.x_mm for gate in profile.gates.values()) + profile.sort.window_mm
    return round(last_mm * 1000)


class _Shell:
    """Threads, waits and the end of one run."""

    def __init__(self, machine: Machine, stop: Stop) -> None:
        self._machine = machine
        self._stop = stop
        self._mailbox = Mailbox(NS_PER_S / machine.profile.camera.frames_hz)
        self._meter = Meter()
        self._notifier = Notifier(os.environ)
        self._state: LineState = "starting"
        self._told: LineState = "starting"
        self._health_at_ns = self._looked_at_ns = self._framed_ns = 0
        self._lit = False
        self._blind: CameraFault | None = None
        self._blind_until_um = self._blind_until_ns = 0
        self.fault: Entry | None = None
        """What ends the run, if it is not a signal."""
        told = (machine.telemetry, machine.scraped)
        telling = (self._meter, *machine.listeners, *(one for one in told if one))
        self._tell = Fan(telling, machine.spare())  # what the line did not say is no part of its recording
        self._sink = Fan((*telling, machine.recorder) if machine.recorder else telling, machine.spare())
        self._line = Line(
            machine.profile,
            machine.run_id,
            self._mailbox,
            machine.detector,
            self._timed(machine.grader),
            machine.gates,
            self._sink,
            machine.thresholds,
        )
        self._line.aside = AsideFan(one for one in (machine.handover, machine.pictures) if one)
        self._beside = Beside(machine, self._mailbox)
        self._upstream = Upstream(machine.profile, machine.gates.ask)
        self._relief = Relief(machine.profile, machine.limits.measured if machine.limits else None)
        self._around = Around(self._tell.put, machine.last.ended if machine.last else None)
        self._starving = Starving()

    def _timed(self, grader: Grader) -> Grader:
        return TimedGrader(grader, self._meter, clock.now_ns)

    def sort(self) -> None:
        """Sort until the run is told to stop. Raises what ends it."""
        # What exists now lives as long as the run: the collector need not look at it again. Before the first beat, from
        # which on the gate process counts the silences.
        gc.collect()
        gc.freeze()
        self._beside.start()
        while not self._stop.asked:
            now_ns = clock.now_ns()
            wake_ns = self._step(now_ns)
            if self._state == "starting" and self._line.counts.frames:
                self._become_ready()
            self._notifier.watchdog(now_ns)
            if now_ns >= self._looked_at_ns + _LOOK_NS:
                self._look_around(now_ns)
            if now_ns >= self._health_at_ns or self._current != self._told:  # a change of state is told at once
                self._report(now_ns)
            self._rest(wake_ns)

    def _step(self, now_ns: int) -> int:
        """One step of the line. A line without its camera goes on until the fruit that it has seen are past their
        gates, and raises the camera's fault then."""
        if self._blind is not None and self._is_past(now_ns):
            raise self._blind
        frames, computed_ns = self._line.counts.frames, clock.computed_ns()
        if self._machine.recorder:
            self._machine.recorder.between(now_ns, self._line.memory)
        try:
            wake_ns = self._line.step(now_ns)
        except CameraFault as fault:
            self._blind, self._blind_until_ns = fault, now_ns + _BLIND_NS
            self._blind_until_um = self._line.belt.um_at(now_ns) + _travel_um(self._machine.profile)
            return now_ns
        derated = self._relief.step(now_ns, self._beside.throttled, self._line.counts.verdicts)
        self._upstream.step(now_ns, self._line.standing, derated, self._machine.wishes.feed_stopped)
        if self._line.counts.frames > frames:
            self._framed_ns = now_ns
            took_ns = clock.now_ns() - now_ns
            self._meter.stepped(took_ns)
            self._starving.stepped(took_ns, clock.computed_ns() - computed_ns)
        return wake_ns

    def _is_past(self, now_ns: int) -> bool:
        return self._line.belt.um_at(now_ns) >= self._blind_until_um or now_ns >= self._blind_until_ns

    def end(self) -> None:
        """The safe state first, then everything else, each with a deadline."""
        self._machine.gates.close()
        stopped = self._stop.asked
        self._notifier.stopping("stopped" if stopped else _STATUS["safe"])
        self._state = "stopped" if stopped else "safe"
        if self.fault and not stopped:
            self._tell.put(Incident(clock.now_ns(), self.fault.code, "raised"))
        self._report(clock.now_ns())
        self._beside.end()
        for closing in (self._machine.telemetry, self._notifier):
            if closing is not None:
                closing.close()
        if self._machine.last:
            self._machine.last.close()

    def _become_ready(self) -> None:
        self._state = "sorting"
        self._notifier.ready(_STATUS.get(self._current, self._current))

    @property
    def _current(self) -> LineState:
        return "safe" if self._line.standing.held and self._state != "stopped" else self._state

    def _rest(self, wake_ns: int) -> None:
        """Until the next step is due or a frame comes. A frame that the line cannot place yet does not wake it."""
        if self._line.belt.known:
            if self._machine.handover:
                self._machine.handover.use(min(wake_ns, self._framed_ns + int(self._mailbox.frame_ns)), clock.now_ns)
            self._mailbox.wait(wake_ns)
        else:
            clock.sleep_until(wake_ns)

    def _report(self, now_ns: int) -> None:
        self._health_at_ns = now_ns + round(self._machine.profile.telemetry.metrics_s * NS_PER_S)
        telemetry, limits = self._machine.telemetry, self._machine.limits
        if self._told not in (self._current, "starting"):
            self._notifier.status(_STATUS.get(self._current, self._current))
        self._told = self._current
        if not self._lit and (level := self._line.sight.belt_level):
            self._lit = True
            _LOG.info("the empty belt is seen", belt_level=round(level))
        health = self._meter.health(
            now_ns,
            self._told,
            self._line.counts.frames,
            self._mailbox.dropped(),
            telemetry.queued() if telemetry else 0,
            telemetry.shed() if telemetry else 0,
            telemetry.online() if telemetry else False,
        )
        health = replace(health, feed_inhibit=self._upstream.inhibit, unpictured=self._machine.unpictured())
        self._sink.put(limits.mark(health) if limits else health)

    def _look_around(self, now_ns: int) -> None:
        self._looked_at_ns = now_ns
        self._beside.renewal.look(now_ns, self._line.counts.looks)
        telemetry, limits = self._machine.telemetry, self._machine.limits
        if limits:
            limits.throttle(self._beside.throttled)
        seen = Surroundings(
            self._beside.throttled,
            self._starving.starved(),
            telemetry.online() if telemetry else None,
            telemetry.saving() if telemetry else None,
            self._machine.recording(),
            self._machine.news(),
        )
        self._around.look(now_ns, seen)
        self._beside.serve(self._line, self._timed)
