"""Whom the device believes: TUF's client over the release folder, and what TUF leaves to its user.

That is the clock (with a clock that is behind, what has expired looks good: a floor of the latest time seen), the
channel's counter (a floor of the latest word followed), the class of the machine, and the version of the runtime.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from pydantic import Field
from tuf.api import exceptions as said
from tuf.api.metadata import TargetFile
from tuf.ngclient import Updater, UpdaterConfig

from edge.clock import Clock
from edge.errors import BundleFault
from edge.release import (
    MOST_PAPER,
    PAPER,
    Channel,
    Paper,
    bundle_path,
    channel_of,
    channel_path,
    check_paper,
    paper_of,
    profile_path,
)
from edge.sealed import Sealed
from edge.sent import digest_of
from edge.update.disk import Disk
from edge.update.fetch import Fetcher, Opener, resume
from edge.update.kept import find, keep
from edge.update.refusal import Refused, Unreachable, Why

T = TypeVar("T")

LIMITS = UpdaterConfig(
    max_root_rotations=64,
    max_delegations=8,
    root_max_length=65_536,
    timestamp_max_length=16_384,
    snapshot_max_length=262_144,
    targets_max_length=2_000_000,
)
BEHIND = timedelta(hours=1)
"""How far this clock may be behind one that signed: clocks differ."""
NOTE_EVERY = timedelta(hours=12)

_WHY: tuple[tuple[type[Exception], Why], ...] = (
    (said.ExpiredMetadataError, "expired"),
    (said.BadVersionNumberError, "rolled-back"),
    (said.EqualVersionNumberError, "rolled-back"),
    (said.UnsignedMetadataError, "signature"),
    (said.LengthOrHashMismatchError, "altered"),
    (said.DownloadLengthMismatchError, "oversized"),
    (said.SlowRetrievalError, "slow"),
    (said.RepositoryError, "malformed"),
)


class Floor(Sealed):
    """Below this nothing is believed: the latest time at which a release was good, and each channel's last word."""

    utc: str = "2026-01-01T00:00:00+00:00"
    words: dict[str, int] = Field(default_factory=dict)


