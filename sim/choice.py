"""What was asked for, read and checked: scenario, profile and bundle. It needs neither NumPy nor pictures, so that the
live device starts before the world loads its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from edge.bundle import Bundle, load_bundle, resolve
from edge.config import Profile
from edge.errors import UsageFault
from sim.faults import FaultSpan, refuse_unfit, refuse_unseen
from sim.scenario import Scenario, load_scenario, profile_of, with_faults

Perception = Literal["pixels", "scores", "truth"]
_PERCEPTIONS: tuple[Perception, ...] = ("pixels", "scores", "truth")
BUILTIN = "builtin"
"""What `--fruit-images` says of the atlas's fruit, in place of a folder."""


@dataclass(frozen=True, slots=True)
class Choice:
    """`bundle` is None where perception is `truth`."""

    scenario: Scenario
    profile: Profile
    profile_path: Path
    perception: Perception
    bundle: Bundle | None


def choose(
    scenario: str,
    perception: Perception = "pixels",
    bundle: Path | None = None,
    faults: Sequence[FaultSpan] = (),
) -> Choice:
    """`scenario`: a name or a TOML file. `bundle`: a folder in place of the profile's own. `faults` come on top of the
    scenario's.

    Raises UsageFault, ScenarioFault, ProfileFault or BundleFault for what is missing or not good.
    """
    chosen = with_faults(load_scenario(scenario), faults)
    path, profile = profile_of(chosen, scenario)
    refuse_unfit(chosen.fault, profile)
    refuse_unseen(chosen.fault, perception)
    folder = resolve(profile.grade.bundle, path.parent) if bundle is None else bundle.expanduser()
    loaded = load_bundle(folder) if perception != "truth" else None
    return Choice(chosen, profile, path, perception, loaded)


def perception_of(name: str) -> Perception:
    """`--perception` as it was asked for. Raises UsageFault."""
    for level in _PERCEPTIONS:
        if level == name:
            return level
    raise UsageFault(f"--perception {name}: must be pixels, scores or truth")
