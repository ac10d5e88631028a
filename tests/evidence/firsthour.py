"""The first hour, driven by a script at a pseudo-terminal on the simulated machine, again and again."""

from __future__ import annotations

from edge.setup.hour import FRUIT
from tests.evidence.trial import Finding, Trial, at_least, at_most, is_so
from tests.live.firsthour import GATES, SCENARIO, drive
from tests.live.terminal import lent

HOURS = 5


def firsthour(trial: Trial) -> Finding:
    """Each on a machine of its own, interrupted once half-way along the gates."""
    hours = trial.count(HOURS)
    scenario = trial.folder / "first-hour.toml"
    scenario.write_text(SCENARIO, encoding="utf-8")
    driven = []
    for n in range(hours):
        with lent(str(scenario), "--seed", str(n + 1)) as machine:
            driven.append(drive(machine, trial.folder / f"machine-{n}" / "profile.toml"))
        trial.say(f"hour {n + 1} of {hours}: {driven[-1].seconds:.0f} s")
    whole = [one for one in driven if one.done and one.statuses == (0, 0)]
    figures = {
        "hours": hours,
        "driven_to_the_end": len(whole),
        "gates_moved": len(GATES),
        "fruit_sorted_each": FRUIT,
        "calibrated_mm_per_px": [one.profile.camera.mm_per_px for one in driven],
        "seconds": [round(one.seconds, 1) for one in driven],
    }
    targets = [
        at_least("hours that were driven to their end", len(whole), hours),
        is_so("what was done before the interruption is not asked again", not any(one.asked_again for one in driven)),
        is_so("each machine is calibrated in it", all(one.profile.calibration.camera for one in driven)),
        at_most("the longest, without a person's time, s", max(one.seconds for one in driven), 3_600),
    ]
    return Finding(figures, targets, seed=1)
