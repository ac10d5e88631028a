"""What is simulated: the choices of one run, made whole before anything starts. Live and fast runs begin from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from edge.bundle import Bundle
from edge.config import Profile
from edge.errors import UsageFault
from sim.atlas.files import FOLDER, INDEX
from sim.choice import BUILTIN, Choice, Perception, choose
from sim.conveyor import Limit
from sim.faults import FaultSpan
from sim.fruit import Skin, by_label, load_builtin
from sim.newcomers import introduced, named
from sim.photographs import load_photographs
from sim.scenario import Scenario
from sim.scores_recording import Progress
from sim.scores_store import obtain
from sim.scores_table import Table
from sim.service import ServiceTimes, load_service_times
from sim.slowness import SLOWING
from sim.world import World

SLOWED = "pi5"
"""Whose steps a fault of the processor slows, where no other machine's are asked for."""


@dataclass(frozen=True, slots=True)
class Setup:
    """One run, as asked for. `bundle` is None where perception is `truth`; `skins` by true grade; `fruit_images` is
    `builtin`, or a folder of photographs or painted fruit; `service` how long the device's steps take, None for no
    time; `table` what was recorded of bundle and fruit, for `scores`."""

    scenario: Scenario
    profile: Profile
    profile_path: Path
    seed: int
    limit: Limit
    perception: Perception
    bundle: Bundle | None
    skins: Mapping[str, Sequence[Skin]]
    fruit_images: str = BUILTIN
    service: ServiceTimes | None = None
    table: Table | None = None

    def world(self, start_ns: int) -> World:
        """Its world, with the belt to start at an instant."""
        return World(self.profile, self.scenario, self.seed, self.skins, start_ns, self.limit)


def prepare(
    scenario: str,
    *,
    seed: int,
    limit: Limit,
    perception: Perception = "pixels",
    bundle: Path | None = None,
    fruit_images: str = BUILTIN,
    service_time: str = "none",
    faults: Sequence[FaultSpan] = (),
    told: Progress | None = None,
) -> Setup:
    """Read and check all that a run needs. `bundle`: a folder in place of the profile's own. `told` hears how far the
    recording for `scores` is, where it has to be made first.

    Raises UsageFault, ScenarioFault, ProfileFault or BundleFault for what is missing or not good.
    """
    service = load_service_times(service_time)
    choice = choose(scenario, perception, bundle, faults)
    if service is None and any(fault.name in SLOWING for fault in choice.scenario.fault):
        service = load_service_times(SLOWED)
    setup = load_fruit(choice, seed, limit, fruit_images)
    table = obtain(setup.bundle, setup.skins, fruit_images, told) if perception == "scores" and setup.bundle else None
    return replace(setup, service=service, table=table)


def load_fruit(choice: Choice, seed: int, limit: Limit, fruit_images: str = BUILTIN) -> Setup:
    """Add the fruit to what was chosen. Raises UsageFault where there are none to feed."""
    scenario = choice.scenario
    skins = by_label(_load(fruit_images, choice.bundle, scenario))
    if not any(skins.get(label) for label, parts in scenario.feed.mix.model_dump().items() if parts):
        raise UsageFault(
            f"{fruit_images}: holds no fruit of a grade that {scenario.name} feeds; have {', '.join(skins)}"
        )
    return Setup(
        scenario,
        choice.profile,
        choice.profile_path,
        seed,
        limit,
        choice.perception,
        choice.bundle,
        skins,
        fruit_images,
    )


def with_history(setup: Setup, folder: Path | None) -> Setup:
    """The same run, on a machine that keeps its history in a folder; unchanged without one."""
    if folder is None:
        return setup
    kept = setup.profile.history.model_copy(update={"folder": folder.absolute()})
    return replace(setup, profile=setup.profile.model_copy(update={"history": kept}))


def _load(fruit_images: str, bundle: Bundle | None, scenario: Scenario) -> Sequence[Skin]:
    """The bundle's own fruit are left out: it has seen them."""
    told = named(scenario.newcomer)
    learned = bundle.manifest.origin.trained_on if bundle else {}
    folder = FOLDER if fruit_images == BUILTIN else Path(fruit_images)
    if (folder / INDEX).is_file():
        varieties = load_builtin("varieties", folder) if scenario.feed.mix.unknown or told else []
        kept = [skin for skin in varieties if scenario.feed.mix.unknown or skin.skin_id in told]
        found = load_builtin("held", folder) + kept
    else:
        found = load_photographs(folder, learned, frozenset(told))
    for one in scenario.newcomer:
        if one.photographs:
            brought = load_photographs(Path(one.photographs), learned, frozenset(one.fruit))
            found = found + [skin for skin in brought if skin.skin_id in one.fruit]
    return introduced(found, scenario.newcomer, fruit_images)
