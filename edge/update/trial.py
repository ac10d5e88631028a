"""What a new bundle must pass on the machine itself: a self-test in a process of its own, and a while on the line."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from edge.sequential import highest_share, is_above
from edge.update.journal import Journal
from edge.update.refusal import Refused
from edge.update.store import Store
from edge.updates import Compared, Figures, read_compared, read_figures

FEWEST_FRUIT = 200
"""A bundle that has graded fewer is still on probation, however long that takes."""
SHARES = ("doubtful", "unknown", "damaged", "torn", "late", "wrong")
FALSE_ALARMS = 0.01
"""The chance at most that a good bundle is refused or taken back, by all tests of shadow and probation together."""
ALPHA = FALSE_ALARMS / (2 * len(SHARES) + 3)
"""Of each: a share's bound of before and its excess now; the disagreement in the shadow, its bound, and that since."""
MORE_THAN_IN_SHADOW = 0.04
"""On probation so many more of the fruit may go elsewhere than did at most in the shadow: the fruit of another day."""
OVERDUE = 20
"""A line without time for the shadow compares few fruit: once it has graded so many times those that are wanted, the
bundle goes on to its probation."""
SELF_TEST_NS = 180_000_000_000
"""The longest that a self-test may take; one that hangs is ended, and the bundle refused."""


class SelfTestProcess:
    """Answers `steps.SelfTest`: runs `edge.grade.selftest` for the slot of the journal."""

    def __init__(self, profile: Callable[[], Path]) -> None:
        """`profile`: the one that the machine goes by now."""
        self._profile = profile
        self._child: subprocess.Popen[str] | None = None
        self._until_ns = 0

    def run(self, store: Store, journal: Journal, now_ns: int) -> str | None:
        if self._child is None:
            words = ["-m", "edge.grade.selftest", str(store.path(journal.slot)), str(self._profile())]
            self._child = subprocess.Popen(
                [sys.executable, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            )
            self._until_ns = now_ns + SELF_TEST_NS
        if self._child.poll() is None and now_ns < self._until_ns:
            return None
        return self._end()

    def _end(self) -> str:
        child, self._child = self._child, None
        assert child is not None
        hung = child.poll() is None
        child.kill()
        said, _ = child.communicate()
        if hung:
            return f"the self-test took longer than {SELF_TEST_NS / 1e9:.0f} s"
        if child.returncode:
            return f"the self-test ended with {child.returncode}: {said.strip()[-200:]}"
        return said.strip()[:500]


def worse(before: Figures, now: Figures) -> str:
    """Whether a bundle does clearly worse on this machine than the one before it; empty where it does not. What it may
    do is twice as much of what is unwelcome as the other did at most, and five in a hundred more: fruit change too.
    Asked as often as one likes, it says so of a bundle that keeps to that with a chance of 2 x ALPHA a share."""
    for name in SHARES:
        (hits, events), (hits_before, events_before) = _share(now, name), _share(before, name)
        bound = min(1.0, 2 * highest_share(hits_before, events_before, ALPHA) + 0.05)
        if is_above(hits, events, bound, ALPHA):
            past = f"{hits_before} of {events_before} on {before.bundle or 'nothing'}"
            return f"{name}: {hits} of {events} fruit; {past}"
    return ""


def _share(figures: Figures, name: str) -> tuple[int, int]:
    """How many, of how many that could have been."""
    events = {"late": figures.fruit + figures.late, "wrong": figures.audited}
    return getattr(figures, name), events.get(name, figures.fruit)


def parted(compared: Compared, most: float) -> str:
    """Whether two bundles clearly send more than `most` of the fruit elsewhere; empty where they do not. Wrong with a
    chance of ALPHA at most, however often it is asked."""
    if not is_above(compared.differ, compared.fruit, most, ALPHA):
        return ""
    return f"{compared.differ} of {compared.fruit} fruit go elsewhere by {compared.bundle} than by {compared.beside}"


def allowed(shadow: Compared, most: float) -> float:
    """What share of the fruit may go elsewhere on probation, by what was seen in the shadow."""
    return min(most, highest_share(shadow.differ, shadow.fruit, ALPHA) + MORE_THAN_IN_SHADOW)


class Shadowing:
    """Answers `steps.Trial`: beside the bundle that moves the gates it sends the fruit where that one does, for so many
    fruit. It is no judge of which of the two is right: who wants another grading raises `most_disagreement`."""

    def __init__(self, fruit: int, most_disagreement: float) -> None:
        self._fruit = fruit
        self._most = most_disagreement
        self._of: tuple[str, int] | None = None
        self._graded = Figures()

    def judge(self, store: Store, journal: Journal, now_ns: int) -> float:
        if not self._fruit:
            return 1.0
        compared, graded = read_compared(store.folder), read_figures(store.folder)
        if compared.bundle != journal.bundle:
            return 0.0
        if compared.why:
            raise Refused("unsteady", compared.why)
        if why := parted(compared, self._most):
            raise Refused("quality", f"{journal.bundle}: {why}")
        if self._of != (journal.bundle, journal.word) or self._graded.bundle != graded.bundle:
            self._of, self._graded = (journal.bundle, journal.word), graded
        passed = (graded.fruit - self._graded.fruit) / OVERDUE
        return max(compared.fruit, passed) / self._fruit


class Probation:
    """Answers `steps.Trial`: the machine must take the bundle, stay up on it for a while, and grade no worse; nor very
    otherwise than the bundle before it, which stands in the shadow now."""

    def __init__(self, for_ns: int, most_disagreement: float) -> None:
        self._for_ns = for_ns
        self._most = most_disagreement
        self._of: tuple[str, int] | None = None
        self._since_ns = 0

    def judge(self, store: Store, journal: Journal, now_ns: int) -> float:
        running = store.running()
        if running is None or running.bundle != journal.bundle:
            if running is not None and running.wanted == journal.bundle:
                raise Refused("unsteady", f"{journal.bundle}: {running.why or 'the machine did not stay up on it'}")
            return 0.0  # it has not heard of it yet
        if self._of != (journal.bundle, journal.word):
            self._of, self._since_ns = (journal.bundle, journal.word), now_ns
        now, compared = read_figures(store.folder), read_compared(store.folder)
        if now.bundle != journal.bundle:
            return 0.0
        why = worse(journal.before, now)
        if not why and compared.beside == journal.bundle:
            why = parted(compared, allowed(journal.shadow, self._most))
        if why:
            raise Refused("quality", f"{journal.bundle}: {why}")
        return min((now_ns - self._since_ns) / self._for_ns, now.fruit / FEWEST_FRUIT)
