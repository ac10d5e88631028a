"""A machine that takes updates, in a folder: releases of its own, a clock that stands, and a line that restarts."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from edge.bundle import FACTORY, load_bundle
from edge.update.agent import Agent
from edge.update.disk import Disk
from edge.update.fetch import Source
from edge.update.journal import Journal
from edge.update.profiles import Profiles
from edge.update.refusal import Refused
from edge.update.steps import Parts
from edge.update.store import Store, choose, note_running
from edge.update.trust import TufReleases
from tests.edge.bundles import write_bundle
from training.publish.clearance import Cleared
from training.publish.keys import Keyring
from training.publish.releases import point_channel, release_bundle
from training.publish.repository import Repository

S = 1_000_000_000
NOW = datetime(2026, 6, 1, tzinfo=UTC)


class Office:
    """Whoever releases: a folder of releases with all its keys."""

    def __init__(self, folder: Path, now: datetime = NOW) -> None:
        self.folder, self.keys, self.now = folder / "releases", folder / "keys", now
        Repository.create(self.folder, Keyring([self.keys]), lambda: self.now)
        self.root = (self.folder / "metadata" / "1.root.json").read_bytes()

    def repository(self) -> Repository:
        return Repository(self.folder, Keyring([self.keys]), lambda: self.now)

    def publish(self, bundle: Path, channel: str = "stable", classes: tuple[str, ...] = ("line",), **more) -> str:
        repository, loaded = self.repository(), load_bundle(bundle)
        release_bundle(repository, loaded, list(classes), more.get("least_runtime", "0.1"), Cleared())
        point_channel(repository, channel, loaded.identity)
        repository.commit()
        return loaded.identity


class OwnTest:
    """Answers `steps.SelfTest`."""

    def __init__(self, wrong: str = "") -> None:
        self.wrong = wrong

    def run(self, store: Store, journal: Journal, now_ns: int) -> str | None:
        return self.wrong


class Tried:
    """Answers `steps.Trial`: good once the machine has started on the bundle."""

    def __init__(self, wrong: str = "") -> None:
        self.wrong = wrong

    def judge(self, store: Store, journal: Journal, now_ns: int) -> float:
        if self.wrong:
            raise Refused("quality", self.wrong)
        running = store.running()
        return float(running is not None and running.bundle == journal.bundle)


class Beside:
    """Answers `steps.Trial`, for the shadow."""

    def __init__(self, wrong: str = "", seen: float = 1.0) -> None:
        self.wrong, self.seen = wrong, seen

    def judge(self, store: Store, journal: Journal, now_ns: int) -> float:
        if self.wrong:
            raise Refused("quality", self.wrong)
        return self.seen


class Machine:
    """A folder on a device, the process that updates it, and the line that runs from it."""

    def __init__(self, folder: Path, office: Office, disk: Disk | None = None) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.office, self.disk = folder, office, disk or Disk()
        self.now, self.now_ns, self.runs = office.now + timedelta(minutes=1), 0, 0
        self.opener, self.source = Source(), office.folder.as_uri()
        self.channel, self.machine_class, self.runtime = "stable", "line", "0.1.0"
        self.self_test, self.shadow, self.trial = OwnTest(), Beside(), Tried()
        self.name, self.may_begin = "packing/line-1", lambda: True
        self.profiles: Profiles | None = None

    def agent(self) -> Agent:
        """The update process as it starts."""
        releases = TufReleases(
            self.folder,
            self.source,
            self.office.root,
            self.channel,
            self.machine_class,
            self.runtime,
            self.opener,
            lambda: self.now_ns,
            lambda: self.now,
            self.disk,
        )
        store = Store(self.folder, self.disk)
        utc = f"{self.now:%Y-%m-%dT%H:%M:%S.000Z}"
        judges, utc_of = (self.self_test, self.shadow, self.trial), lambda: utc
        parts = Parts(releases, store, *judges, utc_of, 3_600 * S, self.name, self.may_begin, self.profiles)
        return Agent(parts)

    def start_line(self) -> str:
        """The line as it starts: what it runs."""
        bundle, _ = choose(self.folder, FACTORY)
        self.runs += 1
        note_running(self.folder, bundle.identity, f"run-{self.runs}")
        return bundle.identity

    def run(self, agent: Agent, steps: int = 60) -> str:
        """Step it until nothing is under way, the line starting anew when it is told to; returns why it refused."""
        began = False
        for _ in range(steps):
            self.now_ns = max(self.now_ns, agent.step(self.now_ns))
            if agent.state == "probation":
                self.start_line()
            began = began or agent.state != "idle"
            if began and agent.state == "idle":
                break
        assert agent.state == "idle", agent.state
        return agent.told.why

    def holds(self) -> dict[str, bytes]:
        """All that is on its disk."""
        return dict(self._files())

    def _files(self) -> Iterator[tuple[str, bytes]]:
        for path in sorted(self.folder.rglob("*")):
            if path.is_file():
                yield path.relative_to(self.folder).as_posix(), path.read_bytes()


def bundles(folder: Path) -> tuple[Path, Path]:
    """Two bundles that differ."""
    return write_bundle(folder / "old", name="old"), write_bundle(folder / "new", name="new")


def copied(source: Path, target: Path) -> Path:
    shutil.copytree(source, target)
    return target
