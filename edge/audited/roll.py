"""The fruit that were drawn, in that order, and what people said of them; how that stands in a file. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field

from edge.audited.decay import Decay, decay_of
from edge.audited.estimate import Inspected, right_part

MOST = 5_000
"""Drawn fruit that are kept, so that what is said of them can still be changed."""

REFERENCE = 300
"""Reviewed fruit of a bundle from which it is known how good it is here, where nobody has agreed on that."""

RECOVERED = 100
"""So many of the last reviewed fruit are as good as agreed again: the alarm is over, and the test begins anew."""


@dataclass(slots=True)
class Drawn:
    """One of them, drawn at `at_s` by the wall clock. `words`: the newest of each user. `outlet`: where it would have
    gone."""

    track_id: str
    called: str
    chance: float
    at_s: float
    words: dict[str, str] = field(default_factory=dict)
    outlet: str = ""

    def inspected(self) -> Inspected:
        return Inspected(self.called, self.chance, Counter(self.words.values()))


class Roll:
    """Of one bundle. Not thread-safe."""

    def __init__(self, bundle: str = "") -> None:
        self.bundle = bundle
        self.agreed: float | None = None
        """The share that is to be right; None while the reference is not whole."""
        self.alarmed = False
        self._fruit: dict[str, Drawn] = {}
        self._tested_from_s = 0.0
        self._folded: Decay | None = None

    def __iter__(self) -> Iterator[Drawn]:
        return iter(self._fruit.values())

    def __len__(self) -> int:
        return len(self._fruit)

    def draw(self, drawn: Drawn) -> None:
        """The oldest goes into the test of decay for good where there are too many."""
        self._fruit[drawn.track_id] = drawn
        while len(self._fruit) > MOST:
            oldest = self._fruit.pop(next(iter(self._fruit)))
            if self.agreed is not None and oldest.words and oldest.at_s >= self._tested_from_s:
                self._folded = decay_of([right_part(oldest.inspected())], self.agreed, self._folded)

    def say(self, track_id: str, user: str, label: str | None) -> bool:
        """What a user says of a fruit; None takes back. False where it is not among them."""
        drawn = self._fruit.get(track_id)
        if drawn is None:
            return False
        if label is None:
            drawn.words.pop(user, None)
        else:
            drawn.words[user] = label
        return True

    def within(self, seconds: float) -> list[Drawn]:
        """The fruit of so long before the last one that was reviewed, and all since: people may be hours behind."""
        last_s = max((one.at_s for one in self if one.words), default=0.0)
        return [one for one in self if one.at_s > last_s - seconds]

    def decay(self, agreed: float) -> Decay:
        """The test of it against what is agreed."""
        if self.agreed != agreed:
            self.agreed, self._folded = agreed, None
        return decay_of((right_part(one.inspected()) for one in self._tested()), agreed, self._folded)

    def reference(self) -> list[Inspected] | None:
        """The first reviewed fruit, once there are enough; the test is of those behind them from then on."""
        reviewed = [one for one in self if one.words]
        if len(reviewed) < REFERENCE:
            return None
        self.begin_anew(reviewed[REFERENCE - 1].at_s)
        return [one.inspected() for one in reviewed[:REFERENCE]]

    def is_well_again(self, agreed: float) -> bool:
        """Whether the alarm is over. If so, the test begins anew."""
        last = list(self._tested())[-RECOVERED:]
        right = sum(right_part(one.inspected()) for one in last)
        if len(last) < RECOVERED or right / len(last) < agreed:
            return False
        self.begin_anew(last[-1].at_s)
        return True

    def begin_anew(self, after_s: float) -> None:
        """Test only what is drawn later."""
        self._tested_from_s, self._folded, self.alarmed = after_s + 1e-6, None, False

    def _tested(self) -> Iterable[Drawn]:
        return (one for one in self if one.words and one.at_s >= self._tested_from_s)

    def plain(self) -> dict[str, object]:
        """For a file."""
        return {
            "bundle": self.bundle,
            "agreed": self.agreed,
            "alarmed": self.alarmed,
            "tested_from_s": self._tested_from_s,
            "folded": asdict(self._folded) if self._folded else None,
            "fruit": [[one.track_id, one.called, one.chance, one.at_s, one.words, one.outlet] for one in self],
        }

    @classmethod
    def of(cls, plain: dict[str, object]) -> Roll:
        """What `plain` gave. Raises KeyError, TypeError or ValueError for anything else."""
        roll = cls(str(plain["bundle"]))
        agreed, folded, fruit = plain["agreed"], plain["folded"], plain["fruit"]
        roll.agreed = float(agreed) if isinstance(agreed, int | float) else None
        roll.alarmed = bool(plain["alarmed"])
        roll._tested_from_s = float(plain["tested_from_s"])  # type: ignore[arg-type]
        roll._folded = Decay(**folded) if isinstance(folded, dict) else None
        for one in fruit if isinstance(fruit, list) else ():
            drawn = Drawn(*one)
            roll._fruit[drawn.track_id] = drawn
        return roll
