"""What can be invested in, and what each would be worth a month: before its own price, in the profile's currency."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from edge.datapath import BELT_END, LABELS
from plant.invest.basis import GAP_MS, SPELL_S, Basis
from plant.invest.posterior import Floats, Known
from plant.invest.sharpness import lamp_gain
from plant.report.worth import DRAWS

RECALL = 0.01
PER_S = 1.0
FASTER_MS = 10
PICTURES = 500
_EXPONENT = (0.07, 0.35)
"""Errors fall with the number of pictures to the power of minus this: what was found over many tasks and models
(Hestness et al., Deep Learning Scaling is Predictable, Empirically, 2017)."""
_TRAINED = (500.0, 10_000.0)
"""Pictures of a class that a bundle was trained on, where nobody says."""


@dataclass(frozen=True, slots=True)
class Option:
    """`draws`: what it is worth a month, as far as it is known; `why`: how that comes about."""

    name: str
    what: str
    draws: Floats
    why: str

    @property
    def value(self) -> float:
        return float(np.mean(self.draws))

    @property
    def sure(self) -> float:
        """The interval's low end. They are ranked by it, or what is known least of would come first."""
        return self.interval[0]

    @property
    def interval(self) -> tuple[float, float]:
        """The middle 95 %."""
        low, high = np.quantile(self.draws, (0.025, 0.975))
        return float(low), float(high)


def options(basis: Basis, known: Known, trained: Mapping[str, float]) -> list[Option]:
    """All of them, the one first that is worth most for sure. `trained`: pictures that the bundle had of a label."""
    found = [
        *(_recall(known, label) for label in known.truths if label in LABELS),
        *(_pictures(known, label, trained.get(label)) for label in known.truths if label in LABELS),
        _throughput(basis, known),
        _gates(basis, known),
        _lamp(basis, known),
        *_inspector(basis, known),
    ]
    return sorted(found, key=lambda one: -one.sure)


def _missed(known: Known, label: str) -> tuple[Floats, Floats]:
    """The share of all fruit that goes astray of this grade, and what one would bring more where it belongs."""
    at, own = known.of(label), int(known.own[known.of(label)])
    shares = known.shares[:, at, :].copy()
    shares[:, own] = 0.0
    astray = shares.sum(axis=1)
    gain = (shares * (known.worth[at, own] - known.worth[at])[None, :]).sum(axis=1) / np.maximum(astray, 1e-12)
    return astray, gain


def _recall(known: Known, label: str) -> Option:
    astray, gain = _missed(known, label)
    there = known.mix[:, known.of(label)]
    draws = known.fruit * np.minimum(RECALL * there, astray) * gain
    return Option(
        f"recall-{label}",
        f"one more percent of recall on {label}",
        draws,
        f"{_per(there)} of the fruit are {label}, {_per(astray / there)} of them go astray, and each loses "
        f"{np.mean(gain):.3f} {known.money.currency} by where it goes instead",
    )


def _pictures(known: Known, label: str, trained: float | None) -> Option:
    astray, gain = _missed(known, label)
    held = (
        np.full(DRAWS, trained)
        if trained
        else np.exp(known.rng.uniform(math.log(_TRAINED[0]), math.log(_TRAINED[1]), DRAWS))
    )
    fall = 1 - ((held + PICTURES) / held) ** -known.rng.uniform(*_EXPONENT, DRAWS)
    said = f"{trained:,.0f} that it was trained on" if trained else "500 to 10,000 that it may have been trained on"
    return Option(
        f"pictures-{label}",
        f"{PICTURES} more labelled pictures of {label}",
        known.fruit * astray * fall * gain,
        f"to the {said}: the learning curves of many tasks let {_per(fall)} of its errors go, which cost "
        f"{np.mean(gain):.3f} {known.money.currency} each",
    )


