"""The broker in memory: it answers `edge.ports.Publisher` for the fast simulator and the tests."""

from collections.abc import Callable, Iterable

from edge.telemetry.messages import Message


class MemoryBroker:
    """Keeps retained messages, hands every message to its subscribers at once, and can be away for a while."""

    def __init__(self) -> None:
        self.up = True
        self.retained: dict[str, bytes] = {}
        self._subscribers: list[Callable[[str, bytes], None]] = []
        self._clients: list[MemoryPublisher] = []

    def subscribe(self, hear: Callable[[str, bytes], None]) -> None:
        """`hear(topic, payload)` for every retained message, now, and for every message from now on."""
        for topic, payload in self.retained.items():
            hear(topic, payload)
        self._subscribers.append(hear)

    def connect(
        self, will: Message | None = None, greeting: Callable[[], Iterable[Message]] = tuple
    ) -> "MemoryPublisher":
        """A client. `greeting` is sent at every connection, `will` when the client dies."""
        client = MemoryPublisher(self, will, greeting)
        self._clients.append(client)
        if self.up:
            client.greet()
        return client

    def go_down(self) -> None:
        """An outage: nothing is taken, acknowledgements not yet fetched are lost."""
        self.up = False
        for client in self._clients:
            client.forget()

    def come_up(self) -> None:
        """The broker is back, and so is every client."""
        self.up = True
        for client in self._clients:
            client.greet()

    def take(self, topic: str, payload: bytes, retain: bool) -> None:
        if retain:
            self.retained[topic] = payload
        for hear in self._subscribers:
            hear(topic, payload)

    def lose(self, client: "MemoryPublisher", said_last: Message | None) -> None:
        self._clients.remove(client)
        if said_last:
            self.take(said_last.topic, said_last.payload, said_last.retain)


class MemoryPublisher:
    """Answers edge.ports.Publisher. A message is acknowledged at the next call of `acknowledged`."""

    def __init__(self, broker: MemoryBroker, will: Message | None, greeting: Callable[[], Iterable[Message]]) -> None:
        self.will = will
        self._broker = broker
        self._greeting = greeting
        self._tokens: list[int] = []
        self._next = 0

    def publish(self, topic: str, payload: bytes, retain: bool) -> int | None:
        if not self._broker.up:
            return None
        self._broker.take(topic, payload, retain)
        self._next += 1
        self._tokens.append(self._next)
        return self._next

    def acknowledged(self) -> Iterable[int]:
        tokens, self._tokens = self._tokens, []
        return tokens

    def online(self) -> bool:
        return self._broker.up

    def greet(self) -> None:
        for message in self._greeting():
            self._broker.take(message.topic, message.payload, message.retain)

    def forget(self) -> None:
        self._tokens = []

    def kill(self) -> None:
        """The client's process dies: the broker says its last will."""
        self._broker.lose(self, self.will)

    def leave(self, farewell: Message | None = None) -> None:
        """The client says goodbye on purpose."""
        self._broker.lose(self, farewell)
