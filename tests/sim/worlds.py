"""Small worlds for the tests: the demo machine with fruit of plain fake skins."""

import numpy as np

from sim.conveyor import Limit
from sim.scenario import Scenario, load_scenario, profile_of
from sim.setup import Setup
from sim.truth import FruitTruth
from sim.world import World

START_NS = 1_000_000_000
GRADES = ("green", "turning", "red", "damaged")


class PlainSkin:
    """A Skin of four views; damage shows in the first of a damaged one."""

    views = 4

    def __init__(self, label: str, number: int = 0) -> None:
        self.label = label
        self.skin_id = f"plain/{label}-{number}"

    def view(self, n: int):
        return np.full((8, 8, 4), 255, np.uint8)

    def damage_shown(self, n: int) -> bool:
        return self.label == "damaged" and n % self.views == 0


def skins(*labels: str, each: int = 1):
    return {label: [PlainSkin(label, n) for n in range(each)] for label in labels or GRADES}


def scenario(name: str = "clean", **truth: float) -> Scenario:
    """A scenario with some of its truth changed."""
    found = load_scenario(name)
    return found.model_copy(update={"truth": found.truth.model_copy(update=truth)})


EXACT = {
    "belt_speed": 0,
    "mm_per_px": 0,
    "skew_deg": 0,
    "light": 0,
    "gate_x_mm": 0,
    "gate_delay_ms": 0,
    "gate_sd_ms": 0,
    "slip_sd": 0,
}
"""Truth that is exactly what the profile says."""


def setup(
    chosen: Scenario, seed: int = 1, fruit: int | None = 40, seconds: float | None = None, fed=None, profile=None
):
    """A run at the truth level."""
    path, told = profile_of(chosen, chosen.name)
    return Setup(
        scenario=chosen,
        profile=profile or told,
        profile_path=path,
        seed=seed,
        limit=Limit(fruit, seconds),
        perception="truth",
        bundle=None,
        skins=fed or skins(),
    )


def world(chosen: Scenario, seed: int = 1, fruit: int | None = 40) -> World:
    return setup(chosen, seed, fruit).world(START_NS)


def fruit(**changed) -> FruitTruth:
    """One fruit, 60 mm, that neither slips nor rolls."""
    told = {
        "lane": 0,
        "number": 0,
        "skin": PlainSkin("red"),
        "length_mm": 60.0,
        "width_mm": 60.0,
        "y_mm": 108.0,
        "yaw_rad": 0.0,
        "slip": 0.0,
        "turns_per_mm": 0.0,
        "phase": 0.0,
        "landing_ns": 0,
        "space_mm": 0.0,
    }
    return FruitTruth(**(told | changed))
