"""A crop as one TOML file says it: size, shape and skin of its fruit, their colour as they ripen, the grades that are
cut out of that, and what can be wrong with them.

A bundle knows four labels whatever the crop (`edge.datapath.LABELS`): three of ripeness, in order, and `damaged`. Each
grade of a crop has a name of its own and stands for one of them. TOML → pydantic, all faults at once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from edge.datapath import LABELS
from edge.errors import UsageFault
from sim.atlas.damage import KINDS

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
Fraction = Annotated[float, Field(ge=0, le=1)]
Rgb = tuple[
    Annotated[int, Field(ge=0, le=255)], Annotated[int, Field(ge=0, le=255)], Annotated[int, Field(ge=0, le=255)]
]
Label = Literal["green", "turning", "red", "damaged"]
_DAMAGED = LABELS[-1]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @model_validator(mode="after")
    def _ranges_rise(self) -> Self:
        for key in type(self).model_fields:
            match getattr(self, key):
                case (float() as low, float() as high) if low > high:
                    raise ValueError(f"{key} = [{low:g}, {high:g}]: the first must be at most the second")
        return self


class Shape(_Part):
    """Even draws. `flatness`: height (stem to blossom's end) over breadth. `narrow`: breadth the one way over the
    other. `taper`: how much narrower the blossom's end is than the shoulders. `dimple`: depth of the hollow at the
    stem, as a share of half the breadth."""

    flatness: tuple[Annotated[float, Field(ge=0.4)], Annotated[float, Field(le=2.5)]]
    taper: tuple[Annotated[float, Field(ge=-0.3)], Annotated[float, Field(le=0.6)]] = (0.0, 0.05)
    dimple: tuple[Annotated[float, Field(ge=0)], Annotated[float, Field(le=0.3)]] = (0.02, 0.06)
    suture: Fraction = 0.0
    """Depth of the seam down one side, as a share of half the breadth."""


class Skin(_Part):
    """`gloss`: even draw, 0 a peach and 1 a wet cherry. `uneven`: how much riper one place of a fruit may be than
    another, of the whole way from unripe to ripe. `speckled`: how strong its grain is. `stem`: the scar's colour, and
    half its breadth in radians seen from the middle."""

    gloss: tuple[Fraction, Fraction]
    uneven: Fraction = 0.05
    speckled: Annotated[float, Field(ge=0, le=0.3)] = 0.02
    stem: Rgb = (140, 116, 76)
    stem_rad: Annotated[float, Field(ge=0.02, le=0.4)] = 0.1


class Ripening(_Part):
    """The skin's colour at some ripenesses, from 0 to 1, sRGB; straight lines between them."""

    at: Annotated[tuple[Fraction, ...], Field(min_length=2)]
    rgb: tuple[Rgb, ...]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if list(self.at) != sorted(set(self.at)):
            raise ValueError("at: the ripenesses must rise")
        if len(self.at) != len(self.rgb):
            raise ValueError(f"rgb: {len(self.rgb)} colours for {len(self.at)} ripenesses; one each")
        return self


class Grade(_Part):
    """One grade: the label that a bundle knows it by, and the ripeness that it is (one of ripeness) or the kinds of
    damage with their weights (the damaged one, whose ripeness is any grade's)."""

    label: Label
    says: str
    ripeness: tuple[Fraction, Fraction] | None = None
    kinds: dict[str, Annotated[float, Field(gt=0)]] = {}

    @model_validator(mode="after")
    def _one_or_other(self) -> Self:
        if self.label == _DAMAGED and (self.ripeness is not None or not self.kinds):
            raise ValueError(f"a damaged grade has kinds of damage and no ripeness; there are {', '.join(KINDS)}")
        if self.label != _DAMAGED and (self.ripeness is None or self.kinds):
            raise ValueError("a grade of ripeness has a ripeness, [from, to], and no kinds of damage")
        if unknown := set(self.kinds) - set(KINDS):
            raise ValueError(f"kinds: {', '.join(sorted(unknown))}: must be of {', '.join(KINDS)}")
        return self


class Stranger(_Part):
    """Ripe fruit that belong to no grade, of one colour: another cultivar, say. The machine should not judge them."""

    says: str
    rgb: Rgb


class Count(_Part):
    """How many fruit of each grade are painted, for training and held out, and how many views each has. A damaged one
    counts `damaged` times: damage comes in more kinds than ripeness."""

    train: Annotated[int, Field(ge=2, le=1000)] = 40
    held: Annotated[int, Field(ge=2, le=1000)] = 16
    strangers: Annotated[int, Field(ge=1, le=1000)] = 6
    damaged: Annotated[int, Field(ge=1, le=10)] = 3
    train_views: Annotated[int, Field(ge=2, le=36)] = 6
    held_views: Annotated[int, Field(ge=4, le=36)] = 12


class Crop(_Part):
    name: Name
    says: str
    seed: Annotated[int, Field(ge=0)] = 1
    length_mm: tuple[Annotated[float, Field(ge=10)], Annotated[float, Field(le=120)]]
    shape: Shape
    skin: Skin
    ripening: Ripening
    grades: dict[Name, Grade]
    strangers: dict[Name, Stranger] = {}
    count: Count = Count()

    @model_validator(mode="after")
    def _every_label_once(self) -> Self:
        if faults := list(_grade_faults(self.grades)):
            raise ValueError("\n".join(faults))
        return self

    def of_label(self, label: str) -> tuple[str, Grade]:
        """The grade that stands for a label, with its name."""
        return next((name, grade) for name, grade in self.grades.items() if grade.label == label)


def _grade_faults(grades: dict[str, Grade]) -> Iterator[str]:
    for label in LABELS:
        names = [name for name, grade in grades.items() if grade.label == label]
        if len(names) != 1:
            yield f"grades: {len(names)} with label {label}: exactly one grade stands for each of {', '.join(LABELS)}"
    spans = {grade.label: grade.ripeness for grade in grades.values() if grade.ripeness}
    for before, after in pairwise(LABELS[:3]):
        if before in spans and after in spans and spans[before][1] >= spans[after][0]:
            yield f"grades: the one of {before} must end below where the one of {after} begins"


def load_crop(path: Path) -> Crop:
    """Read a crop. Raises UsageFault, a line a fault."""
    try:
        return Crop.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise UsageFault(f"{path}: {error.strerror}; give a crop's .toml file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageFault(f"{path}: not TOML: {error}") from None
    except ValidationError as error:
        lines = [
            f"{path}: {'.'.join(map(str, fault['loc'])) or 'the file'}: {said}"
            for fault in error.errors(include_url=False)
            for said in fault["msg"].removeprefix("Value error, ").split("\n")
        ]
        raise UsageFault("\n".join(lines)) from None
