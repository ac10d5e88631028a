"""What a bundle is trained from and how: one TOML file. Every choice that changes the weights is a key here."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from edge.bundle import Preprocessing
from edge.errors import UsageFault

RECIPES = Path(__file__).parent / "recipes"

Channels = Annotated[int, Field(ge=4, le=256)]
Fraction = Annotated[float, Field(ge=0, le=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Data(_Part):
    """`rendered`: whether the built-in fruit are learned from (thresholds count them in any case). `photographs`:
    "none", or "wanted" (learned from when --data names a folder). `views`: of one fruit at most."""

    rendered: bool = True
    photographs: Literal["none", "wanted"]
    views: Annotated[int, Field(ge=4, le=400)]
    validation: Fraction
    ageing_held: Fraction = 0.0
    turntable_held: list[str] = []
    turntable_validation: list[str] = []

    @model_validator(mode="after")
    def _teaches(self) -> Data:
        if self.photographs == "none" and not self.rendered:
            raise ValueError("nothing to learn from: rendered fruit, photographs or both must be wanted")
        return self


class Looks(_Part):
    """`count`: how many looks are made, once, before training. `weights`: how often a group (`source:grade`) is made,
    in proportion, and drawn where [training] does not say otherwise; 1 where it is not named. `made-up:unknown` are no
    tomatoes at all, `made-up:damaged` sound photographed tomatoes with damage painted on."""

    count: Annotated[int, Field(ge=64, le=1_000_000)]
    weights: dict[str, Annotated[float, Field(ge=0)]] = {}


class Network(_Part):
    """`trunk`: "lite0" (EfficientNet-Lite0 to stage `stages`, ImageNet's weights if `pretrained`, the first `frozen`
    stages never trained) or "student" (a small one from scratch). `stem`, `blocks` are the student's: channels of the
    full convolutions, each of which halves the picture; channels and stride of the depthwise-separable ones after them.
    `colour`: channels of the colour branch; `local`: of what the damage head sees in each place. `heads`: "three" (one
    for ripeness, damage and known each) or "one" (a softmax of five)."""

    trunk: Literal["lite0", "student"]
    pretrained: bool = True
    stages: Annotated[int, Field(ge=3, le=5)] = 4
    frozen: Annotated[int, Field(ge=0, le=5)] = 0
    stem: Annotated[list[Channels], Field(max_length=3)] = []
    blocks: Annotated[list[tuple[Channels, Annotated[int, Field(ge=1, le=2)]]], Field(max_length=12)] = []
    colour: Channels
    local: Channels = 64
    heads: Literal["three", "one"] = "three"

    @model_validator(mode="after")
    def _fits(self) -> Network:
        if self.frozen > (self.stages if self.pretrained else 0):
            raise ValueError("frozen: at most `stages` of a pretrained lite0, and 0 of what learns from scratch")
        if self.trunk == "student" and (self.pretrained or not (self.stem and self.blocks)):
            raise ValueError("a student needs stem and blocks, and pretrained = false")
        return self


class Training(_Part):
    """`epochs` of `looks` drawn from those made; then `tuned_epochs` more in which the trunk's stages that are not
    frozen learn too, at `tuned_rate`. `weights`: how often a group of looks is drawn, other than it was made.
    `strategy`: "none", "mirrored" (all processors of this machine) or "multi-worker" (the cluster that TF_CONFIG tells;
    see `training.spread`); `batch` is that of all workers together."""

    epochs: Annotated[int, Field(ge=1, le=1000)]
    looks: Annotated[int, Field(ge=64, le=1_000_000)]
    batch: Annotated[int, Field(ge=8, le=4096)]
    learning_rate: Annotated[float, Field(gt=0, le=1)]
    tuned_epochs: Annotated[int, Field(ge=0, le=1000)] = 0
    tuned_rate: Annotated[float, Field(gt=0, le=1)] = 1e-3
    weights: dict[str, Annotated[float, Field(ge=0)]] = {}
    strategy: Literal["none", "mirrored", "multi-worker"] = "none"


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
    looks: Looks
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
