"""A channel's word: what it says now, and its next one, which is signed by the rollout's key at the next commit."""

from edge.errors import UsageFault
from edge.release import (
    MOST_PAPER,
    PAPER,
    Channel,
    Pin,
    SentProfile,
    bundle_path,
    channel_of,
    channel_path,
    profile_path,
)
from edge.sent import digest_of
from training.publish.repository import Repository


def word_of(repository: Repository, name: str) -> Channel | None:
    """What a channel says now; None where there is no such channel."""
    raw = repository.read_target("channels", channel_path(name))
    return channel_of(raw, name) if raw else None


def needed_word(repository: Repository, name: str) -> Channel:
    """Raises UsageFault where there is no such channel."""
    if (word := word_of(repository, name)) is None:
        raise UsageFault(f"{name}: no such channel in {repository.folder}; sorter publish BUNDLE --channel {name}")
    return word


def released(repository: Repository, identity: str) -> str:
    """The identity again. Raises UsageFault where there is no such release."""
    if repository.read_target("bundles", f"{bundle_path(identity)}/{PAPER}") is None:
        raise UsageFault(f"{identity}: not released in {repository.folder}; publish the bundle's folder first")
    return identity


def say(repository: Repository, word: Channel) -> Channel:
    """Let the channel say this from the next commit on, under the next counter and today's date."""
    before = word_of(repository, word.channel)
    stamped = {
        "counter": before.counter + 1 if before else 1,
        "issued_utc": f"{repository.utc():%Y-%m-%dT%H:%M:%SZ}",
    }
    said = Channel.model_validate(word.model_dump() | stamped)
    raw = (said.model_dump_json(indent=1, exclude_defaults=True) + "\n").encode()
    if len(raw) > MOST_PAPER:
        raise UsageFault(f"{word.channel}: a word of {len(raw)} bytes; {MOST_PAPER} at most: pin fewer machines")
    repository.add("channels", {channel_path(word.channel): raw})
    return said


def pin(repository: Repository, name: str, machine: str, identity: str | None) -> Channel:
    """One machine runs this bundle, or the one that the channel names now, until it is unpinned."""
    word = needed_word(repository, name)
    made = Pin(bundle=released(repository, identity or word.bundle), since=word.counter + 1)
    return say(repository, word.model_copy(update={"pins": {**word.pins, machine: made}}))


def send_profile(repository: Repository, name: str, machine: str, raw: bytes) -> Channel:
    """Release a machine's profile and let its channel name it."""
    word, digest = needed_word(repository, name), digest_of(raw)
    path = profile_path(machine, digest)
    if repository.read_target("bundles", path) is None:
        repository.add("bundles", {path: raw})
    made = SentProfile(digest=digest, since=word.counter + 1)
    return say(repository, word.model_copy(update={"profiles": {**word.profiles, machine: made}}))


def unpin(repository: Repository, name: str, machine: str) -> Channel:
    """The machine follows its channel again. Raises UsageFault where it is not pinned."""
    word = needed_word(repository, name)
    if machine not in word.pins:
        held = ", ".join(word.pins) or "none"
        raise UsageFault(f"{machine}: not pinned in channel {name}; pinned are: {held}")
    return say(repository, word.model_copy(update={"pins": {m: p for m, p in word.pins.items() if m != machine}}))
