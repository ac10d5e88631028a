"""The gate process's one object: scheduler, belt samples, falls, emergency stop and the watch over main's heartbeat.

The gate process drives it in real time, the simulator in virtual time; neither decides anything of its own.
"""

from collections.abc import Callable

from edge.belt import BeltEstimate
from edge.datapath import EmergencyStop, Feed, GateEvent, GatePulse
from edge.ports import AliveLine, Encoder, ExitSensors, FeedLines, GatePins, StopContact
from edge.sort.encoder import Correction
from edge.sort.scheduler import NEVER_NS, Scheduler
from edge.sort.wire import GateSettings

_FREE_NS = 50_000_000
"""A contact that closes bounces: for so long it must have been closed before the stop counts as released."""


class GateKeeper:
    """Starts with every gate released and keeps the way back there. Single-threaded.

    The watch begins with the first beat: until then no pulse is taken, so no gate can open. `say` must not raise.
    """

    def __init__(
        self,
        settings: GateSettings,
        pins: GatePins,
        encoder: Encoder,
        say: Callable[[GateEvent], object],
        stop: StopContact | None = None,
        exits: ExitSensors | None = None,
        feed: FeedLines | None = None,
        alive: AliveLine | None = None,
    ) -> None:
        self._heartbeat_ns = settings.heartbeat_ns
        self._sample_ns = settings.sample_ns
        self._pins = pins
        self._encoder = encoder
        self._correction = Correction()
        self._say = say
        self._belt = BeltEstimate()
        self._scheduler = Scheduler(settings, pins, self._belt, say)
        self._beat_at_ns: int | None = None
        self._sample_at_ns = 0
        self._edge_at_ns = NEVER_NS
        self._safe: str | None = None
        self._held = False
        self._exits = exits
        self._feed = feed
        self._alive = alive
        self._wanted: Feed | None = None
        self._asked: Feed | None = None
        self._stop = stop
        self._stopped = False
        self._pressed_at_ns = 0

    @property
    def safe(self) -> str | None:
        """Why the safe state was reached, None while sorting. It is never left: a new start begins anew."""
        return self._safe

    @property
    def held(self) -> bool:
        """Whether no gate may open now, for whatever reason."""
        return self._held or self._stopped or self._safe is not None

    @property
    def edge_at_ns(self) -> int:
        """The next edge's deadline as of the last step: the wake that a shell should be most punctual for."""
        return self._edge_at_ns

    def beat(self, now_ns: int) -> None:
        """The main process is alive."""
        self._beat_at_ns = now_ns

    def submit(self, pulse: GatePulse, now_ns: int) -> None:
        """Take a pulse; its Outcome comes through `say`. Refused before the first beat, while the gates are held or
        the emergency stop is pressed, and in the safe state."""
        if self._beat_at_ns is None or self.held:
            self._scheduler.refuse(pulse, now_ns)
        else:
            self._scheduler.submit(pulse, now_ns)

    def scale(self, scale_ppm: int) -> None:
        """Count belt travel so from the last sample on; pulses that wait are re-timed by the next."""
        self._correction.change(scale_ppm)

    def hold(self, held: bool, now_ns: int) -> None:
        """Release every gate now and refuse every pulse, those that wait too, until they are held no longer."""
        self._held = held
        if held:
            self._release(now_ns)

    def ask(self, feed: Feed) -> None:
        """What main wants of upstream; asked for in the next step."""
        self._wanted = feed

    def step(self, now_ns: int) -> int:
        """Watch, sample, fire. Returns the instant of the next thing to do; a stop cannot wait for that."""
        if self._stop is not None:
            self._feel(self._stop, now_ns)
        beat_by_ns = self._beat_by_ns
        if self._safe is None and now_ns > beat_by_ns:
            silent_ms = (now_ns - beat_by_ns + self._heartbeat_ns) // 1_000_000
            self.release(f"no heartbeat from the main process for {silent_ms} ms", now_ns)
        self._ask()
        if now_ns >= self._sample_at_ns:
            sample = self._correction.of(self._encoder.sample(now_ns))
            self._belt.observe(sample)
            self._say(sample)
            for fall in self._exits.falls(now_ns) if self._exits is not None else ():
                self._say(fall)
            if self._alive is not None and self._beat_at_ns is not None and self._safe is None:
                self._alive.beat()
            self._sample_at_ns = now_ns + self._sample_ns
        self._edge_at_ns = self._scheduler.step(now_ns)
        watch_ns = NEVER_NS if self._safe is not None else beat_by_ns + 1
        return min(self._edge_at_ns, self._sample_at_ns, watch_ns)

    def release(self, why: str, now_ns: int) -> None:
        """To the safe state: every line to its released level, what waits refused, and it stays so."""
        self._release(now_ns)
        if self._safe is None:
            self._safe = why

    def _ask(self) -> None:
        """What main wants, and less while no gate may open. Before main's first word the lines stay as they were."""
        feed = Feed(inhibit=True, slow=True) if self.held else self._wanted
        if self._feed is not None and feed is not None and feed != self._asked:
            self._asked = feed
            self._feed.ask(feed)

    def _feel(self, stop: StopContact, now_ns: int) -> None:
        pressed = stop.pressed(now_ns)
        if pressed:
            self._pressed_at_ns = now_ns
        stopped = pressed or (self._stopped and now_ns - self._pressed_at_ns < _FREE_NS)
        if stopped == self._stopped:
            return
        self._stopped = stopped
        if stopped:
            self._release(now_ns)
        self._say(EmergencyStop(now_ns, stopped))

    def _release(self, now_ns: int) -> None:
        self._pins.release_all()
        self._scheduler.forget(now_ns)
        self._edge_at_ns = NEVER_NS

    @property
    def _beat_by_ns(self) -> int:
        return NEVER_NS - 1 if self._beat_at_ns is None else self._beat_at_ns + self._heartbeat_ns
