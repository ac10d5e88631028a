"""Whether `sorter invest` names what is worth most, on plants whose best investment is known from changing their world
(`tests.evidence.plants`), and how near its figures lie to what the changed worlds bring."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.evidence.plantledger import entries
from tests.evidence.plants import FRUIT_A_DAY, PLANTS, World, truths
from tests.evidence.trial import Finding, Target, Trial, at_least, is_so, sorter
from tests.plant.report.pretend import write

SEED, LEDGERS, FRUIT = 66, 8, 200_000


def investing(trial: Trial) -> Finding:
    """Five plants, some ledgers of each; the first of each by the command."""
    plants = PLANTS if trial.size >= 0.1 else PLANTS[:3]
    ledgers, a_day = trial.count(LEDGERS), FRUIT_A_DAY if trial.size >= 0.1 else FRUIT_A_DAY // 4
    figures: dict[str, Any] = {"ledgers_a_plant": ledgers, "fruit_a_ledger": 4 * a_day}
    targets: list[Target] = []
    named = within = 0
    for world in plants:
        truth = truths(world, trial.count(FRUIT, 20_000), SEED)
        best = max(truth, key=lambda name: truth[name])
        first = [_asked(trial, world, seed, a_day) for seed in range(SEED, SEED + ledgers)]
        named += sum(found[0]["name"] == best for found in first)
        within += sum(_is_within(found, truth, best) for found in first)
        figures[world.name] = _told(truth, first[0], best)
        targets.append(
            is_so(f"{world.name}: {best}, as the world was made, and named first", _is_named(world, best, first))
        )
        trial.say(f"{world.name}: best {best}, named {[found[0]['name'] for found in first]}")
    of = len(plants) * ledgers
    targets.append(at_least("ledgers of which the best is named first", round(named / of, 3), 0.95))
    figures["best_within_its_interval"] = round(within / of, 3)
    return Finding(figures, targets, SEED)


def _asked(trial: Trial, world: World, seed: int, a_day: int) -> list[dict[str, Any]]:
    history = write(entries(world, seed, a_day), trial.folder / f"{world.name}-{seed}", block=2_000)
    out = trial.folder / f"{world.name}-{seed}.json"
    trial.run([*sorter(), "invest", "--history", str(history), "--json", str(out)])
    found: list[dict[str, Any]] = json.loads(Path(out).read_text(encoding="utf-8"))["options"]
    return found


def _is_named(world: World, best: str, first: list[list[dict[str, Any]]]) -> bool:
    """What the world was made for is what its change shows, and what the first ledger's ranking begins with."""
    return world.best == best == first[0][0]["name"]


def _is_within(found: list[dict[str, Any]], truth: Mapping[str, float], best: str) -> bool:
    low, high = next(one["interval"] for one in found if one["name"] == best)
    return bool(low <= truth[best] <= high)


def _told(truth: Mapping[str, float], found: list[dict[str, Any]], best: str) -> dict[str, Any]:
    """The four that are worth most in truth, and what the ledger makes of them."""
    ranked = sorted(truth, key=lambda name: -truth[name])[:4]
    by_name = {one["name"]: one for one in found}
    return {
        "best": best,
        "options": {
            name: {"truth": round(truth[name]), "found": by_name[name]["value"], "interval": by_name[name]["interval"]}
            for name in ranked
        },
    }
