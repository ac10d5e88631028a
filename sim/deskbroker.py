"""The broker of the live desk, started beside everything else."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

from edge.errors import BrokerFault
from sim.broker import LOOPBACK, USUAL_PORT, RunningBroker, free_port, start_broker

USER = "desk"
"""Who gives commands from the desk's dashboard, as the demo profile's [commands] has it."""


class DeskBroker:
    """The desk's broker, started beside everything else. Without one the line sorts on, and `news` says why."""

    def __init__(self) -> None:
        self.port = free_port((USUAL_PORT, 0))
        self.url = f"mqtt://{LOOPBACK}:{self.port}"
        self.running: RunningBroker | None = None
        self.page = ""
        """Where the dashboard is served; for the news."""
        self._pool = ThreadPoolExecutor(1)
        self._starting: Future[RunningBroker] | None = self._pool.submit(start_broker, self.port)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown()
        self.news()
        if self.running:
            self.running.stop()

    def page_config(self) -> dict[str, Any]:
        """What the dashboard is told. Any thread."""
        return {"broker": self.running.page_url if self.running else None, "user": USER}

    def news(self) -> str | None:
        """One line, once, when it runs or when it is known that none will."""
        if self._starting is None or not self._starting.done():
            return None
        starting, self._starting = self._starting, None
        try:
            self.running = starting.result()
        except BrokerFault as fault:
            return f"no broker: {fault}; the line sorts on"
        page = f"dashboard: {self.page}; " if self.page else ""
        return f"{page}broker: {self.running.name} {self.running.version}; watch it with {self.running.subscribe_line}"
