"""What a new bundle must pass on the machine itself: a self-test in a process of its own, and a while on the line."""

import subprocess
import sys
from pathlib import Path

from edge.sequential import highest_share, is_above
from edge.update.journal import Journal
from edge.update.refusal import Refused
from edge.update.store import Store
from edge.updates import Figures, read_figures

FEWEST_FRUIT = 200
"""A bundle that has graded fewer is still on probation, however long that takes."""
ALPHA = 0.001
SHARES = ("doubtful", "unknown", "damaged")
SELF_TEST_NS = 180_000_000_000
"""The longest that a self-test may take; one that hangs is ended, and the bundle refused."""


class SelfTestProcess:
    """Answers `steps.SelfTest`: runs `edge.grade.selftest` for the slot of the journal."""

    def __init__(self, profile: Path) -> None:
        self._profile = profile
        self._child: subprocess.Popen[str] | None = None
        self._until_ns = 0

    def run(self, store: Store, journal: Journal, now_ns: int) -> str | None:
        if self._child is None:
            words = ["-m", "edge.grade.selftest", str(store.path(journal.slot)), str(self._profile)]
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
    Asked as often as one likes, it says so of a bundle that keeps to that with a chance of 6 x ALPHA at most."""
    for name in SHARES:
        hits, hits_before = getattr(now, name), getattr(before, name)
        bound = min(1.0, 2 * highest_share(hits_before, before.fruit, ALPHA) + 0.05)
        if is_above(hits, now.fruit, bound, ALPHA):
            return (
                f"{name}: {hits} of {now.fruit} fruit; {hits_before} of {before.fruit} on {before.bundle or 'nothing'}"
            )
    return ""


class Probation:
    """Answers `steps.Trial`: the machine must start on the bundle, stay up on it for a while, and grade no worse."""

    def __init__(self, for_ns: int) -> None:
        self._for_ns = for_ns
        self._since_ns: int | None = None

    def judge(self, store: Store, journal: Journal, now_ns: int) -> bool:
        running = store.running()
        if running is None or running.run_id == journal.run_before:
            return False  # it has not started anew yet
        if running.bundle != journal.bundle:
            raise Refused("unsteady", f"{journal.bundle}: the machine did not stay up on it")
        if self._since_ns is None:
            self._since_ns = now_ns
        now = read_figures(store.folder)
        if now.bundle != journal.bundle:
            return False
        if why := worse(journal.before, now):
            raise Refused("quality", f"{journal.bundle}: {why}")
        return now_ns - self._since_ns >= self._for_ns and now.fruit >= FEWEST_FRUIT
