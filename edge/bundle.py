"""A bundle: one release of the grader as one folder, weights and all that decides how they are used.

`bundle.json` (the manifest) · `model.tflite` (int8; input uint8 RGB) · `golden.npz` (two layers, rendered fruit only:
`crops_*`/`masks_*` -> `tensors`, with a tolerance; `tensors` -> `outputs`, `features`, exact within LiteRT) ·
`reference.npz` (what learned tomatoes look like to the network, where the manifest has `unknown`).
"""

import hashlib
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from edge.datapath import LABELS
from edge.errors import BundleFault, UsageFault

FACTORY = Path(__file__).parent / "bundles" / "factory"

PREPROCESSING_VERSIONS = frozenset({1})
"""Those that `edge.grade.preprocess` implements. A change of a single pixel is a new version."""

MANIFEST = "bundle.json"
WEIGHTS = "model.tflite"
GOLDEN = "golden.npz"
REFERENCE = "reference.npz"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Preprocessing(_Part):
    """`size_px`: the input's side; `background`: the grey that stands where no fruit is; `margin`: how much wider than
    the fruit the square crop is, as a fraction."""

    version: int
    size_px: Annotated[int, Field(ge=16, le=512)]
    background: Annotated[int, Field(ge=0, le=255)]
    margin: Annotated[float, Field(ge=0, le=1)]


Fraction = Annotated[float, Field(ge=0, le=1)]


class AtLooks(_Part):
    """What `looks` looks at a fruit are worth. The log-odds of damage that shows are `scale` times the looks' own,
    fused, plus `offset`; `floor` is the chance of damage that none of them shows. A fruit is damaged from the chance
    `damaged` on. No grade that has its chance in `least` is ruled out."""

    looks: Annotated[int, Field(ge=1, le=64)]
    scale: Annotated[float, Field(gt=0, le=100)]
    offset: Annotated[float, Field(ge=-100, le=100)]
    floor: Annotated[float, Field(ge=0, lt=1)] = 0.0
    damaged: Fraction
    least: dict[str, Fraction] = {}


