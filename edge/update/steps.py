"""What each state of an update does, as a function of its parts and its journal: either a move to the next state, which
is then written down, or an instant until which it waits. Each may be cut off anywhere and is then done again.

    idle → check → download → verify → stage → self-test → shadow → activate → probation → commit → idle
                       └──────────┴───────┴────────┴──────────┴─ failed  └─────────┴─────────┴─ rollback → failed → idle
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from edge.bundle import load_bundle
from edge.release import PAPER, Channel, Paper, Wanted, check_bundle, paper_of, wanted
from edge.update.journal import Journal
from edge.update.profiles import Profiles
from edge.update.refusal import Refused, Why
from edge.update.store import Store
from edge.updates import UpdateState, read_compared, read_figures

S = 1_000_000_000
POLL_NS = S
SPARE_BYTES = 8_000_000
"""Stays free on the disk."""

REMEMBERED: frozenset[Why] = frozenset(
    ("machine-class", "runtime", "bundle", "self-test", "unsteady", "quality", "attempts", "malformed")
)
"""What another try would not mend. The rest is tried again at the next check."""


class Releases(Protocol):
    """Whoever is believed: `edge.update.trust`. Raises Refused or Unreachable."""

    def check(self) -> Channel:
        """The newest word of this machine's channel."""

    def paper(self, identity: str) -> Paper:
        """The paper of a bundle that this machine may run."""

    def fetch(self, paper: Paper, name: str, part: Path) -> Iterator[int]:
        """Bring one file of it into a part, from where that ends; yields the bytes that are there."""

    def profile(self, machine: str, digest: str) -> bytes:
        """A profile that was released for a machine."""

    def accept(self, word: Channel) -> None:
        """Remember it: an older word is refused from now on."""


class SelfTest(Protocol):
    """A process of its own that runs a bundle's golden outputs, latency and labels."""

    def run(self, store: Store, journal: Journal, now_ns: int) -> str | None:
        """Starts it, unless it is running. None while it runs; then what is wrong, empty where nothing is."""


class Trial(Protocol):
    """Whether a bundle is good: in the shadow of another, or on probation."""

    def judge(self, store: Store, journal: Journal, now_ns: int) -> float:
        """How much of what is wanted was seen: from 1 on it is good. Raises Refused where it is not."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the steps work with. `machine` is `site/machine`; `may_begin` whether its maintenance window is open."""

    releases: Releases
    store: Store
    self_test: SelfTest
    shadow: Trial
    trial: Trial
    utc: Callable[[], str]
    check_every_ns: int
    machine: str
    may_begin: Callable[[], bool] = lambda: True
    profiles: Profiles | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """To another state, with what else the journal is to hold, and what else is told."""

    to: UpdateState
    changes: Mapping[str, object] = field(default_factory=dict)
    tells: Mapping[str, object] = field(default_factory=dict)


Progress = Callable[[float], None]
"""Told the share of a download that is here, or of a trial that is behind it."""
Done = Move | int
Step = Callable[[Parts, Journal, int, Progress], Done]


def heard(parts: Parts) -> tuple[Channel, Wanted]:
    """The channel's word, accepted, and what it wants of this machine. Raises Refused or Unreachable."""
    word = parts.releases.check()
    parts.releases.accept(word)
    return word, wanted(word, parts.machine)


def check(parts: Parts, journal: Journal, now_ns: int, progress: Progress) -> Done:
    word = parts.releases.check()
    goal = wanted(word, parts.machine)
    refused = (goal.bundle, goal.since) == journal.refusal
    tells = _heard(word, goal) | {"refused": goal.bundle if refused else ""}
    if parts.profiles and parts.profiles.follow(word, parts.releases, word.urgent or parts.may_begin()):
        return Move("idle", tells=tells | {"waits": "profile"})
    if refused or goal.bundle == parts.store.active().bundle:
        parts.releases.accept(word)
        return Move("idle", tells=tells)
    parts.releases.paper(goal.bundle)  # refused here, nothing has been written
    parts.releases.accept(word)
    if not (word.urgent or parts.may_begin()):
        return Move("idle", tells=tells | {"waits": "window"})
    found = {"bundle": goal.bundle, "word": goal.since, "slot": parts.store.free(), "attempts": 0}
    return Move("download", found | {"why": "", "text": ""}, tells)


def _heard(word: Channel, goal: Wanted) -> dict[str, object]:
    return {"channel": word.channel, "word": word.counter, "wanted": goal.bundle, "by": goal.by, "waits": ""}


