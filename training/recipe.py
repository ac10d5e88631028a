"""What a bundle is trained from and how: one TOML file. Every choice that changes the weights is a key here."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edge.bundle import Preprocessing
from edge.errors import UsageFault

RECIPES = Path(__file__).parent / "recipes"

Channels = Annotated[int, Field(ge=4, le=256)]
Fraction = Annotated[float, Field(ge=0, le=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Data(_Part):
    """`photographs`: "none", or "wanted" (learned from when --data names a folder). `views`: of one fruit at most."""

    photographs: Literal["none", "wanted"]
    views: Annotated[int, Field(ge=4, le=400)]
    validation: Fraction
    ageing_held: Fraction = 0.0
    turntable_held: list[str] = []
    turntable_validation: list[str] = []


class Network(_Part):
    """`stem`: channels of the first, full convolutions, each of which halves the picture; `blocks`: channels and stride
    of the depthwise-separable ones after them; `colour`: channels of the colour branch."""

    stem: Annotated[list[Channels], Field(min_length=1, max_length=3)]
    blocks: Annotated[list[tuple[Channels, Annotated[int, Field(ge=1, le=2)]]], Field(min_length=1, max_length=12)]
    colour: Channels


class Training(_Part):
    """`looks` are drawn anew for each epoch and learned from `passes` times."""

    epochs: Annotated[int, Field(ge=1, le=1000)]
    looks: Annotated[int, Field(ge=64, le=100_000)]
    passes: Annotated[int, Field(ge=1, le=10)]
    batch: Annotated[int, Field(ge=8, le=1024)]
    learning_rate: Annotated[float, Field(gt=0, le=1)]
    weights: dict[str, Annotated[float, Field(ge=0)]] = {}
    """How often a group (`source:grade`) is drawn, in proportion; 1 where it is not named."""


class Choosing(_Part):
    """The thresholds: `refused` is the share of rightly graded validation fruit that doubt may cost, once as unknown
    and once as unsure; `looks` are those of one passage."""

    looks: Annotated[int, Field(ge=1, le=64)]
    refused: Fraction


class Recipe(_Part):
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
    seed: Annotated[int, Field(ge=0)]
    input: Preprocessing
    data: Data
    network: Network
    training: Training
    choosing: Choosing


def load_recipe(name: str) -> tuple[Recipe, str]:
    """A recipe and its text, by path or by the name of one that ships. Raises UsageFault naming every fault."""
    path = Path(name) if name.endswith(".toml") else RECIPES / f"{name}.toml"
    if not path.is_file():
        shipped = ", ".join(sorted(file.stem for file in RECIPES.glob("*.toml")))
        raise UsageFault(f"{name}: no such recipe; give a .toml file or one of: {shipped}")
    text = path.read_text(encoding="utf-8")
    try:
        return Recipe.model_validate(tomllib.loads(text)), text
    except tomllib.TOMLDecodeError as error:
        raise UsageFault(f"{path}: not TOML: {error}") from None
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors(include_url=False)]
        raise UsageFault("\n".join(f"{path}: {fault}" for fault in faults)) from None
