"""Fruit that a line has not had so far: which, from when on, how many of all, and what they truly are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from edge.errors import UsageFault

if TYPE_CHECKING:
    from sim.fruit import Rgba, Skin

Grade = Literal["green", "turning", "red", "damaged", "unknown"]


class Newcomer(BaseModel):
    """A kind that comes onto the belt from `from_s` to `to_s` of feed, then a `share` of all fruit. `fruit` are
    physical fruit by id; they come at no other time, and are `label` whatever else is told of them. `photographs`: the
    folder that they are in, where the run's other fruit come from elsewhere."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    fruit: Annotated[tuple[str, ...], Field(min_length=1)]
    label: Grade
    share: Annotated[float, Field(gt=0, le=1)]
    from_s: Annotated[float, Field(ge=0)] = 0.0
    to_s: Annotated[float, Field(gt=0)] = 1e9
    photographs: str = ""

    def faults(self) -> Iterator[str]:
        if self.to_s <= self.from_s:
            yield f"to_s = {self.to_s:g}: must be above from_s = {self.from_s:g}"

    def holds(self, fed_s: float) -> bool:
        return self.from_s <= fed_s < self.to_s


def named(newcomers: Sequence[Newcomer]) -> dict[str, Grade]:
    """The ids of all newcomers with their true grade."""
    return {fruit: one.label for one in newcomers for fruit in one.fruit}


def introduced(skins: Sequence[Skin], newcomers: Sequence[Newcomer], where: str) -> list[Skin]:
    """All skins, newcomers with the grade that they are given. Raises UsageFault where one is not among these."""
    told = named(newcomers)
    if missing := sorted(told.keys() - {skin.skin_id for skin in skins}):
        raise UsageFault(
            f"{where}: no {', '.join(missing)}, which the scenario's [[newcomer]] names: it is not there, or the "
            "bundle has learned from it"
        )
    return [_Called(skin, told[skin.skin_id]) if skin.skin_id in told else skin for skin in skins]


def without(skins: Mapping[str, Sequence[Skin]], newcomers: Sequence[Newcomer]) -> dict[str, list[Skin]]:
    """The fruit that are always there."""
    told = named(newcomers)
    return {label: [skin for skin in some if skin.skin_id not in told] for label, some in skins.items()}


def coming(newcomers: Sequence[Newcomer], skins: Mapping[str, Sequence[Skin]]) -> list[tuple[Newcomer, list[Skin]]]:
    """Each kind with its skins."""
    every = [skin for some in skins.values() for skin in some]
    return [(one, [skin for skin in every if skin.skin_id in one.fruit]) for one in newcomers]


@dataclass(frozen=True, slots=True)
class _Called:
    """A Skin by another grade."""

    skin: Skin
    label: str

    @property
    def skin_id(self) -> str:
        return self.skin.skin_id

    @property
    def views(self) -> int:
        return self.skin.views

    def view(self, n: int) -> Rgba:
        return self.skin.view(n)

    def damage_shown(self, n: int) -> bool:
        return self.skin.damage_shown(n)
