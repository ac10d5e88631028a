"""Who grades a fruit: the bundle of its first look, to its end. So a line takes another bundle while its belt runs, and
two live side by side until the last fruit of the old one is decided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from edge.bundle import Thresholds
from edge.config import Profile
from edge.datapath import Adopted, Detection, Grades
from edge.detect.tracks import Followed
from edge.grade.fusion import Judge
from edge.grade.verdict import Policy
from edge.ports import Grader

_AT_ONCE = 8
"""Crops graded together: 40 ms of work on a computer on which each takes five."""


@dataclass(frozen=True, slots=True)
class Grading:
    """A bundle at work: its network, and the policy that turns what it says into verdicts. `folder`: where it lies."""

    grader: Grader
    policy: Policy
    folder: str = ""

    @classmethod
    def of(cls, profile: Profile, grader: Grader, thresholds: Thresholds, folder: str = "") -> Grading:
        return cls(grader, Policy.of(profile, thresholds, grader.bundle), folder)

    @property
    def bundle(self) -> str:
        return self.grader.bundle


class Named:
    """The bundles that grade, by name: `newest`, and where each lies. All that a recording keeps of them."""

    def __init__(self, first: Grading) -> None:
        self.newest = first.bundle
        self.folders = {first.bundle: first.folder}


class Gradings:
    """A line's. Belongs to its thread."""

    def __init__(self, first: Grading) -> None:
        self.named = Named(first)
        self._held = {first.bundle: first}
        self._offered: Grading | None = None

    def offer(self, grading: Grading) -> None:
        """It takes over at the next step."""
        self._offered = grading

    def take_over(self) -> Adopted | None:
        """A step begins: what was offered is the newest from now on."""
        grading, self._offered = self._offered, None
        if grading is None:
            return None
        self._held[grading.bundle] = grading
        self.named.newest = grading.bundle
        self.named.folders[grading.bundle] = grading.folder
        return Adopted(grading.bundle, grading.folder)

    def hold(self, name: str, grading: Grading) -> None:
        """Let one stand for a bundle that is named already: for a line that goes on from a recorded memory."""
        self._held[name] = grading

    def of(self, followed: Followed) -> Grading:
        """Whoever looked at the fruit first; the newest, where nobody has yet."""
        return self._held[followed.bundle or self.named.newest]

    def judge_of(self, followed: Followed) -> Judge:
        """What fuses the fruit's looks."""
        return self.of(followed).policy.judge

    def grade(
        self, seen: Sequence[tuple[Followed, Detection]], beat: Callable[[], None]
    ) -> Iterator[tuple[Grades, float]]:
        """Each fruit by its own bundle, in the order given. A few crops at a time, and a beat behind them: however many
        there are, the gate process hears that the line is alive."""
        for n in range(0, len(seen), _AT_ONCE):
            yield from self._grade(seen[n : n + _AT_ONCE])
            beat()

    def _grade(self, seen: Sequence[tuple[Followed, Detection]]) -> list[tuple[Grades, float]]:
        newest = self.named.newest
        for followed, _ in seen:
            followed.bundle = followed.bundle or newest
        names = {followed.bundle for followed, _ in seen}
        if len(names) == 1:
            return self._held[names.pop()].grader.grade([detection for _, detection in seen])
        graded: dict[int, tuple[Grades, float]] = {}
        for name in sorted(names):
            own = [n for n, (followed, _) in enumerate(seen) if followed.bundle == name]
            graded |= zip(own, self._held[name].grader.grade([seen[n][1] for n in own]), strict=True)
        return [graded[n] for n in range(len(seen))]

    def retire(self, followed: Iterable[Followed]) -> None:
        """Let go of whoever has no fruit left among those that are followed."""
        if len(self.named.folders) > 1:
            kept = {self.named.newest, *(one.bundle for one in followed)}
            for name in [name for name in self.named.folders if name not in kept]:
                del self.named.folders[name]
                self._held.pop(name, None)
