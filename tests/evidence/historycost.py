"""What drift, audit and ledger cost the device together, as `sorter bench pipeline` measures it."""

from __future__ import annotations

from edge.bench.history import FRUIT, MOST_MB, MOST_PERCENT, bench
from tests.evidence.trial import Finding, Trial, at_least, at_most


def historycost(trial: Trial) -> Finding:
    """At 20 fruit/s, in a process of its own."""
    fruit = trial.count(FRUIT, 300)
    found = bench(fruit=fruit)
    targets = [
        at_most("percent of a core", found["percent"], MOST_PERCENT),
        at_most("MB", found["mb"], MOST_MB),
        at_least("decisions in the ledger", found["heard"]["ledger"], fruit),
    ]
    return Finding(found, targets)
