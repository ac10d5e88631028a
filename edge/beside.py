"""The threads beside the line's: camera, throttle, telemetry, recorder, updates. The line waits for none of them."""

from __future__ import annotations

import threading
from collections.abc import Callable

from edge import clock
from edge.capture.mailbox import Mailbox, capture
from edge.line import Line
from edge.log import Log
from edge.machine import Machine
from edge.ports import Grader
from edge.renewal import Renewal

NS_PER_S = 1_000_000_000
_LOG = Log("line")
_FIRST_FRAME_S = 15.0
_JOIN_S = 2.0
_FEEL_S = 1.0


class Beside:
    """One run's. Belongs to the main thread."""

    def __init__(self, machine: Machine, mailbox: Mailbox) -> None:
        self.throttled = False
        """The computer's own word, at most a second old."""
        self.renewal = Renewal(machine.profile)
        self._machine = machine
        self._mailbox = mailbox
        self._ended, self._pictured = threading.Event(), threading.Event()
        bodies = (
            ("capture", True, self._capture),
            ("throttle", machine.throttle, self._feel),
            ("profile", machine.profile.update.source, self._ask),
            ("telemetry", machine.telemetry, self._send),
            ("outbox", machine.telemetry, self._save),
            ("scraped", machine.scraped, self._serve),
            ("recorder", machine.recorder, self._record),
            ("updates", machine.handover, self._follow),
            ("pictures", machine.pictures, self._keep_pictures),
            ("watch", machine.watches, self._keep_watch),
            ("ledger", machine.ledger, self._keep_ledger),
        )
        self._threads = [threading.Thread(target=body, name=name, daemon=True) for name, there, body in bodies if there]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Ask them to end, and wait for each, but not for long."""
        self._ended.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(_JOIN_S)

    def serve(self, line: Line, timed: Callable[[Grader], Grader]) -> None:
        """Between two steps of the line: bring it what is ready, and pass on what people have said of fruit."""
        machine = self._machine
        if machine.handover:
            machine.handover.serve(line.gradings, timed, machine.wishes.labels)
        if machine.audit:
            said = machine.wishes.said
            try:
                machine.audit.serve(line.inspection, [said.popleft() for _ in range(len(said))])
            except Exception as fault:  # it warns, and never stops the line
                _LOG.warning("the audit cannot take a word", why=repr(fault))

    def _capture(self) -> None:
        silence_s = max(self._machine.patience_s, 10 / self._machine.profile.camera.frames_hz)
        capture(self._machine.source, self._mailbox, silence_s, _FIRST_FRAME_S, self._ended.is_set)

    def _feel(self) -> None:
        """Asking may take longer than a step may."""
        throttle = self._machine.throttle
        while throttle and not self._ended.wait(_FEEL_S):
            self.throttled = throttle.throttled()

    def _ask(self) -> None:
        while not self._ended.wait(_FEEL_S):
            self.renewal.ask()

    def _send(self) -> None:
        if self._machine.telemetry:
            self._keep(self._machine.telemetry.step)

    def _save(self) -> None:
        if self._machine.telemetry:
            self._keep(self._machine.telemetry.save)

    def _serve(self) -> None:
        if self._machine.scraped:
            self._machine.scraped.serve(self._ended.is_set)

    def _record(self) -> None:
        if self._machine.recorder:
            self._keep(self._machine.recorder.step)
            self._machine.recorder.close()

    def _follow(self) -> None:
        if self._machine.handover:
            self._keep(self._machine.handover.step)
            self._machine.handover.close()

    def _keep_pictures(self) -> None:
        if self._machine.pictures:
            self._keep(self._machine.pictures.step)
            self._machine.pictures.close()
        self._pictured.set()

    def _keep_watch(self) -> None:
        watches = list(self._machine.watches)

        def keep(now_ns: int) -> int:
            due_ns = now_ns + NS_PER_S
            for watch in tuple(watches):
                try:
                    due_ns = min(due_ns, watch.keep(now_ns))
                except Exception as fault:  # the others watch on
                    watches.remove(watch)
                    _LOG.warning("goes on without a watch", of=type(watch).__name__, why=repr(fault))
            return due_ns

        self._keep(keep)
        for watch in watches:
            watch.close()

    def _keep_ledger(self) -> None:
        if self._machine.ledger:
            self._keep(self._machine.ledger.step)
            if self._machine.pictures:  # what it says of a fruit is how many of those are there
                self._pictured.wait(_JOIN_S / 2)
            self._machine.ledger.close()

    def _keep(self, step: Callable[[int], int]) -> None:
        """Step something until the run ends."""
        while not self._ended.is_set():
            now_ns = clock.now_ns()
            self._ended.wait((step(now_ns) - now_ns) / NS_PER_S)
