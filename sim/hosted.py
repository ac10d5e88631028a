"""The device on the desk: its processes under their supervisor, and the world's end of everything between them."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections import deque
from collections.abc import Iterable
from pathlib import Path

from edge.config import Profile
from edge.datapath import BeltSample, Incident, Verdict
from edge.errors import BundleFault, GateFault, SorterError, UsageFault
from edge.incidents import CATALOGUE
from edge.incidents_machine import ENDS
from sim.lines import Lines
from sim.mishaps import Part
from sim.rendezvous import LOG, NOTIFY, PINS, RECORDS, DeviceSettings
from sim.stream import RecordInbox, Streamed
from sim.supervisor import Process, Supervisor, Unit
from sim.updating import Updating
from sim.wires import Edge, Lost, Wires

_EVENTS = 100


class Spells:
    """When the machine stood in the safe state: while an error of its own stood, and from the last word of a line that
    died until the first verdict of the next one; as (from, to) pairs with None for a spell that goes on. The run begins
    with one."""

    def __init__(self, start_ns: int) -> None:
        self.spells: list[tuple[int, int | None]] = [(start_ns, None)]
        self._alive_ns = start_ns
        self._run_id = ""
        self._sorts = False
        self._errors: set[str] = set()

    def hear(self, record: Streamed) -> bool:
        """Take a record. True for the first verdict of a run."""
        if isinstance(record, BeltSample):
            self._alive_ns = max(self._alive_ns, record.at_ns)
        elif isinstance(record, Incident):
            self._incident(record)
        elif isinstance(record, Verdict):
            run_id = record.track_id.rpartition(".")[0]
            if run_id != self._run_id:
                self._run_id, self._sorts = run_id, True
                self._turn(record.decided_at_ns)
                return True
        return False

    def lose(self, lost: Lost) -> None:
        """The gate process has gone."""
        self._sorts = False
        self._errors.clear()
        self._turn(min(lost.at_ns, self._alive_ns))

    def _incident(self, incident: Incident) -> None:
        if CATALOGUE[incident.code].severity != "error" or incident.code in ENDS:
            return
        if incident.state == "raised":
            self._errors.add(incident.code)
        else:
            self._errors.discard(incident.code)
        self._turn(incident.at_ns)

    def _turn(self, at_ns: int) -> None:
        from_ns, to_ns = self.spells[-1]
        safe = not self._sorts or bool(self._errors)
        if safe and to_ns is not None:
            self.spells.append((at_ns, None))
        elif not safe and to_ns is None:
            self.spells[-1] = (from_ns, at_ns)


class HostedDevice:
    """The simulated device under its supervisor, and every socket between it and the world."""

    def __init__(self, settings: DeviceSettings, profile: Profile) -> None:
        """Open everything; the first step of the supervisor starts the device."""
        folder = Path(settings.folder)
        released = {gate.pin: int(not gate.active_high) for gate in profile.gates.values()}
        self.events: deque[str] = deque(maxlen=_EVENTS)
        """What happened, for people; whoever shows it takes it out."""
        self.lines = Lines(released)
        self.process: Process | None = None
        self.supervisor = Supervisor(Unit(), self._spawn, self.events.append)
        self.last_words = "it said nothing"
        self.edges: list[Edge | Lost] = []
        """What the wires brought in the last `listen`."""
        self.settings = settings
        self._folder = folder
        self._log = (folder / LOG).open("w+b")
        self._wires = Wires(folder / PINS)
        if profile.safety.e_stop_pin is not None:
            self._wires.levels[profile.safety.e_stop_pin] = int(not profile.safety.e_stop_active_high)
        self._inbox = RecordInbox(folder / RECORDS)
        self.updating = Updating(settings, self.events.append) if settings.update else None

    def step(self, now_ns: int) -> int:
        """Look after its processes; returns the instant of the next look."""
        if self.updating:
            self.updating.step(now_ns)
        return self.supervisor.step(now_ns)

    def listen(self) -> list[Streamed]:
        """The records that have come; edges go to `edges` and `lines`. Never blocks."""
        self.edges = self._wires.take()
        for edge in self.edges:
            self.lines.hear(edge)
        return list(self._inbox.poll())

    def drive(self, edges: Iterable[Edge]) -> None:
        """Input edges for the device's lines, a little before they are due."""
        self._wires.tell(edges)

    def put(self, edge: Edge) -> None:
        """An input line's new level, now and for whoever drives the lines after this device."""
        self._wires.levels[edge.line] = edge.level
        self._wires.tell((edge,))

    def signal(self, part: Part, number: signal.Signals) -> None:
        """Send the main process, or the one that drives the lines now, a signal, if it is there."""
        pid = self.process.pid if part == "main" and self.process else self._wires.hand()
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def said(self) -> list[str]:
        """Whole lines that the device has written to its log since the last call."""
        found = []
        while line := self._log.readline():
            if not line.endswith(b"\n"):
                self._log.seek(-len(line), os.SEEK_CUR)
                break
            found.append(line.decode(errors="replace").rstrip())
        self.last_words = found[-1] if found else self.last_words
        return found

    def fault(self) -> SorterError | None:
        """Why it has ended for good, in its own last words; None where it ended as it was asked to."""
        if self.supervisor.state != "failed":
            return None
        self.said()
        kinds = {1: BundleFault, 2: UsageFault}
        return kinds.get(self.supervisor.exit_status or 0, GateFault)(f"the device did not start: {self.last_words}")

    def close(self) -> None:
        """End the device, whatever it is doing."""
        if self.updating:
            self.updating.close()
        self.supervisor.close()
        self._wires.close()
        self._inbox.close()
        self._log.close()

    def _spawn(self) -> Process:
        desk = {"GPIOZERO_PIN_FACTORY": "sim", "SORTER_SIM_PINS": str(self._folder / PINS)}
        environ = {**os.environ, **desk, "STATE_DIRECTORY": str(self._folder / "state")}
        argv = [sys.executable, "-m", "sim.device", self.settings.line()]
        with (self._folder / LOG).open("ab") as log:
            self.process = Process(argv, environ, self._folder / NOTIFY, Unit().watchdog_ms, log.fileno())
        return self.process
