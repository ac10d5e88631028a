"""Pictures of single fruit with what is known of them, and the split that keeps every physical fruit in one part."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from edge.datapath import LABELS, UNKNOWN

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Part = Literal["train", "validation", "held"]
PARTS: tuple[Part, ...] = ("train", "validation", "held")

UNTOLD = -1
"""The target of a head that a picture cannot teach: its loss is masked."""

RIPENESS = LABELS[:3]


@dataclass(frozen=True, slots=True)
class Picture:
    """One view of one physical fruit, cut out.

    `fruit` is unique within its `source`; `order` the view's place in the fruit's turn. `pixels` is uint8 RGB
    (h, w, 3), `mask` uint8 (h, w), 255 on the fruit. `grade` is the whole fruit's, one of LABELS or "unknown", or empty
    where nobody can say. `ripeness` indexes RIPENESS, `damage` says whether damage shows in this view and `known`
    whether it is a tomato (0 or 1); each may be UNTOLD. `cultivar` is empty where nobody has said.
    """

    source: str
    fruit: str
    order: int
    pixels: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    grade: str
    ripeness: int
    damage: int
    known: int
    cultivar: str = ""

    @property
    def fruit_key(self) -> str:
        return f"{self.source}/{self.fruit}"

    @property
    def targets(self) -> tuple[int, int, int]:
        return self.ripeness, self.damage, self.known


@dataclass(frozen=True, slots=True)
class Dataset:
    """All parts of all sources. `files` are those that the train and validation parts were read from."""

    parts: dict[Part, list[Picture]]
    files: tuple[Path, ...]

    def fruit(self, *parts: Part) -> dict[str, list[str]]:
        """Source to the physical fruit of these parts, sorted."""
        found: dict[str, set[str]] = defaultdict(set)
        for part in parts:
            for picture in self.parts[part]:
                found[picture.source].add(picture.fruit)
        return {source: sorted(names) for source, names in sorted(found.items())}

    def joined(self, other: Dataset) -> Dataset:
        return Dataset({part: self.parts[part] + other.parts[part] for part in PARTS}, self.files + other.files)

    def sha256(self) -> str:
        """Over the sorted content hashes of the files, so that neither names nor folders matter."""
        hashes = sorted(hashlib.sha256(path.read_bytes()).hexdigest() for path in set(self.files))
        return hashlib.sha256("\n".join(hashes).encode()).hexdigest()


def lot(key: str) -> float:
    """A fruit's own number in [0, 1): the same on every machine, whatever other fruit there are."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:6], "big") / 2**48


def part_by_lot(key: str, held: float, validation: float) -> Part:
    """The part of a fruit when the fractions `held` and `validation` are drawn by its lot."""
    drawn = lot(key)
    if drawn < held:
        return "held"
    return "validation" if drawn < held + validation else "train"


def split(pictures: Iterable[Picture], part_of: Callable[[Picture], Part]) -> dict[Part, list[Picture]]:
    """Pictures by part. Raises AssertionError if `part_of` would put one physical fruit into two parts."""
    parts: dict[Part, list[Picture]] = {part: [] for part in PARTS}
    home: dict[str, Part] = {}
    for picture in pictures:
        part = part_of(picture)
        assert home.setdefault(picture.fruit_key, part) == part, f"{picture.fruit_key} in two parts"
        parts[part].append(picture)
    return parts


def by_fruit(pictures: Sequence[Picture]) -> dict[str, list[Picture]]:
    """Fruit key to its views in the order of its turn."""
    fruit: dict[str, list[Picture]] = defaultdict(list)
    for picture in pictures:
        fruit[picture.fruit_key].append(picture)
    return {key: sorted(views, key=lambda view: view.order) for key, views in sorted(fruit.items())}


def group_of(picture: Picture) -> str:
    """What a picture teaches, which training balances by: its source with the grade that this view shows."""
    if picture.known == 0:
        return f"{picture.source}:{UNKNOWN}"
    if picture.damage == 1:
        return f"{picture.source}:damaged"
    if picture.ripeness != UNTOLD:
        return f"{picture.source}:{RIPENESS[picture.ripeness]}"
    return f"{picture.source}:{'sound' if picture.damage == 0 else 'tomato'}"
