"""All of one run's telemetry: records in, messages to the broker and to the disk, as two steps."""

from collections.abc import Callable
from pathlib import Path

from edge.audited.figures import Figures
from edge.clock import now_ns
from edge.config import Profile, Telemetry
from edge.datapath import Record, StepInputs
from edge.log import Log
from edge.ports import RecordSink
from edge.telemetry.commands import CommandCounts, Desk
from edge.telemetry.connection import Inbound
from edge.telemetry.deeds import Deeds
from edge.telemetry.homeassistant import STATUS_TOPIC, discovery, is_back
from edge.telemetry.host import HostSensor
from edge.telemetry.messages import Message, Writer
from edge.telemetry.mqtt import PahoPublisher
from edge.telemetry.outbox import Disk, Outbox
from edge.telemetry.preview import Previewer
from edge.telemetry.quality import QualityTeller
from edge.telemetry.reporter import Reporter
from edge.telemetry.showing import Album, Showing
from edge.telemetry.sparkplug_link import SparkplugLink
from edge.telemetry.updates import UpdateTeller
from edge.wishes import Wishes

NS = 1_000_000_000
GOODBYE_NS = NS

_log = Log("telemetry")


def disk_of(settings: Telemetry, runtime: Path | None) -> Disk | None:
    """Where a profile's messages survive. `runtime`: a folder on a tmpfs."""
    if settings.outbox is None:
        return None
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        boot = ""
    return Disk(
        folder=settings.outbox,
        journal=runtime or settings.outbox,
        most_bytes=settings.outbox_bytes,
        most_s=settings.outbox_days * 86_400,
        sync_ns=round(settings.sync_s * NS),
        boot=boot,
    )


class MqttTelemetry:
    """One run's telemetry: `put` from the thread that makes the records, `step` from one that may wait for a broker."""

    def __init__(
        self,
        profile: Profile,
        run_id: str,
        bundle: str,
        self_test: dict[str, float | None] | None = None,
        wishes: Wishes | None = None,
        runtime: Path | None = None,
        album: Album | None = None,
        audited: Callable[[], Figures | None] | None = None,
        ledger: RecordSink | None = None,
    ) -> None:
        """`bundle` is the `name@digest` that grades, `self_test` what `info` says of it, `wishes` where commands leave
        theirs, `runtime` a folder for what need not outlive the power, `album` keeps pictures,
        `audited` is what is known of the machine's quality, `ledger` remembers
        what people have said and done. The profile names a broker."""
        settings = profile.telemetry
        self._writer = Writer(profile.site, profile.machine, run_id)
        self._about = (profile, bundle, self_test)
        self._greeting = (0, 0)
        self._discovered = (discovery(profile, self._writer.root),) if settings.homeassistant else ()
        self._publisher = PahoPublisher(
            settings,
            client_id=f"sorter-{profile.site}-{profile.machine}",
            will=self._writer.last_will,
            greeting=self._greet,
            greeted=self._greeted,
            inbound=Inbound((f"{self._writer.root}/cmd/+/+", *(STATUS_TOPIC for _ in self._discovered)), self._hear),
        )
        self._outbox = Outbox(self._publisher, settings.queue, self._writer, disk_of(settings, runtime))
        wishes = wishes or Wishes()
        self._host = HostSensor(settings.outbox or Path.cwd())
        self._reporter = Reporter(self._writer, self._outbox, wishes, lambda: self._host.latest)
        self.preview = Previewer(self._writer, profile)
        asks = profile.update
        self._updates = UpdateTeller(self._writer, asks.folder) if asks.source else None
        check = self._updates.check if self._updates else None
        deeds = Deeds(self._writer, self._outbox, self._reporter, wishes, self._watch, check, album)
        self._quality = QualityTeller(self._writer, audited) if audited else None
        self._showing = Showing(self._writer, album) if album else None
        self._sparkplug = SparkplugLink(profile, bundle) if settings.sparkplug else None
        self._desk = Desk(self._writer, profile.allowed, deeds.actions(), note=ledger.put if ledger else None)

    def put(self, record: Record) -> None:
        """Answers RecordSink."""
        self._reporter.put(record)
        self.preview.put(record)
        if isinstance(record, StepInputs) and record.adopted:
            profile, _, tested = self._about
            self._about = (profile, record.adopted.bundle, tested)  # before it is told: a greeting may come between
            self._outbox.put(self._writer.info(*self._about))
        if self._sparkplug:
            self._sparkplug.put(record)

    def step(self, at_ns: int) -> int:
        """Send and hear what can be; returns when to be called again. Only a connect makes it wait, for seconds at
        most."""
        if self._sparkplug:
            self._sparkplug.step(at_ns)
        self._host.step(at_ns)
        if self._updates and (update := self._updates.step(at_ns)):
            self._outbox.put(update)
        if self._quality and (quality := self._quality.step()):
            self._outbox.put(quality)
        try:
            wake_ns = self._publisher.step(at_ns)
            self._publisher.serve(0.0)
            if preview := self.preview.step(at_ns):
                self._publisher.pass_on(preview)
            self._show(at_ns)
            return min(wake_ns, self._outbox.step(at_ns))
        except Exception as error:  # a fault on the road to the broker is a lost connection, never a lost thread
            self._publisher.give_up(f"{type(error).__name__}: {error}", at_ns)
            return at_ns + NS

    def save(self, at_ns: int) -> int:
        """Bring to disk what is due; returns when to be called again. For a thread of its own: it waits for the
        disk."""
        return self._outbox.save(at_ns)

    @property
    def commanded(self) -> CommandCounts:
        """What became of the commands that have come."""
        return self._desk.counts

    def queued(self) -> int:
        """Messages that wait or are on their way."""
        return self._outbox.counts().queued

    def shed(self) -> int:
        """Messages given up so far, for want of room."""
        return self._outbox.counts().shed

    def online(self) -> bool:
        """Whether the broker has answered lately."""
        return self._publisher.online()

    def saving(self) -> bool | None:
        """Whether messages are saved to disk; None where they are not meant to be."""
        return self._outbox.saving()

    def close(self) -> None:
        """Send what waits and say goodbye, within a second. Once `step` is no longer called."""
        if self._sparkplug:
            self._sparkplug.close()
        self._reporter.close()
        until_ns = now_ns() + GOODBYE_NS
        while self.online() and self.queued() and now_ns() < until_ns:
            self.step(now_ns())
            self._publisher.serve(0.02)
        if self.online():
            self._publisher.close(self._writer.status("stopped"), until_ns)
        if left := self.queued():
            _log.warning("stopped with messages unsent", messages=left)
        self._outbox.close(now_ns())

    def _watch(self) -> None:
        self.preview.watch(now_ns())

    def _show(self, at_ns: int) -> None:
        if self._showing and self._publisher.clear() and (shown := self._showing.step(at_ns)):
            self._publisher.pass_on(shown)

    def _hear(self, topic: str, payload: bytes, retained: bool) -> None:
        if is_back(topic, payload):
            for found in self._discovered:
                self._publisher.publish(found.topic, found.payload, found.retain)
        elif answer := self._desk.hear(topic, payload, retained, now_ns()):
            self._outbox.put(answer)

    def _greet(self) -> tuple[Message, ...]:
        said = (self._writer.status("online"), self._writer.info(*self._about))
        self._greeting = (said[0].seq, said[-1].seq)
        self._outbox.greeting(*self._greeting)
        return (*said, *self._discovered)

    def _greeted(self, arrived: bool) -> None:
        if arrived:
            self._outbox.greeting(0, 0)
        else:
            self._outbox.greeting_lost(*self._greeting)
