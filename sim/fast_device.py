"""The device of a run in virtual time, from one start to its end: main process and gate process as actors that can die.

A dead process takes no more steps. Its lines fall to their pulls when it is the one that drives them; whoever starts
the device anew (`sim/fast_host.py`) makes another of these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from edge.around import Around, Surroundings
from edge.clock import Clock
from edge.datapath import Incident
from edge.errors import GateFault
from edge.fan import AsideFan, Fan
from edge.handover import Handover
from edge.incidents_machine import GATES_LOST
from edge.ledger.entries import Event
from edge.line import Line
from edge.relief import Relief
from edge.telemetry.messages import Writer
from edge.telemetry.outbox import Outbox
from edge.upstream import Upstream
from edge.watch.starving import Starving
from sim.fast_camera import FastCamera
from sim.fast_disk import disk_on, open_black_box
from sim.fast_gates import FastGates
from sim.fast_history import Histories
from sim.fast_parts import measured, perception, served_line
from sim.fast_people import FastPeople
from sim.first import FirstVerdict
from sim.memory_broker import MemoryBroker
from sim.scoreboard import Scoreboard
from sim.service import ServedLine
from sim.setup import Setup
from sim.slowness import Slowness
from sim.takeover import Takeover
from sim.timeline import NEVER_NS, Actor, Timeline
from sim.watched import watching
from sim.world import World

CAMERA, GATES, LINE, OUTBOX, RECORDER, WORLD, HOST = range(7)
"""What falls on one instant, in this order."""

MS = 1_000_000
_LOOK_NS = 1_000 * MS


@dataclass(frozen=True, slots=True)
class Desk:
    """All that outlives a device: `safe` hears whether no gate can open, `ended` that main has ended by itself."""

    setup: Setup
    world: World
    timeline: Timeline
    camera: FastCamera
    board: Scoreboard
    broker: MemoryBroker
    record: Path | None
    disk: Path | None
    utc: Callable[[], str]
    held: Callable[[bool], None]
    sorts: Callable[[], None]
    ended: Callable[[], None]
    histories: Histories
    updates: Callable[[Clock], Handover] | None = None


class FastDevice:
    """One run of the device's two processes. `hang` and `kill` befall them from outside."""

    def __init__(self, desk: Desk, run_id: str, ended: str | None = None) -> None:
        """`ended`: how the run before this one ended, where it could not say so."""
        setup, world, timeline = desk.setup, desk.world, desk.timeline
        profile = setup.profile
        self._desk = desk
        self.alive = True
        self._hung, self._looked_ns = False, 0
        writer = Writer(profile.site, profile.machine, run_id, desk.utc)
        self._writer = writer
        self.publisher = desk.broker.connect(writer.last_will(), lambda: (writer.status("online"),))
        self.outbox = Outbox(
            self.publisher,
            profile.telemetry.queue,
            writer,
            disk_on(desk.disk and desk.disk / run_id, world.faults, lambda: timeline.now_ns),
        )
        self.gates = FastGates(profile, world, timeline, GATES, desk.held)
        self._handover = self._followed(run_id)
        detector, grader, thresholds = perception(self._chosen(setup), world)
        self.bundle = grader.bundle
        self.recorder = open_black_box(setup, run_id, desk.record, world.faults, lambda: timeline.now_ns)
        self._people = FastPeople(profile, writer, self.outbox, timeline, desk.utc, setup.seed, self._note)
        self._people.listen(desk.broker, self.publisher)
        chosen = self._chosen(setup).bundle
        self.ledger = desk.histories.open(run_id, self.bundle, chosen, self._people.kept, ended)
        hears = (desk.board.log, self._people.reporter, FirstVerdict(desk.sorts))
        self.audit, self._watches = watching(setup, run_id, self.bundle, desk.utc)
        told = Fan(one for one in (*hears, self._handover, *self._watches, self._people.pictures, self.ledger) if one)
        sink = Fan((told, self.recorder)) if self.recorder else told
        self._tell = told
        served = served_line(setup, world, self.gates, sink, desk.board.log)
        heard, spoken = (served, served) if served else (self.gates, sink)
        self.line = Line(profile, run_id, desk.camera, detector, grader, heard, spoken, thresholds)
        asides = [one for one in (self._handover, self._people.pictures) if one]
        self.line.aside = AsideFan(asides) if asides else None
        self._upstream, self._takeover = Upstream(profile, self.gates.ask), Takeover(world.faults, setup)
        self._around = Around(told.put, ended)
        self._starving, self._slowness = Starving(), Slowness(world.faults)
        self._relief = Relief(profile, measured(setup))
        self._faults, self._throttles = world.faults, bool(world.faults.spans("throttling"))
        step = served.serve(self.line, self._step) if served else self._step
        self._actors = [Actor(LINE, self._main(step)), *self._beside()]
        desk.camera.delivered = lambda: self._delivered(served)

    def _beside(self) -> Iterator[Actor]:
        """What other threads do."""
        yield Actor(OUTBOX, self._main(self.outbox.step))
        if self._desk.disk:
            yield Actor(OUTBOX, self._main(self.outbox.save))
        if self.recorder:
            yield Actor(RECORDER, self._main(self.recorder.step))
        if self.ledger:
            yield Actor(RECORDER, self._main(self.ledger.step))
        if self._handover:
            yield Actor(HOST, self._main(self._handover.step))
        for watch in self._watches:
            yield Actor(HOST, self._main(watch.keep))
        if self._people.pictures:
            yield Actor(HOST, self._main(self._people.step))

    def start(self, now_ns: int) -> None:
        for actor in (self.gates.actor, *self._actors):
            self._desk.timeline.wake(actor, now_ns)

    def kill_main(self) -> None:
        """Main dies; the gate process hears its pipe end, and ends as it should."""
        self._takeover.close()
        self.alive = False
        self.gates.die()
        self._people.end()
        self.publisher.kill()
        if self.ledger:
            self.ledger.abandon()

    def hang_main(self, hung: bool) -> None:
        """Main is stopped in its tracks, or goes on."""
        self._hung = hung
        if not hung:
            self.start(self._desk.timeline.now_ns)

    def close(self) -> None:
        """The run is over."""
        self._takeover.close()
        if not self.alive:
            return
        if self.recorder:
            self.recorder.close()
        for watch in self._watches:
            watch.close()
        self._people.close()
        if self.ledger:
            self.ledger.close()
        self.outbox.close(self._desk.timeline.now_ns)
        self.publisher.leave(self._writer.status("stopped"))

    def _main(self, step: Callable[[int], int]) -> Callable[[int], int]:
        """A step of the main process: none when it is dead or stopped; a fault ends it."""

        def stepped(now_ns: int) -> int:
            if not self.alive or self._hung:
                return NEVER_NS
            try:
                return step(now_ns)
            except GateFault:
                self._tell.put(Incident(now_ns, GATES_LOST.code, "raised"))
                self.kill_main()
                self._desk.ended()
                return NEVER_NS

        return stepped

    def _step(self, now_ns: int) -> int:
        """The shell's round, as `edge.app` has it."""
        if self.recorder:
            self.recorder.between(now_ns, self.line.memory)
        frames = self.line.counts.frames
        wake_ns = self.line.step(now_ns)
        if self.line.counts.frames > frames:
            self._starving.stepped(round(MS * self._slowness.waits(now_ns)), MS)
        throttled = self._throttles and self._faults.holds("throttling", now_ns)
        derated = self._relief.step(now_ns, throttled, self.line.counts.verdicts)
        self._upstream.step(now_ns, self.line.standing, derated)
        self._takeover.serve(self.line.gradings, now_ns)
        if now_ns >= self._looked_ns:
            self._looked_ns = now_ns + _LOOK_NS
            starved, saving = self._starving.starved(), self.outbox.saving()
            keepers = [keeper for keeper in (self.recorder, self.ledger) if keeper]
            recording = all(keeper.well() for keeper in keepers) if keepers else None
            watched = tuple(told for watch in self._watches for told in watch.news())
            online = self.publisher.online()
            self._around.look(now_ns, Surroundings(throttled, starved, online, saving, recording, watched))
            if self._handover:
                self._handover.serve(self.line.gradings, lambda grader: grader, self._people.wishes.labels)
            if self.audit:
                said = self._people.wishes.said
                self.audit.serve(self.line.inspection, [said.popleft() for _ in range(len(said))])
        if self._handover:
            self._handover.use(wake_ns, lambda: now_ns)
        return wake_ns

    def _note(self, event: Event) -> None:
        if self.ledger:
            self.ledger.put(event)

    def _followed(self, run_id: str) -> Handover | None:
        if self._desk.updates is None:
            return None
        handover = self._desk.updates(lambda: self._desk.timeline.now_ns)
        handover.begin(run_id)
        return handover

    def _chosen(self, setup: Setup) -> Setup:
        return replace(setup, bundle=self._handover.bundle) if self._handover else setup

    def _delivered(self, served: ServedLine | None) -> None:
        if served:
            served.ring()
        self._desk.timeline.wake(self._actors[0], self._desk.timeline.now_ns)
