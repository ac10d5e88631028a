"""Power cuts at random instants, in virtual time, on a disk that keeps what was committed and nothing else."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from tests.edge.telemetry.boxes import SECOND_NS, Box

SYNC_S = 2.0


def power_cuts(folder: Path, times: int, seed: int = 7) -> dict[str, Any]:
    """So many machines, each with a cut after up to ten seconds at 100 fruit a second, and a broker that comes and
    goes. The most that one lost, in seconds before its cut, and how many lost what no gap marks."""
    worst_ns = unmarked = lost = 0
    for n in range(times):
        chance = random.Random(f"{seed} {n}")
        box = Box(folder / str(n), sync_ns=round(SYNC_S * SECOND_NS))
        put_at_ns: dict[int, int] = {}
        for _ in range(chance.randint(100, 1_000)):
            if chance.random() < 0.01:
                (box.broker.go_down if box.broker.up else box.broker.come_up)()
            put_at_ns[box.put(len(put_at_ns))[1]] = box.now_ns
            box.run(0.01)
        cut_ns = box.now_ns
        box.power_cut()
        box.broker.come_up()
        box.run(6.0)
        missing = put_at_ns.keys() - {said["seq"] for said in box.said if said["run_id"] == "run1"}
        firsts = [gap["from_seq"] for gap in box.gaps() if gap["of_run"] == "run1"]
        lost += len(missing)
        worst_ns = max([worst_ns, *(cut_ns - put_at_ns[seq] for seq in missing)])
        unmarked += any(seq < min(firsts, default=seq + 1) for seq in missing)
        box.stop()
    return {
        "power_cuts": times,
        "power_cut_lost": lost,
        "power_cut_lost_s": round(worst_ns / SECOND_NS, 3),
        "power_cuts_unmarked": unmarked,
        "sync_s": SYNC_S,
    }