def _throughput(basis: Basis, known: Known) -> Option:
    more = sum(min(count, SPELL_S * PER_S) for count in basis.shed.values())
    shed = basis.reasons["shed"]
    draws = known.fruit / basis.fruit * _counted(more, known) * known.beyond_the_end()
    why = (
        f"{_share(shed, basis.fruit)} of the fruit were shed for want of time; {_share(more, basis.fruit)} would not "
        "have been"
    )
    return Option(
        "fruit-per-s",
        f"{PER_S:g} more fruit a second",
        draws,
        why if shed else "no fruit was shed: the machine keeps up",
    )


def _gates(basis: Basis, known: Known) -> Option:
    """Crowded fruit whose gap is by so much too short."""
    crowded, passed = (_by_ms(counts) for counts in (basis.crowded, basis.passed))
    limit = _turning(crowded, passed)
    saved = float(crowded[max(0, limit - FASTER_MS) : limit].sum())
    all_crowded = basis.reasons["crowded"]
    why = (
        f"{_share(all_crowded, basis.fruit)} of the fruit were too near to their neighbours; below {limit} ms a gate "
        f"cannot tell two apart, and {_share(saved, basis.fruit)} of the fruit miss that by less than {FASTER_MS} ms"
    )
    return Option(
        "gates",
        f"gates that are {FASTER_MS} ms faster",
        known.fruit / basis.fruit * _counted(saved, known) * known.beyond_the_end(graded=True),
        why if all_crowded else "no fruit was crowded out",
    )


def _turning(crowded: Floats, passed: Floats) -> int:
    """The gap that best parts the fruit that were crowded out from those that got their gate."""
    wrong = np.concatenate([[0.0], np.cumsum(passed)]) + np.concatenate([np.cumsum(crowded[::-1])[::-1], [0.0]])
    return int(np.argmin(wrong))


def _lamp(basis: Basis, known: Known) -> Option:
    gain, said = lamp_gain(basis.judged, known)
    return Option("lamp", "a better lamp", known.fruit * gain, said)


def _inspector(basis: Basis, known: Known) -> Iterator[Option]:
    """One more person at the belt's end, in every hour with fruit; those that come while he has one in his hand pass
    (Erlang's loss formula)."""
    people = known.money.people
    if people is None:
        return
    end = known.outlets.index(BELT_END)
    gain = np.zeros((DRAWS, len(known.truths)))
    for n, own in enumerate(known.own):
        others = [known.worth[n, at] for at in sorted({*known.own.tolist(), end} - {int(own)})]
        by_hand = people.right * known.worth[n, own] + (1 - people.right) * float(np.mean(others) if others else 0.0)
        gain[:, n] = by_hand - known.worth[n, end]
    decided = known.shares[:, :, end]
    undecided = basis.fruit - sum(basis.reasons[name] for name in ("unknown", "doubtful", "graded", "audited"))
    held = decided / np.maximum(decided.sum(axis=1, keepdims=True), 1e-12)
    of_decided = max(0.0, 1 - (undecided + basis.missed) / max(1, basis.at_end))
    share = of_decided * held + (1 - of_decided) * known.mix
    ending = known.fruit * basis.at_end / basis.fruit
    handled = ending / (1 + ending / (people.fruit_per_hour * known.hours))
    draws = handled * (share * gain).sum(axis=1) - people.cost_per_hour * known.hours
    yield Option(
        "inspector",
        "one more inspector at the belt's end",
        draws,
        f"{_share(basis.at_end, basis.fruit)} of the fruit run to the belt's end; a person sorts "
        f"{people.fruit_per_hour:,.0f} an hour as they pass, {people.right:.0%} right, "
        f"and is paid {people.cost_per_hour:g} {known.money.currency} of it",
    )


def _counted(count: float, known: Known) -> Floats:
    """A count as what it may have been on the long run."""
    return np.asarray(known.rng.gamma(count, 1.0, DRAWS)) if count else np.zeros(DRAWS)


def _by_ms(counts: Mapping[int, int]) -> Floats:
    found: Floats = np.zeros(GAP_MS + 1)
    for at, count in counts.items():
        found[at] += count
    return found


def _per(share: Floats) -> str:
    return f"{100 * float(np.mean(share)):.1f} %"


def _share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.2f} %"