class TufReleases:
    """Answers `steps.Releases`, for one machine and its channel. `root` is the root.json that the machine was given:
    all trust begins there, whatever the cache says. One process a folder."""

    def __init__(  # what a machine is told once
        self,
        folder: Path,
        source: str,
        root: bytes,
        channel: str,
        machine_class: str,
        runtime: str,
        opener: Opener,
        clock: Clock,
        utc: Callable[[], datetime],
        disk: Disk | None = None,
    ) -> None:
        self._folder = folder
        self._source = source.rstrip("/")
        self._root = root
        self._channel = channel
        self._who = (machine_class, runtime)
        self._opener = opener
        self._clock = clock
        self._utc = utc
        self._disk = disk or Disk()
        self._updater: Updater | None = None

    def check(self) -> Channel:
        now, floor = self._utc(), self._floor()
        if now < datetime.fromisoformat(floor.utc) - BEHIND:
            raise Refused("clock", f"this clock says {now:%Y-%m-%d %H:%M}; releases were good at {floor.utc} already")
        with _told():
            self._updater = Updater(
                str(self._folder / "trust"),
                f"{self._source}/metadata/",
                fetcher=Fetcher(self._opener, self._clock),
                config=LIMITS,
                bootstrap=self._root,
            )
            self._updater._trusted_set.reference_time = now  # TUF has no port for the clock
            self._updater.refresh()
            raw = self._read(channel_path(self._channel))
        word = _checked(lambda: channel_of(raw, self._channel))
        issued = _instant(word)
        if issued > now + BEHIND:
            raise Refused("clock", f"channel {word.channel} was signed at {word.issued_utc}; it is {now:%F %T} here")
        if word.counter < floor.words.get(word.channel, 0):
            last = floor.words[word.channel]
            raise Refused("replayed", f"channel {word.channel}: word {word.counter}; {last} was followed already")
        self._note(floor, now)
        return word

    def paper(self, identity: str) -> Paper:
        with _told():
            raw = self._read(f"{bundle_path(identity)}/{PAPER}")
        paper = _checked(lambda: paper_of(raw, identity))
        try:
            check_paper(paper, self._who[0], "999999")
        except BundleFault as fault:
            raise Refused("machine-class", str(fault)) from None
        try:
            check_paper(paper, *self._who)
        except BundleFault as fault:
            raise Refused("runtime", str(fault)) from None
        return paper

    def profile(self, machine: str, digest: str) -> bytes:
        """Answers `profiles.Source`."""
        path = profile_path(machine, digest)
        with _told():
            raw = self._read(path)
        if digest_of(raw) != digest:
            raise Refused("malformed", f"{path}: holds {digest_of(raw)}")
        return raw

    def fetch(self, paper: Paper, name: str, part: Path) -> Iterator[int]:
        path = f"{bundle_path(paper.bundle)}/{name}"
        listed = paper.files[name]
        with _told():
            target = self._target(path)
            if (target.length, target.hashes.get("sha256")) != (listed.length, listed.sha256):
                raise Refused("rolled-back", f"{path}: what is signed for it is not what its paper says")
            yield from resume(self._opener, self._url(target), part, target.length, self._disk, self._clock)

    def accept(self, word: Channel) -> None:
        floor = self._floor()
        if floor.words.get(word.channel, 0) < word.counter:
            words = {**floor.words, word.channel: word.counter}
            keep(self._disk, self._folder / "floor.json", floor.model_copy(update={"words": words}))

    def _note(self, floor: Floor, now: datetime) -> None:
        """What was good now, by this clock, bounds how far ahead it can be: expiry is near."""
        if now - datetime.fromisoformat(floor.utc) > NOTE_EVERY:
            keep(self._disk, self._folder / "floor.json", floor.model_copy(update={"utc": now.isoformat()}))

    def _floor(self) -> Floor:
        return find(self._disk, self._folder / "floor.json", Floor) or Floor()

    def _target(self, path: str) -> TargetFile:
        if self._updater is None:
            self.check()
        assert self._updater is not None
        target = self._updater.get_targetinfo(path)
        if target is None:
            raise Refused("malformed", f"{path}: nobody signed for such a file")
        if "sha256" not in target.hashes:
            raise Refused("malformed", f"{path}: is signed without its sha256")
        return target

    def _read(self, path: str) -> bytes:
        """A small target, checked."""
        target = self._target(path)
        if target.length > MOST_PAPER:
            raise Refused("oversized", f"{path}: {target.length} bytes are signed for; {MOST_PAPER} at most")
        raw = Fetcher(self._opener, self._clock).download_bytes(self._url(target), target.length)
        target.verify_length_and_hashes(raw)
        return raw

    def _url(self, target: TargetFile) -> str:
        head, _, name = target.path.rpartition("/")
        return f"{self._source}/targets/{head}/{target.hashes['sha256']}.{name}"


def _instant(word: Channel) -> datetime:
    try:
        return datetime.strptime(word.issued_utc, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise Refused("malformed", f"channel {word.channel}: {word.issued_utc} is no time") from None


@contextmanager
def _told() -> Iterator[None]:
    """TUF's errors as ours."""
    try:
        yield
    except said.DownloadError as error:
        for kind, why in _WHY:
            if isinstance(error, kind):
                raise Refused(why, str(error)) from None
        raise Unreachable(str(error)) from None
    except said.RepositoryError as error:
        why = next(why for kind, why in _WHY if isinstance(error, kind))
        raise Refused(why, str(error)) from None


def _checked(read: Callable[[], T]) -> T:
    try:
        return read()
    except BundleFault as fault:
        raise Refused("malformed", str(fault)) from None
