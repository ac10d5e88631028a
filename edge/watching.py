"""Those who watch the machine for decay, as its shell has them: which there are, and what it calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from edge.bundle import Bundle
from edge.config import Profile
from edge.entry import Told
from edge.indicators import agreed
from edge.log import Log
from edge.ports import RecordSink
from edge.watch.audit import Audit
from edge.watch.burn import BudgetWatch
from edge.watch.drift import Drift

_LOG = Log("watch")


class Watching(RecordSink, Protocol):
    """Whoever watches the machine for decay, as the shell has it: `put` and `news` from the line's thread."""

    def news(self) -> Iterable[Told]:
        """What is to be told since this was last asked."""

    def keep(self, now_ns: int) -> int:
        """Bring to disk what must outlive a restart; returns when to be called again. From a thread of its own."""

    def close(self) -> None:
        """The line has ended: what was learned last is kept too. By the thread of `keep`. Never raises."""


def news(watches: Iterable[Watching]) -> Iterator[Told]:
    """What each has to tell. One that cannot say it is passed over: it warns, and never stops the line."""
    for watch in watches:
        try:
            yield from watch.news()
        except Exception as fault:
            _LOG.warning("cannot tell what it sees", of=type(watch).__name__, why=repr(fault))


def audit_of(profile: Profile, run_id: str, bundle: Bundle) -> Audit | None:
    """The audit, where the profile asks for one. Raises UsageFault where what is agreed cannot be read."""
    if not profile.audit.share:
        return None
    accuracy = agreed().indicators.get("accuracy")
    return Audit(profile, run_id, bundle.identity, agreed=accuracy.target if accuracy else None)


def watches_of(profile: Profile, bundle: Bundle, audit: Audit | None) -> tuple[Watching, ...]:
    """Those that a profile asks for, the audit among them. Budgets last for weeks: they are watched where there is a
    history to remember them."""
    history = profile.history.folder
    found: list[Watching] = [audit] if audit else []
    if profile.watch.drift:
        found.append(Drift(profile, bundle.identity, history and history / "watch"))
    if history:
        found.append(BudgetWatch(profile, agreed(), audit.inspected if audit else tuple))
    return tuple(found)
