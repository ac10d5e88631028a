"""Updates that are worse, and updates that are not, through shadow and probation: how many fruit the worse ones grade
before they are taken back, and how often one that is as good is refused.

At the level of decisions (`tests.evidence.decisions`), and a hundredth of the runs once more on the whole line in
virtual time, with rendered frames and two real bundles (`tests.evidence.spoilt`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from math import comb
from typing import Any

from edge.update.trial import FALSE_ALARMS
from tests.evidence import spoilt
from tests.evidence.decisions import RIGHT, SEED, Ended, Line, Update
from tests.evidence.trial import Finding, Target, Trial, at_least, at_most

GOOD, BAD, POOL = 1_000, 100, 4_000
PIXELS = 100
"""One of so many runs is made at `pixels` too."""
ELSEWHERE, LOWERED = 0.03, 0.70
"""A bundle that is as good still sends so many elsewhere; one that is worse is right about fewer, from `RIGHT` on."""
PROCESSES = 2


def _nudge(line: Line, is_too_little: Callable[[Sequence[Mapping[str, Any]]], bool], only_new: bool = False) -> float:
    """So much that it is just not too little any more."""
    low, high = 0.0, 40.0
    for _ in range(10):
        middle = (low + high) / 2
        if is_too_little(line.facts(middle, only_new)):
            low = middle
        else:
            high = middle
    return high


def _elsewhere(line: Line, facts: Sequence[Mapping[str, Any]]) -> float:
    return sum(a["outlet"] != b["outlet"] for a, b in zip(line.old, facts, strict=True)) / len(facts)


def _right(line: Line, facts: Sequence[Mapping[str, Any]], only_new: bool = False) -> float:
    counted = [fact["right"] for fact, one in zip(facts, line.passages, strict=True) if one.new or not only_new]
    return sum(counted) / max(1, len(counted))


def regressions(trial: Trial) -> Finding:
    """Good updates, bad ones, and ones that are bad at what nobody had seen."""
    line = Line(trial.count(POOL, 400))
    figures: dict[str, Any] = {
        "right_before": round(_right(line, line.old), 4),
        "damaged_among_the_fruit": round(line.damaged, 4),
        "promised_false_alarms": FALSE_ALARMS,
    }
    targets: list[Target] = []
    with ProcessPoolExecutor(PROCESSES) as pool:
        for name, facts, unseen, times in _cases(line, trial):
            ended = list(pool.map(Update(line, facts, unseen).run, range(SEED, SEED + times), chunksize=10))
            figures[name] = _told(line, facts, ended)
            targets.append(_target(name, ended))
            trial.say(f"{targets[-1].figure}: {targets[-1].found}")
    pixels = spoilt.prepare_all(trial.folder, line.damaged)
    figures["at pixels"] = {"right": pixels.right, "margin": pixels.margins}
    for name, times in (("as good", trial.count(GOOD // PIXELS)), ("worse", trial.count(BAD // PIXELS))):
        ended = [pixels.run(name, SEED + n) for n in range(times)]
        figures["at pixels"][name] = _counted(ended)
        targets.append(_target(name, ended, "at pixels"))
        trial.say(f"{targets[-1].figure}: {targets[-1].found}")
    return Finding(figures, targets, SEED)


def _cases(line: Line, trial: Trial) -> Iterator[tuple[str, list[dict[str, Any]], bool, int]]:
    good, bad = trial.count(GOOD, 5), trial.count(BAD, 5)
    lowered = LOWERED / RIGHT * _right(line, line.old)
    nudge = _nudge(line, lambda facts: _elsewhere(line, facts) < ELSEWHERE)
    yield "as good", line.facts(nudge), False, good
    nudge = _nudge(line, lambda facts: _right(line, facts) > lowered)
    yield "worse", line.facts(nudge), False, bad
    nudge = _nudge(line, lambda facts: _right(line, facts, True) > lowered / 2, True)
    yield "worse on a new cultivar", line.facts(nudge, True), True, bad


def _target(name: str, ended: Sequence[Ended], where: str = "") -> Target:
    taken = sum(one.where != "committed" for one in ended)
    figure = f"{name}{where and ', '}{where}: refused or taken back, of {len(ended)}"
    return (
        at_most(figure, taken, _most_alarms(len(ended))) if name == "as good" else at_least(figure, taken, len(ended))
    )


def _told(line: Line, facts: Sequence[Mapping[str, Any]], ended: Sequence[Ended]) -> dict[str, Any]:
    shares = {"right": round(_right(line, facts), 4), "sent_elsewhere": round(_elsewhere(line, facts), 4)}
    return shares | _counted(ended)


def _counted(ended: Sequence[Ended]) -> dict[str, Any]:
    fruit = sorted(one.fruit for one in ended if one.where != "committed") or [0]
    return {
        "runs": len(ended),
        "ended": {where: sum(one.where == where for one in ended) for where in ("shadow", "probation", "committed")},
        "sorted_by_it_until_then": {
            f"p{share}": fruit[min(len(fruit) - 1, len(fruit) * share // 100)] for share in (0, 50, 90, 99)
        }
        | {"most": fruit[-1]},
        "why": next((one.why for one in ended if one.why), ""),
    }


def _most_alarms(times: int) -> int:
    """So many are not yet clearly (5 %, one-sided binomial) more than was promised: shadow and probation together."""
    chance, total, k = FALSE_ALARMS, 0.0, 0
    while (total := total + comb(times, k) * chance**k * (1 - chance) ** (times - k)) < 0.95:
        k += 1
    return k
