"""The profile that came over the air, as the machine and its update process leave it to each other in a folder.

`sent.json` (the update process writes it) says which one shall run, `sent/DIGEST.toml` is one; `sent-run.json` and
`sent-starts.json` (the machine writes them) say what runs, and how often a start on trial ended badly. The machine's
own file stays where it is, and is what runs where nothing else will do.
"""

import contextlib
import hashlib
from dataclasses import dataclass
from pathlib import Path

from edge.durable import write_whole
from edge.sealed import Sealed, read_sealed, seal

MOST_STARTS = 3
"""Starts on a profile on trial that ended badly; at the next one the profile before it runs."""
DIGITS = 12
"""Of the sha256 of a profile's file: its name."""


class Sent(Sealed):
    """`digest`: the profile that shall run, empty for the machine's own file; `fallback`: the one before it, which runs
    again if the trial fails; `run_before`: the machine's run that was told to change. `refused`, since the channel's
    word `since`, was not good here: `text` says why."""

    digest: str = ""
    fallback: str = ""
    trial: bool = False
    since: int = 0
    run_before: str = ""
    refused: str = ""
    text: str = ""


class SentRun(Sealed):
    """What this run of the machine goes by. `text`: why it is not what it was told to be."""

    digest: str = ""
    run_id: str = ""
    text: str = ""


class SentStarts(Sealed):
    digest: str
    starts: int


@dataclass(frozen=True, slots=True)
class Choice:
    """What a start goes by. `path` None: the machine's own file."""

    digest: str
    path: Path | None
    text: str = ""


def digest_of(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()[:DIGITS]


def read_sent(folder: Path) -> Sent:
    """Never raises."""
    return read_sealed(folder / "sent.json", Sent) or Sent()


def read_run(folder: Path) -> SentRun:
    """Never raises."""
    return read_sealed(folder / "sent-run.json", SentRun) or SentRun()


def current(folder: Path, own: Path) -> Path:
    """The profile that shall run now; a machine's `own` where none was sent."""
    digest = read_sent(folder).digest
    return sent_path(folder, digest) if digest else own


def sent_path(folder: Path, digest: str) -> Path:
    return folder / "sent" / f"{digest}.toml"


def choose(folder: Path) -> Choice:
    """For this start of the machine; a start on trial is counted. Never raises."""
    sent = read_sent(folder)
    text, wanted = "", [sent.digest, sent.fallback]
    if sent.trial and _starts(folder, sent.digest) >= MOST_STARTS:
        text, wanted = f"the machine did not stay up with it in {MOST_STARTS} starts", [sent.fallback]
    for digest in wanted:
        if not digest:
            break
        path = sent_path(folder, digest)
        try:
            whole = digest_of(path.read_bytes()) == digest
        except OSError:
            whole = False
        if not whole:
            text = text or f"{path}: is not whole"
            continue
        if sent.trial and digest == sent.digest:
            _write(folder / "sent-starts.json", SentStarts(digest=digest, starts=_starts(folder, digest) + 1))
        return Choice(digest, path, text)
    return Choice("", None, text)


def note_run(folder: Path, choice: Choice, run_id: str) -> None:
    """Tell the update process what this run goes by. What cannot be written is not told."""
    run = SentRun(digest=choice.digest, run_id=run_id, text=choice.text)
    if read_sent(folder) != Sent() or read_run(folder) != SentRun():
        _write(folder / "sent-run.json", run)


def note_good_end(folder: Path) -> None:
    """The run ended as it was told to: no start is counted against its profile."""
    with contextlib.suppress(OSError):
        (folder / "sent-starts.json").unlink(missing_ok=True)


def _starts(folder: Path, digest: str) -> int:
    found = read_sealed(folder / "sent-starts.json", SentStarts)
    return found.starts if found and found.digest == digest else 0


def _write(path: Path, record: Sealed) -> None:
    with contextlib.suppress(OSError):
        write_whole(path, seal(record))
