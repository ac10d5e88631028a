"""A machine's outbox on a disk that can be killed, lose its power, fill up or rot, in virtual time."""

import json
import shutil
import sqlite3
from pathlib import Path

from edge.telemetry.messages import Kind, Message, Writer
from edge.telemetry.outbox import LOOK_NS, Disk, Outbox
from sim.memory_broker import MemoryBroker

SECOND_NS = 1_000_000_000
UTC = "2025-01-01T00:00:00.000Z"


class Box:
    """One machine from start to start. `said` is what a subscriber heard, in order, repeats included."""

    def __init__(self, folder: Path, broker: MemoryBroker | None = None, **settings):
        self.broker = broker or MemoryBroker()
        self.said: list[dict] = []
        self.broker.subscribe(lambda _, payload: self.said.append(json.loads(payload)))
        self.settings = {"most_bytes": 100_000_000, "most_s": 7 * 86_400, "sync_ns": SECOND_NS} | settings
        self.capacity = self.settings.pop("capacity", 10_000)
        self.backlog_hz = self.settings.pop("backlog_hz", 500)
        self._root = folder
        self._starts = self._boots = 0
        self.now_ns = 0
        self.folder = folder / "0"
        self.folder.mkdir(parents=True)
        self.start()

    def start(self) -> None:
        """A new run in the folder as it is."""
        self._starts += 1
        self.run_id = f"run{self._starts}"
        self.writer = Writer("desk", "demo", self.run_id, utc=lambda: UTC)
        self.client = self.broker.connect()
        disk = Disk(self.folder, self.folder / "journal", boot=f"boot{self._boots}", **self.settings)
        self.box = Outbox(self.client, self.capacity, self.writer, disk, backlog_hz=self.backlog_hz)
        self.box.save(self.now_ns)

    def kill(self) -> None:
        """SIGKILL, and a new start: what the process wrote is there, whether it was synced or not."""
        self._leave(journal=True)
        self.start()

    def power_cut(self) -> None:
        """The file as of its last commit, and no journal, as those live on a tmpfs."""
        self._leave(journal=False)
        self._boots += 1
        self.start()

    def _leave(self, journal: bool) -> None:
        self.client.leave()
        left = self._root / str(self._starts)
        # A commit is synced as it is made, and nothing is written in between: a copy is what the next start finds.
        ignore = None if journal else shutil.ignore_patterns("journal")
        shutil.copytree(self.folder, left, ignore=ignore)
        self.box.close(self.now_ns)
        self.folder = left

    def put(self, n: int, kind: Kind = "track", settles: str | None = None) -> tuple[str, int]:
        """Put a message, numbered by its writer; returns its run and number."""
        seq = self.writer.header()["seq"]
        self.box.put(self._message(n, kind, seq), settles=settles)
        return self.run_id, seq

    def draft(self, n: int, key: str) -> None:
        self.box.draft(lambda: self._message(n, "track", 0), key)

    def _message(self, n: int, kind: Kind, seq: int) -> Message:
        said = {"ts_utc": UTC, "run_id": self.run_id, "seq": seq, "schema": f"sorter.{kind}/1", "n": n}
        return Message(kind, f"{self.writer.root}/{kind}", json.dumps(said).encode(), False, self.run_id, seq)

    def stop(self) -> None:
        """The run ends in good order."""
        self.client.leave()
        self.box.close(self.now_ns)

    def run(self, seconds: float) -> None:
        """Both threads step for so long."""
        until_ns = self.now_ns + round(seconds * SECOND_NS)
        while self.now_ns < until_ns:
            self.now_ns += LOOK_NS
            self.box.step(self.now_ns)
            self.box.save(self.now_ns)

    def numbers(self) -> list[int]:
        """Of the messages heard, in order, without repeats."""
        heard = {(said["run_id"], said["seq"]): said["n"] for said in reversed(self.said) if "n" in said}
        return list(reversed(heard.values()))

    def gaps(self) -> list[dict]:
        return [said for said in self.said if said["schema"] == "sorter.gap/1"]


class FullDisk:
    """Makes the commits of a box fail while `full`. `failed`: one did since the last that did not."""

    def __init__(self, box: Box, full: bool = True):
        store = box.box._saver._store
        self._commit = store.commit
        store.commit = self.commit
        self.full = full
        self.failed = False

    def commit(self, batch, at_s):
        self.failed = self.full
        if self.full:
            raise sqlite3.OperationalError("database or disk is full")
        return self._commit(batch, at_s)
