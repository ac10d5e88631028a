"""A machine's telemetry on its two threads, as the shell runs it, and fruit to tell of."""

import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import firmware_config
from edge.clock import now_ns, sleep_until
from edge.config import Profile, load_profile
from edge.datapath import GatePulse, Look, Outcome, Track, Verdict
from edge.errors import BrokerFault
from edge.telemetry.messages import Message, Writer
from edge.telemetry.reporter import Reporter
from edge.telemetry.telemetry import MqttTelemetry

NS = 1_000_000_000
BUNDLE = "factory@0123456789ab"
GIVE_UP_NS = 60 * NS
_JOIN_S = 5.0
_TMPFS = Path("/dev/shm")


def demo_told_to(broker: str, outbox: Path | None) -> Profile:
    """The demo machine with a broker, and an outbox in a folder."""
    (folder,) = firmware_config.__path__
    profile = load_profile(Path(folder) / "profiles" / "demo.toml")
    return profile.model_copy(
        update={"telemetry": profile.telemetry.model_copy(update={"broker": broker, "outbox": outbox})}
    )


@contextmanager
def telling(profile: Profile, run_id: str) -> Iterator[MqttTelemetry]:
    """Telemetry that steps, until the end of the block; its journal on a tmpfs where there is one, as the service has
    it."""
    with tempfile.TemporaryDirectory(prefix="sorter-", dir=_TMPFS if _TMPFS.is_dir() else None) as runtime:
        telemetry = MqttTelemetry(profile, run_id, BUNDLE, runtime=Path(runtime))
        with stepped(telemetry):
            yield telemetry


@contextmanager
def stepped(telemetry: MqttTelemetry) -> Iterator[None]:
    """Both threads, until the end of the block; then it is closed."""
    ended = threading.Event()

    def keep(step: Callable[[int], int]) -> None:
        while not ended.is_set():
            at_ns = now_ns()
            ended.wait((step(at_ns) - at_ns) / NS)

    threads = [threading.Thread(target=keep, args=(step,), daemon=True) for step in (telemetry.step, telemetry.save)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join(_JOIN_S)
        telemetry.close()


def decided(track_id: str) -> tuple[Track, Verdict]:
    """A red fruit that goes to its gate."""
    look = Look(track_id, 1, 1.0, (0.0, 0.03, 0.97, 0.0), 0.02)
    track = Track(track_id, lane=0, belt_um=120_000, y_mm=100.0, length_mm=57.3, looks=(look, look, look))
    verdict = Verdict(
        track_id=track_id,
        label="red",
        confidence=0.9712,
        unknown_score=0.02,
        scores=(0.0, 0.03, 0.97, 0.0),
        outlet="red",
        reason="graded",
        decided_at_ns=now_ns(),
        bundle=BUNDLE,
        profile="ba9876543210",
    )
    return track, verdict


def fallen(track_id: str) -> Outcome:
    """Its gate has fired."""
    return Outcome(GatePulse(track_id, "red_0", 0, 1, 0, 0), "fired", opened_at_ns=5, late_ns=412_000)


def tell(telemetry: MqttTelemetry, track_id: str) -> None:
    """All of one fruit, at once."""
    for record in (*decided(track_id), fallen(track_id)):
        telemetry.put(record)


class Caught:
    """An outbox that only holds what is put into it."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def put(self, message: Message, settles: str | None = None) -> None:
        self.messages.append(message)

    def draft(self, write: Callable[[], Message], key: str) -> None:
        pass


def said(writer: Writer, track_id: str) -> Message:
    """The message of one fruit."""
    caught = Caught()
    reporter = Reporter(writer, caught)
    for record in (*decided(track_id), fallen(track_id)):
        reporter.put(record)
    return caught.messages[0]


def wait(true: Callable[[], bool], what: str) -> None:
    """Until it is so. Raises BrokerFault after a minute."""
    give_up_ns = now_ns() + GIVE_UP_NS
    while not true():
        if now_ns() > give_up_ns:
            raise BrokerFault(f"the bench waited a minute for {what}; is something else busy here?")
        sleep_until(now_ns() + NS // 100)
