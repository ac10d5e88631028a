"""How late the gate process is, beside a bare process that meets deadlines of the same kind."""

from __future__ import annotations

from typing import Any

from edge.bench.gates import TARGET, bench
from tests.evidence.trial import Finding, Target, Trial, at_most

CASE_S, BLOCK_S = 600, 30


def gates(trial: Trial) -> Finding:
    """Ten minutes a load, in alternating blocks of half a minute."""
    found = bench(CASE_S * trial.size, BLOCK_S) if trial.size >= 1 else bench(case_s=1.2, block_s=0.3)
    return Finding(found, [target for case in found["cases"] for target in _targets(case)])


def _targets(case: dict[str, Any]) -> list[Target]:
    low = case["ratio_p99_interval"][0]
    return [
        at_most(f"{case['load']}: times its floor's p99, lower end of the interval", low, TARGET),
        at_most(f"{case['load']}: edges before their deadline", case["early"], 0),
    ]
