"""The Sparkplug node's own connection: birth before data, data at most once (QoS 0), as Sparkplug has it."""

from edge.clock import now_ns
from edge.config import Profile
from edge.datapath import Record
from edge.telemetry.connection import Inbound
from edge.telemetry.mqtt import PahoPublisher
from edge.telemetry.sparkplug import Node

LOOK_NS = 100_000_000


class SparkplugLink:
    """`put` from the thread that makes the records, the rest from the one that speaks to the broker."""

    def __init__(self, profile: Profile, bundle: str) -> None:
        self._node = Node(profile, bundle)
        self._born_ms: int | None = None
        self._publisher = PahoPublisher(
            profile.telemetry,
            client_id=f"sorter-{profile.site}-{profile.machine}-spb",
            will=self._node.death,
            greeting=self._begin,
            inbound=Inbound((self._node.topic("NCMD"),), lambda topic, payload, _: self._node.hear(topic, payload)),
        )

    def put(self, record: Record) -> None:
        """Answers RecordSink."""
        self._node.put(record)

    def step(self, at_ns: int) -> int:
        """Send and hear what can be; returns when to be called again."""
        try:
            wake_ns = self._publisher.step(at_ns)
            self._publisher.serve(0.0)
            self._tell()
            return min(wake_ns, at_ns + LOOK_NS)
        except Exception as error:  # a fault on this road is a lost connection, never a lost thread
            self._publisher.give_up(f"{type(error).__name__}: {error}", at_ns)
            return at_ns + LOOK_NS

    def close(self) -> None:
        """Die on purpose."""
        if self._publisher.online():
            self._publisher.close(self._node.goodbye(), now_ns() + 10 * LOOK_NS)

    def _begin(self) -> tuple[()]:
        """A connection stands: it has no birth yet."""
        self._born_ms = None
        return ()

    def _tell(self) -> None:
        if not self._publisher.online():
            return
        if self._born_ms is None or self._node.wants_birth():
            born_ms = self._node.now_ms()
            if self._publisher.pass_on(self._node.birth()):
                self._born_ms = born_ms if self._born_ms is None else self._born_ms
            return
        if self._publisher.clear():
            for message in self._node.due(self._born_ms):
                self._publisher.pass_on(message, even_if_full=True)