class Fusion(_Part):
    """How looks become chances, fitted on validation fruit. `peak` (above 0): how much the look with most damage counts
    before the mean; `ripeness`: the exponent that calibrates the looks' mean; `mix`: the share of each label that the
    chances are told for. `promise`: the share of a grade's fruit that `least` may lose, `promised`: the physical fruit
    that it stands on, by grade: with fewer than 1 / promise - 1 grades of ripeness share theirs, or it is a caution."""

    peak: Annotated[float, Field(gt=0, le=10)]
    ripeness: Annotated[float, Field(gt=0, le=100)]
    mix: dict[str, Fraction]
    promise: Annotated[float, Field(gt=0, lt=1)]
    promised: dict[str, int]
    at: Annotated[tuple[AtLooks, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        looks = [row.looks for row in self.at]
        if looks != sorted(set(looks)):
            raise ValueError("at: the numbers of looks must rise")
        named = {*self.mix, *self.promised, *(grade for row in self.at for grade in row.least)}
        if named - set(LABELS):
            raise ValueError(f"mix, promised and least name grades: {', '.join(LABELS)}")
        return self


class Thresholds(_Part):
    """Chosen in training, on validation fruit. `damaged`: the fused chance of damage from which a fruit is damaged,
    where there is no `fusion`, which has its own for each number of looks."""

    least_confidence: Fraction
    most_unknown: Fraction
    damaged: Fraction
    fusion: Fusion | None = None


class Unknown(_Part):
    """How `unknown_score` comes about (`edge.grade.unknown`): a logistic over the logit `known`, which speaks against
    strangeness, and the distance from the reference, which speaks for it."""

    known: Annotated[float, Field(ge=0)]
    distance: Annotated[float, Field(ge=0)]
    bias: float


class Origin(_Part):
    """Where the weights came from."""

    recipe: str
    recipe_text: str
    dataset_sha256: str
    code_commit: str
    seed: int
    created_utc: str
    trained_on: dict[str, list[str]]
    """Source (`builtin`, `turntable`, `ageing`) to the physical fruit learned or tuned on."""


class Manifest(_Part):
    """What a bundle says of itself. Its model gives a vector `scores` of five logits, in this order: ripeness (green,
    turning, red), damage, known (a tomato or not); and another one, the features."""

    format: Literal[1]
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
    labels: tuple[str, ...]
    preprocessing: Preprocessing
    thresholds: Thresholds
    unknown: Unknown | None = None
    """None: the head `known` alone decides what is strange."""
    origin: Origin
    metrics: dict[str, float | int | str | None]
    licences: list[str]
    files: dict[str, str]
    """File name to sha256, of everything in the folder but the manifest."""


class Bundle(_Part):
    """A folder whose manifest was read and whose files are what the manifest says."""

    folder: Path
    manifest: Manifest
    digest: str

    @property
    def identity(self) -> str:
        """`name@digest`, as verdicts carry it."""
        return f"{self.manifest.name}@{self.digest}"

    @property
    def weights(self) -> Path:
        return self.folder / WEIGHTS


def load_bundle(folder: Path) -> Bundle:
    """Read a bundle and check it whole. Raises UsageFault where there is none, BundleFault where it is not good."""
    path = folder / MANIFEST
    if not path.is_file():
        raise UsageFault(f"{folder}: no bundle here: {MANIFEST} is missing; give a folder that sorter train wrote")
    raw = _read(path)
    try:
        _check_version(path, raw)
        manifest = Manifest.model_validate_json(raw)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in fault["loc"]) or "the file"
        raise BundleFault(f"{path}: {where}: {fault['msg']}; train or fetch the bundle again") from None
    _check_labels(path, manifest)
    _check_files(folder, manifest)
    return Bundle(folder=folder, manifest=manifest, digest=hashlib.sha256(raw).hexdigest()[:12])


def resolve(name: str, beside: Path | None = None) -> Path:
    """The folder that a profile's or a command's `bundle` means: `factory`, or a path (from `beside` if relative)."""
    if name == "factory":
        return FACTORY
    path = Path(name).expanduser()
    return path if path.is_absolute() or beside is None else beside / path


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BundleFault(f"{path}: cannot be read: {error.strerror}") from None


class _Versioned(BaseModel):
    """All that is asked of a manifest before the rest of it: another version may have other keys."""

    class Part(BaseModel):
        version: int

    preprocessing: Part


def _check_version(path: Path, raw: bytes) -> None:
    version = _Versioned.model_validate_json(raw).preprocessing.version
    if version not in PREPROCESSING_VERSIONS:
        known = ", ".join(str(v) for v in sorted(PREPROCESSING_VERSIONS))
        raise BundleFault(
            f"{path}: preprocessing version {version}: this runtime knows {known}; update the runtime or choose "
            f"another bundle"
        )


def _check_labels(path: Path, manifest: Manifest) -> None:
    if manifest.labels != LABELS:
        raise BundleFault(f"{path}: labels {', '.join(manifest.labels)}: this runtime knows {', '.join(LABELS)}")


def _check_files(folder: Path, manifest: Manifest) -> None:
    for name in (WEIGHTS, GOLDEN, *([REFERENCE] if manifest.unknown else [])):
        if name not in manifest.files:
            raise BundleFault(f"{folder}/{MANIFEST}: files: {name} is not listed; train or fetch the bundle again")
    for name, expected in manifest.files.items():
        path = folder / name
        if Path(name).name != name or not path.is_file():
            raise BundleFault(f"{path}: missing; the bundle is not whole; fetch it again")
        if hashlib.sha256(_read(path)).hexdigest() != expected:
            raise BundleFault(f"{path}: not the file that {MANIFEST} lists (sha256 differs); fetch the bundle again")
