"""What a signed release says: the paper that goes with a bundle, and the channel that names the bundle of the day.

Both are targets of a TUF repository, under two roles: `bundles` (an offline key) signs papers and the files that they
list, `channels` (the rollout's key) signs what a channel names. So whoever holds the rollout's key can choose among
released bundles and make none. Unknown keys are left alone: a meaning that changes is a new `format`.
"""

import hashlib
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edge.bundle import Bundle
from edge.errors import BundleFault

PAPER = "release.json"
MOST_BYTES = 64_000_000
"""Of all files of a bundle together."""
MOST_PAPER = 65_536
"""Bytes of a paper, a channel's word or a profile."""

ClassName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
Identity = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}@[0-9a-f]{12}$")]
MachineId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}/[a-z0-9][a-z0-9_-]{0,31}$")]
"""`site/machine`, as in a topic."""
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]


class _Said(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Listed(_Said):
    """One file of a bundle: its bytes and their sha256."""

    length: Annotated[int, Field(ge=0, le=MOST_BYTES)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Waiver(_Said):
    """A release criterion that the bundle does not meet (`found`: its figure and the limit, or "unmeasured"), and who
    released it all the same, when and why."""

    criterion: str
    found: str
    why: str
    by: str
    said_utc: str


class Paper(_Said):
    """`bundles/NAME/DIGEST/release.json`: a bundle's files, and which machines may run it. `least_runtime` is the
    oldest version of this package that can; `evaluation_sha256` that of the report.json that the release stands on."""

    format: Literal[1]
    bundle: Identity
    machine_classes: Annotated[tuple[ClassName, ...], Field(min_length=1)]
    least_runtime: Annotated[str, Field(pattern=r"^\d+(\.\d+){0,2}$")]
    files: Annotated[dict[FileName, Listed], Field(min_length=1, max_length=32)]
    evaluation_sha256: str | None = None
    waivers: tuple[Waiver, ...] = ()

    @property
    def length(self) -> int:
        """Bytes of all files."""
        return sum(file.length for file in self.files.values())


class Wave(_Said):
    """The machines that a rollout has reached: those named, and of all others a share, by `place_of`."""

    machines: tuple[MachineId, ...] = ()
    share: Annotated[float, Field(ge=0, le=1)] = 0.0


class Rollout(Wave):
    """A bundle on its way to a channel's machines. `since`: the counter of the word that began it."""

    bundle: Identity
    since: Annotated[int, Field(ge=1)]


class Pin(_Said):
    """What one machine runs, whatever its channel names. `since` as in `Rollout`."""

    bundle: Identity
    since: Annotated[int, Field(ge=1)]


class SentProfile(_Said):
    """The settings of one machine: the digest of a profile that was released for it. `since` as in `Rollout`."""

    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]
    since: Annotated[int, Field(ge=1)]


class Channel(_Said):
    """`channels/NAME.json`: the bundle that the machines of a channel shall run. `counter` grows with every word of the
    channel, also where an older bundle is named again; `since` is the word that `bundle` has stood in first, 0 for this
    one. `urgent`: machines do not wait for their maintenance window. A runtime that knows neither rollouts nor pins
    follows `bundle`, the last one that is known to be good."""

    format: Literal[1]
    channel: ClassName
    counter: Annotated[int, Field(ge=1)]
    issued_utc: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
    bundle: Identity
    since: Annotated[int, Field(ge=0)] = 0
    rollout: Rollout | None = None
    pins: Annotated[dict[MachineId, Pin], Field(max_length=500)] = {}
    profiles: Annotated[dict[MachineId, SentProfile], Field(max_length=500)] = {}
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a machine shall run, since which word of its channel, and by which part of that word."""

    bundle: str
    since: int
    by: Literal["channel", "rollout", "pin"]


def wanted(word: Channel, machine: str) -> Wanted:
    """The one place where it is decided which machine runs which bundle: by what is signed, and the machine's own
    name `site/machine`."""
    if pin := word.pins.get(machine):
        return Wanted(pin.bundle, pin.since, "pin")
    if word.rollout and holds(word.rollout, word.rollout, machine):
        return Wanted(word.rollout.bundle, word.rollout.since, "rollout")
    return Wanted(word.bundle, word.since or word.counter, "channel")


def holds(wave: Wave, rollout: Rollout, machine: str) -> bool:
    """Whether a wave of a rollout holds a machine. A larger share holds all that a smaller one did."""
    return machine in wave.machines or place_of(rollout, machine) < wave.share


def place_of(rollout: Rollout, machine: str) -> float:
    """A machine's place in the order of a rollout, in [0, 1): evenly spread, and another one in the next rollout, so
    that it is not always the same machines that go first."""
    digest = hashlib.sha256(f"{rollout.bundle} {rollout.since} {machine}".encode()).digest()
    return (int.from_bytes(digest[:8], "big") >> 11) / (1 << 53)


def bundle_path(identity: str) -> str:
    """Where a repository keeps the bundle `name@digest`: a path of targets without an end."""
    name, _, digest = identity.partition("@")
    return f"bundles/{name}/{digest}"


def profile_path(machine: str, digest: str) -> str:
    """Where a repository keeps a profile of `site/machine`."""
    return f"profiles/{machine}/{digest}.toml"


def channel_path(channel: str) -> str:
    return f"channels/{channel}.json"


def paper_of(raw: bytes, identity: str) -> Paper:
    """Read a paper. Raises BundleFault where it is not good, or the paper of another bundle."""
    try:
        paper = Paper.model_validate_json(raw)
    except ValidationError as error:
        raise BundleFault(f"{bundle_path(identity)}/{PAPER}: {_first(error)}") from None
    if paper.bundle != identity:
        raise BundleFault(f"{bundle_path(identity)}/{PAPER}: is the paper of {paper.bundle}, not of {identity}")
    if paper.length > MOST_BYTES:
        raise BundleFault(f"{bundle_path(identity)}/{PAPER}: {paper.length} bytes; a bundle has {MOST_BYTES} at most")
    return paper


def channel_of(raw: bytes, name: str) -> Channel:
    """Read a channel's word. Raises BundleFault where it is not good, or that of another channel."""
    try:
        channel = Channel.model_validate_json(raw)
    except ValidationError as error:
        raise BundleFault(f"{channel_path(name)}: {_first(error)}") from None
    if channel.channel != name:
        raise BundleFault(f"{channel_path(name)}: is the channel {channel.channel}, not {name}")
    return channel


def check_paper(paper: Paper, machine_class: str, runtime: str) -> None:
    """Raise BundleFault unless a machine of this class, with this version of the package, may run the bundle."""
    if machine_class not in paper.machine_classes:
        allowed = ", ".join(paper.machine_classes)
        raise BundleFault(f"{paper.bundle}: is for machines of class {allowed}; this one's is {machine_class}")
    if _numbers(runtime) < _numbers(paper.least_runtime):
        raise BundleFault(f"{paper.bundle}: needs sorter {paper.least_runtime}; this is {runtime}: update it first")


def check_bundle(paper: Paper, bundle: Bundle) -> None:
    """Raise BundleFault unless the bundle is the paper's, file by file."""
    if bundle.identity != paper.bundle:
        raise BundleFault(f"{bundle.folder}: holds {bundle.identity}; its paper names {paper.bundle}")


def _numbers(version: str) -> tuple[int, ...]:
    """`1.2.3rc1` as (1, 2, 3): what comes before the first part that is no number."""
    numbers: list[int] = []
    for part in version.split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not digits:
            break
        numbers.append(int(digits))
    while numbers and not numbers[-1]:
        numbers.pop()  # 1.0 is 1
    return tuple(numbers)


def _first(error: ValidationError) -> str:
    fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(str(part) for part in fault["loc"]) or "the file"
    return f"{where[:80]}: {fault['msg']}"