def download(parts: Parts, journal: Journal, now_ns: int, progress: Progress) -> Done:
    releases, store = parts.releases, parts.store
    if wanted(releases.check(), parts.machine).bundle != journal.bundle:  # overtaken while this one was on its way
        return Move("failed", {"why": "", "text": ""})
    paper = releases.paper(journal.bundle)
    if store.disk.room(store.folder) < paper.length + SPARE_BYTES:
        raise Refused("disk", f"{store.folder}: no room for {paper.length} bytes and {SPARE_BYTES} to spare")
    store.receive(PAPER, paper.model_dump_json().encode())
    done = 0
    for name, listed in paper.files.items():
        for have in releases.fetch(paper, name, store.incoming / name):
            progress((done + have) / max(1, paper.length))
        done += listed.length
    store.disk.sync(store.incoming)
    return Move("verify")


def verify(parts: Parts, journal: Journal, now_ns: int, progress: Progress) -> Done:
    paper = _paper(parts.store, journal)
    for name, listed in paper.files.items():
        raw = parts.store.disk.read(parts.store.incoming / name)
        if raw is None or len(raw) != listed.length or hashlib.sha256(raw).hexdigest() != listed.sha256:
            raise Refused("altered", f"{paper.bundle}: {name} is not the file that was signed")
    check_bundle(paper, load_bundle(parts.store.incoming))
    return Move("stage")


def stage(parts: Parts, journal: Journal, now_ns: int, progress: Progress) -> Done:
    parts.store.stage(journal.slot, journal.bundle)
    return Move("self-test")


def self_test(parts: Parts, journal: Journal, now_ns: int, progress: Progress) -> Done:
    wrong = parts.self_test.run(parts.store, journal, now_ns)
    if wrong is None:
        return now_ns + POLL_NS // 10
    if wrong:
        raise Refused("self-test", wrong)
    return Move("shadow")


def shadow(parts: Parts, journal: Journal, now_ns: int, progress: Progress) -> Done:
    parts.store.shadow(journal.slot, journal.bundle)
    done = parts.shadow.judge(parts.store, journal, now_ns)
    if done < 1:
        progress(done)
        return now_ns + POLL_NS
    folder = parts.store.folder
    return Move("activate", {"before": read_figures(folder), "shadow": read_compared(folder)})


def activate(parts: Parts, journal: Journal, now_ns: int, progress: Progress) -> Done:
    parts.store.try_out(journal.slot, journal.bundle, journal.word)
    return Move("probation")


def probation(parts: Parts, journal: Journal, now_ns: int, progress: Progress) -> Done:
    done = parts.trial.judge(parts.store, journal, now_ns)
    if done < 1:
        progress(done)
        return now_ns + POLL_NS
    return Move("commit")


def commit(parts: Parts, journal: Journal, now_ns: int, progress: Progress) -> Done:
    parts.store.commit()
    return Move("idle", {"bundle": "", "refused": "", "refused_word": 0})


def roll_back(parts: Parts, journal: Journal, now_ns: int, progress: Progress) -> Done:
    parts.store.roll_back()
    return Move("failed")


def fail(parts: Parts, journal: Journal, now_ns: int, progress: Progress) -> Done:
    """Clear away what came; what another try would not mend is not tried again."""
    parts.store.clear()
    keeps = journal.why in REMEMBERED
    refused = {"refused": journal.bundle if keeps else "", "refused_word": journal.word if keeps else 0}
    return Move("idle", refused | {"bundle": ""}, {"refused": refused["refused"]})


def _paper(store: Store, journal: Journal) -> Paper:
    raw = store.disk.read(store.incoming / PAPER)
    if raw is None:
        raise Refused("altered", f"{journal.bundle}: its paper is gone")
    return paper_of(raw, journal.bundle)


STEPS: Mapping[UpdateState, Step] = {
    "check": check,
    "download": download,
    "verify": verify,
    "stage": stage,
    "self-test": self_test,
    "shadow": shadow,
    "activate": activate,
    "probation": probation,
    "commit": commit,
    "rollback": roll_back,
    "failed": fail,
}
"""The table: what each state but idle does."""

TRIED: tuple[UpdateState, ...] = ("shadow", "probation")
"""States that take as long as fruit do: the channel may say another word meanwhile."""

ON_ERROR: Mapping[UpdateState, UpdateState] = {
    "check": "idle",
    "download": "failed",
    "verify": "failed",
    "stage": "failed",
    "self-test": "failed",
    "shadow": "failed",
    "activate": "rollback",
    "probation": "rollback",
    "commit": "rollback",
    "rollback": "rollback",
    "failed": "failed",
}
"""Where a step that cannot be done leads, and one that this process ended in too often."""
