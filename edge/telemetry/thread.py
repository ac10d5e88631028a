"""The thread that telemetry lives in: nothing that happens here reaches the line."""

import threading
from collections.abc import Callable

from edge.clock import now_ns
from edge.config import Profile
from edge.log import Log
from edge.telemetry.messages import Writer
from edge.telemetry.mqtt import PahoPublisher
from edge.telemetry.outbox import MemoryOutbox, OutboxCounts
from edge.telemetry.reporter import Reporter

_log = Log("telemetry")


class TelemetryThread:
    """One run's telemetry: put records into `reporter` from the thread that makes them, all else happens here."""

    def __init__(self, profile: Profile, run_id: str, bundle: str) -> None:
        """`bundle` is the `name@digest` that grades. The profile names a broker."""
        writer = Writer(profile.site, profile.machine, run_id)
        self._publisher = PahoPublisher(
            profile.telemetry,
            client_id=f"sorter-{profile.site}-{profile.machine}",
            will=writer.last_will,
            greeting=lambda: (writer.status("online"), writer.info(profile, bundle)),
        )
        self._outbox = MemoryOutbox(self._publisher, profile.telemetry.queue)
        self._writer = writer
        self.reporter = Reporter(writer, self._outbox)
        self._stopping = threading.Event()
        self._until_ns = 0
        self._thread = threading.Thread(target=self._run, name="telemetry", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def online(self) -> bool:
        """Whether the broker has answered lately."""
        return self._publisher.online()

    def counts(self) -> OutboxCounts:
        return self._outbox.counts()

    def stop(self, within_s: float = 2.0) -> None:
        """Send what waits, say goodbye and end, all within this time; what then still waits is lost and counted in one
        line. For the thread that puts records."""
        self.reporter.close()
        self._until_ns = now_ns() + round(within_s * 1e9)
        self._stopping.set()
        self._thread.join(within_s)
        if left := self._outbox.counts().queued:
            _log.warning("stopped with messages unsent", messages=left)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._turn(self._stopping.wait)
        while self._outbox.counts().queued and self._publisher.online() and now_ns() < self._until_ns:
            self._turn(lambda _: None)
        self._publisher.close(self._writer.status("stopped"), self._until_ns)

    def _turn(self, rest: Callable[[float], object]) -> None:
        now = now_ns()
        try:
            wake_ns = min(self._publisher.step(now), self._outbox.step(now))
            timeout_s = max(0.0, (wake_ns - now) / 1e9)
            if not self._publisher.serve(timeout_s):
                rest(timeout_s)
        except Exception as error:  # a fault in the road to the broker is a lost connection, never a lost thread
            self._publisher.give_up(f"{type(error).__name__}: {error}", now)
            rest(0.05)
