"""A rollout on disk: one record a channel beside the releases, and the channel's word that follows from it.

The record is written first, then the word is signed: killed anywhere, the next call signs what the record says.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from edge.durable import write_whole
from edge.errors import UsageFault
from edge.release import Channel, Wave
from edge.sealed import seal, unseal
from training.publish.changing import changing
from training.publish.channels import needed_word, released, say
from training.publish.repository import Repository
from training.publish.rollout import Phase, Record, Said, decide, next_word


class Rolling:
    """One channel's. `open_releases` reads the folder anew, for each call; one call at a time changes it."""

    def __init__(self, open_releases: Callable[[], Repository], channel: str) -> None:
        self._open = open_releases
        self._channel = channel

    def start(
        self,
        bundle: str,
        fleet: Sequence[str],
        waves: Sequence[Wave],
        success: float,
        errors: float,
        hold_minutes: float,
        patience_minutes: float,
    ) -> Record:
        """Begin one, with its first wave. Raises UsageFault where one is under way, or the channel names it already."""
        with self._alone() as (repository, before):
            word = needed_word(repository, self._channel)
            if before and before.is_open:
                raise UsageFault(f"{self._channel}: {before.bundle} is {before.phase}; resume or abort that first")
            if word.bundle == released(repository, bundle):
                raise UsageFault(f"{self._channel}: names {bundle} already")
            if unknown := {machine for wave in waves for machine in wave.machines} - set(fleet):
                raise UsageFault(f"{', '.join(sorted(unknown))}: not in the fleet of {len(fleet)} machines")
            record = Record(
                channel=self._channel,
                bundle=bundle,
                good=word.bundle,
                good_since=word.since or word.counter,
                since=word.counter + 1,
                fleet=tuple(fleet),
                waves=tuple(waves),
                success=success,
                errors=errors,
                hold_minutes=hold_minutes,
                patience_minutes=patience_minutes,
                opened_utc=repository.utc(),
            )
            return self._settle(repository, record, None)

    def look(self, heard: Mapping[str, Said]) -> Record:
        """Decide by what was heard, and let the channel say it."""
        with self._alone() as (repository, before):
            record = self._needed(before)
            word = needed_word(repository, self._channel)
            return self._settle(repository, decide(record, word, heard, repository.utc()), record)

    def turn(self, phase: Phase, why: str = "") -> Record:
        """What a person says. A rollout that goes on has all its patience again."""
        with self._alone() as (repository, before):
            record = self._needed(before)
            if not record.is_open:
                raise UsageFault(f"{self._channel}: the rollout of {record.bundle} is over: {record.phase}")
            changes: dict[str, object] = {"phase": phase, "why": why}
            if phase == "running" and record.phase != "running":
                changes["opened_utc"] = repository.utc()
            return self._settle(repository, record.model_copy(update=changes), record)

    def change(self, made: Callable[[Repository], Channel]) -> Channel:
        """Another word of the channel, a pin say."""
        with self._alone() as (repository, _):
            word = made(repository)
            repository.commit()
            return word

    def read(self) -> tuple[Record | None, Channel]:
        """The last rollout, and what the channel says. Writes nothing."""
        repository = self._open()
        return self._read(repository), needed_word(repository, self._channel)

    def _settle(self, repository: Repository, record: Record, before: Record | None) -> Record:
        if record != before:
            write_whole(self._path(repository), seal(record))
        now = needed_word(repository, self._channel)
        wanted = next_word(record, now)
        if wanted != now:
            say(repository, wanted)
            repository.commit()
        return record

    @contextmanager
    def _alone(self) -> Iterator[tuple[Repository, Record | None]]:
        with changing(self._open) as repository:
            yield repository, self._read(repository)

    def _read(self, repository: Repository) -> Record | None:
        path = self._path(repository)
        if not path.exists():
            return None
        if (record := unseal(path.read_bytes(), Record)) is None:
            raise UsageFault(f"{path}: not the whole record of a rollout; restore it, or delete it to forget it")
        return record

    def _path(self, repository: Repository) -> Path:
        return repository.folder / "rollouts" / f"{self._channel}.json"

    def _needed(self, record: Record | None) -> Record:
        if record is None:
            raise UsageFault(f"{self._channel}: no rollout yet; sorter rollout start begins one")
        return record
