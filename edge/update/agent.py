"""Takes an update from state to state: what `edge.update.steps` says, written down before the next step begins.

Sorting goes on whatever happens here: what runs is changed by `Store.try_out` and `Store.roll_back` alone, each one
rename. A kill, a fault and a power cut lead to the same place: the journal, read anew.
"""

import contextlib

from edge.errors import BundleFault, UsageFault
from edge.log import Log
from edge.sealed import seal
from edge.update.journal import Book, Journal
from edge.update.refusal import Refused, Unreachable, Why
from edge.update.steps import ON_ERROR, POLL_NS, STEPS, TRIED, Move, Parts, S, heard
from edge.updates import ASKED, TOLD, Told, UpdateState

MOST_ATTEMPTS = 3
"""Starts of this process on one release: the next one gives it up."""
MOST_TRIES = 10
"""Of a download that is cut off; then it rests until the next check, and goes on from where it was."""
RETRY_NS = 60 * S
_UNWRITTEN: frozenset[tuple[UpdateState, UpdateState]] = frozenset((("idle", "check"), ("check", "idle")))
"""A check that finds nothing is not worth a write."""

_log = Log("update")


class Agent:
    """One machine's. Raises nothing that a disk or a network can do to it."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._store = parts.store
        self._book = Book(parts.store.folder, parts.store.disk)
        self._asked = parts.store.folder / ASKED
        self._check_at_ns = 0
        self._tries = 0
        self._came = 0.0
        self.told = Told()
        self.journal = Journal()
        try:
            self._store.prepare()
            self._resume()
        except OSError as error:
            self._hold("disk", _said(error))

    @property
    def state(self) -> UpdateState:
        return self.journal.state

    def step(self, now_ns: int) -> int:
        """Do one state's work; returns when to be called again."""
        try:
            if self.state == "idle":
                return self._idle(now_ns)
            if self.state in TRIED and self._is_overtaken(now_ns):
                self._go(Move(ON_ERROR[self.state], {"why": "", "text": ""}))
                return now_ns
            done = STEPS[self.state](self._parts, self.journal, now_ns, self._progress)
            if isinstance(done, Move):
                self._go(done)
                return now_ns
            return done
        except Unreachable as error:
            return self._wait(str(error), now_ns)
        except Refused as refusal:
            return self._refuse(refusal.why, str(refusal), now_ns)
        except (BundleFault, UsageFault) as fault:
            return self._refuse("bundle", str(fault), now_ns)
        except OSError as error:
            return self._refuse("disk", _said(error), now_ns)

    def _resume(self) -> None:
        """After a kill: the state that was under way, again, but not for ever."""
        self.journal = self._book.read()
        state = self.state
        if state in ("idle", "shadow", "probation", "rollback", "failed"):  # to wait, and to go back, is no attempt
            return
        self.journal = self.journal.model_copy(update={"attempts": self.journal.attempts + 1})
        if self.journal.attempts > MOST_ATTEMPTS:
            text = f"{self.journal.bundle}: this process ended {MOST_ATTEMPTS} times on it, lastly in {state}"
            self._go(Move(ON_ERROR[state], {"why": "attempts", "text": text}))
        else:
            self._book.write(self.journal)

    def _idle(self, now_ns: int) -> int:
        if self._parts.profiles:
            self._parts.profiles.step(now_ns)
        asked = self._asked.exists()
        if now_ns < self._check_at_ns and not asked:
            return min(self._check_at_ns, now_ns + POLL_NS)
        if self._store.active().trial:  # the journal was lost on the way: nobody knows whether it is good
            self._go(Move("rollback", {"why": "unsteady", "text": "the journal of a trial was lost"}))
            return now_ns
        if self._store.active().shadow:  # as above
            self._store.clear()
        self._check_at_ns = now_ns + self._parts.check_every_ns
        if asked:
            self._store.disk.remove(self._asked)
        self.told = self.told.model_copy(update={"checked_utc": self._parts.utc()})
        self._go(Move("check"))
        return now_ns

    def _is_overtaken(self, now_ns: int) -> bool:
        """Whether the channel wants another bundle here by now than the one that is tried: it was taken back, say; or
        other settings, without which the line may see no fruit to try it on.
        Asked as often as releases are looked for; what cannot be heard now changes nothing."""
        asked = self._asked.exists()
        if now_ns < self._check_at_ns and not asked:
            return False
        self._check_at_ns = now_ns + self._parts.check_every_ns
        if asked:
            self._store.disk.remove(self._asked)
        try:
            word, goal = heard(self._parts)
        except (Refused, Unreachable) as error:
            _log.info("no word during a trial", why=error)
            return False
        self.told = self.told.model_copy(update={"checked_utc": self._parts.utc(), "word": word.counter})
        profiles, may_begin = self._parts.profiles, word.urgent or self._parts.may_begin()
        if goal.bundle == self.journal.bundle and not (profiles and may_begin and profiles.wants(word)):
            return False
        self._check_at_ns = now_ns  # for the other one
        return True

    def _go(self, move: Move) -> None:
        """To the next state, once that is on disk."""
        was = self.state
        journal = self.journal.model_copy(update={"state": move.to, **move.changes})
        if (was, move.to) not in _UNWRITTEN:
            self._book.write(journal)
            _log.info(move.to, bundle=journal.bundle or self.journal.bundle, why=journal.text)
        self.journal = journal
        self._tries, self._came = 0, 0.0
        self._tell(**{"progress": 0.0, "why": journal.why, "text": journal.text, **move.tells})

    def _refuse(self, why: Why, text: str, now_ns: int) -> int:
        """A step that cannot be done. Where even that cannot be written down, the journal stays as it was: what was
        whole stays whole, and it is tried again."""
        _log.warning("refused", why=why, bundle=self.journal.bundle, text=text)
        leads = ON_ERROR[self.state] if self.state != "idle" else "idle"
        try:
            if leads == self.state:
                raise OSError
            self._go(Move(leads, {"why": why, "text": text[:500]}))
        except OSError:
            self._hold(why, text)
            return now_ns + RETRY_NS
        return now_ns if leads != "idle" else now_ns + POLL_NS

    def _hold(self, why: Why, text: str) -> None:
        """Nothing can be done here now. With a trial under way it goes on; else there is nothing under way."""
        with contextlib.suppress(OSError):
            if not self._store.active().trial:
                self.journal = self.journal.model_copy(update={"state": "idle"})
        self._tell(why=why, text=text)

    def _wait(self, text: str, now_ns: int) -> int:
        """The road is cut: in a download try again soon, then as often as one checks."""
        self._tries += 1
        wake_ns = now_ns + min(RETRY_NS, S << self._tries)
        if self.state == "check":
            self._go(Move("idle"))
        elif self._tries >= MOST_TRIES:
            self._tries, wake_ns = 0, now_ns + self._parts.check_every_ns
        self._tell(why="unreachable", text=text)
        return wake_ns

    def _progress(self, share: float) -> None:
        if share > self._came:  # a road that brings something is worth trying again soon
            self._came, self._tries = share, 0
        if share - self.told.progress >= 0.05 or share >= 1:
            self._tell(progress=round(share, 3))

    def _tell(self, **changes: object) -> None:
        """For whoever asks. What a disk does not take stands in the log."""
        offered = "" if self.state == "idle" else self.journal.bundle
        now = {"state": self.state, "active": self._store.readable().bundle, "offered": offered, **changes}
        told = self.told.model_copy(update=now)
        if told == self.told:
            return
        self.told = told
        unfinished = self._store.folder / f".{TOLD}.unfinished"
        with contextlib.suppress(OSError):
            self._store.disk.write(unfinished, seal(told))
            self._store.disk.rename(unfinished, self._store.folder / TOLD)


def _said(error: OSError) -> str:
    return f"{error.filename or 'the disk'}: {error.strerror}"
