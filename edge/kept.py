"""What is kept of a fruit for people: its folder on the disk, and the records that it is asked for and answered with.

`<history>/pictures/<day>/<track_id>/` holds `track.json`, written once; `1.webp` and so on, the fruit's looks cut out,
their outline as alpha; and `words.json`, what people said of it. Whoever shows, reviews or learns from them reads this.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

PICTURES = "pictures"
"""The folder of kept pictures within a history."""

TRACK, WORDS = "track.json", "words.json"

Why = Literal["flagged", "audited", "random", "unknown", "doubtful"]
"""Why a fruit's pictures are kept. In the order of their worth: a person asked for them; they were drawn for the audit,
or at random, and stand for all fruit; the bundle did not know, or doubted."""

WHYS: tuple[Why, ...] = get_args(Why)
_TRACK = re.compile(r"[A-Za-z0-9_-]{1,32}\.[0-9]{1,12}")
"""It becomes a folder's name, wherever it came from."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: of which frame, the chances that the bundle gave it, and what its file must be."""

    file: str
    frame: int
    scores: tuple[float, ...]
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Kept:
    """One fruit, and what was decided of it by which bundle at `at_utc`. `features`: the looks' mean, base64 of int8,
    empty where there is none."""

    track_id: str
    why: Why
    at_utc: str
    label: str
    confidence: float
    unknown_score: float
    scores: tuple[float, ...]
    outlet: str
    reason: str
    bundle: str
    profile: str
    lane: int
    length_mm: float
    features: str
    shots: tuple[Shot, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """What a person said that a fruit is: None takes back. `seconds`: how long that took, where it was measured;
    `flag`: asks for its pictures to be kept and looked at."""

    track_id: str
    user: str
    command_id: str
    at_utc: str
    label: str | None
    seconds: float | None = None
    flag: bool = False


@dataclass(frozen=True, slots=True)
class AskedList:
    """`user` asks by the command `command_id` which fruit to judge next, `most` of them; or, `judged`, which have been,
    from the oldest on, behind `after` where that is told."""

    user: str
    command_id: str
    most: int
    judged: bool = False
    after: str | None = None


@dataclass(frozen=True, slots=True)
class AskedPictures:
    """`user` asks for a fruit's pictures, from `offset` in their stream on: see `streamed`."""

    user: str
    command_id: str
    track_id: str
    offset: int


@dataclass(frozen=True, slots=True)
class Item:
    """One fruit to judge: nothing of its verdict. `total` are its pictures' bytes, `because` is why it is asked for."""

    track_id: str
    why: Why
    at_utc: str
    total: int
    because: str


@dataclass(frozen=True, slots=True)
class Person:
    """What one user has judged of what is kept: `judged` fruit, in `median_s` each; `shared` of them somebody else has
    judged too, `agreed` with the same word."""

    judged: int
    median_s: float | None
    shared: int
    agreed: int


@dataclass(frozen=True, slots=True)
class Listed:
    """The answer to an AskedList. `waiting` fruit are not judged yet."""

    asked: AskedList
    items: tuple[Item, ...]
    waiting: int
    people: Mapping[str, Person]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of the answer to an AskedPictures. Of a fruit that is not kept (any more) `total` is 0."""

    asked: AskedPictures
    offset: int
    total: int
    sha256: str
    data: bytes


Asked = AskedList | AskedPictures
Answered = Listed | Chunk


def encode(kept: Kept) -> bytes:
    """As `track.json` holds it."""
    return json.dumps(asdict(kept), separators=(",", ":")).encode()


def decode(data: bytes | str) -> Kept:
    """Raises ValueError for what is no `track.json`."""
    try:
        held: dict[str, Any] = json.loads(data)
        shots = tuple(_shot(one) for one in held.pop("shots"))
        kept = Kept(**held | {"scores": tuple(held["scores"])}, shots=shots)
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"not what is kept of a fruit: {error}") from None
    if not _TRACK.fullmatch(kept.track_id):
        raise ValueError(f"track_id = {kept.track_id!r}: must be a run's name, a dot and a number")
    if kept.why not in WHYS:
        raise ValueError(f"why = {kept.why!r}: must be {', '.join(WHYS)}")
    return kept


def decode_words(data: bytes | str) -> list[Word]:
    """Raises ValueError for what is no `words.json`."""
    try:
        return [Word(**one) for one in json.loads(data)]
    except TypeError as error:
        raise ValueError(f"not what people said: {error}") from None


def encode_words(words: Iterable[Word]) -> bytes:
    return json.dumps([asdict(word) for word in words], separators=(",", ":")).encode()


def said(words: Iterable[Word]) -> dict[str, Word]:
    """Each user's newest label; who took it back is not in it."""
    newest: dict[str, Word] = {}
    for word in words:
        if word.flag and word.label is None:
            continue
        newest[word.user] = word
    return {user: word for user, word in newest.items() if word.label is not None}


def streamed(kept: Kept, pictures: Iterable[bytes], words: Iterable[Word]) -> bytes:
    """A fruit as one run of bytes, to be sent in parts: what its two files hold, a line each, then its pictures."""
    return b"".join((encode(kept), b"\n", encode_words(words), b"\n", *pictures))


def unstreamed(stream: bytes) -> tuple[Kept, list[bytes], list[Word]]:
    """Back again. Raises ValueError where it is not whole, or a picture is not what `track.json` says."""
    head, _, rest = stream.partition(b"\n")
    words, _, rest = rest.partition(b"\n")
    kept, at, pictures = decode(head), 0, []
    for shot in kept.shots:
        pictures.append(rest[at : at + shot.bytes])
        at += shot.bytes
    _check(kept, pictures)
    return kept, pictures, decode_words(words)


def fruit_folders(pictures: Path) -> Iterator[Path]:
    """The folders of all kept fruit below `<history>/pictures`, the oldest day first."""
    if pictures.is_dir():
        for day in sorted(path for path in pictures.iterdir() if path.is_dir() and not path.name.startswith(".")):
            yield from sorted(path for path in day.iterdir() if path.is_dir() and not path.name.startswith("."))


def read_fruit(folder: Path) -> tuple[Kept, list[bytes], list[Word]]:
    """One kept fruit, whole. Raises ValueError where it is torn, OSError where it is not there."""
    kept = decode((folder / TRACK).read_bytes())
    pictures = [(folder / shot.file).read_bytes() for shot in kept.shots]
    _check(kept, pictures)
    words = folder / WORDS
    return kept, pictures, decode_words(words.read_bytes()) if words.exists() else []


def _check(kept: Kept, pictures: Iterable[bytes]) -> None:
    for shot, data in zip(kept.shots, pictures, strict=True):
        if hashlib.sha256(data).hexdigest() != shot.sha256:
            raise ValueError(f"{kept.track_id}/{shot.file} is not what {TRACK} says")


def _shot(held: Mapping[str, Any]) -> Shot:
    shot = Shot(**{**held, "scores": tuple(held["scores"])})
    if Path(shot.file).name != shot.file or shot.file in {"", ".", ".."}:
        raise ValueError(f"file = {shot.file!r}: must be a name")
    return shot
