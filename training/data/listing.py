"""A dataset as it is listed: one row a picture, from `dataset.csv`, or from the photographs that this project knows.

`dataset.csv` has a header and the columns `file` (beside the list), `fruit` (the physical fruit) and `label`; and,
where they are told, `split`, `source` (whose pictures these are, or which camera's), `cultivar` and `light`. A
missing column is one value for all: of a column that does not differ nothing can be found.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from edge.errors import UsageFault
from training import photographs

LIST = "dataset.csv"
PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})
_NEEDED = ("file", "fruit", "label")


@dataclass(frozen=True, slots=True)
class Row:
    """One picture. `fruit` is unique within its `source`."""

    path: Path
    name: str
    fruit: str
    label: str
    split: str = ""
    source: str = ""
    cultivar: str = ""
    light: str = ""

    @property
    def fruit_key(self) -> str:
        return f"{self.source}/{self.fruit}"


@dataclass(frozen=True, slots=True)
class Listing:
    """`unlisted`: pictures that lie in the folder and are in no row."""

    folder: Path
    rows: tuple[Row, ...]
    unlisted: tuple[Path, ...] = ()


def read_listing(folder: Path) -> Listing:
    """The folder's list. Raises UsageFault where there is none, or it lacks a column."""
    if not folder.is_dir():
        raise UsageFault(f"{folder}: no such folder; name the folder that holds {LIST}")
    if (folder / LIST).is_file():
        rows = tuple(_rows(folder))
        listed = {row.path for row in rows}
        unlisted = tuple(path for path in _pictures(folder) if path not in listed)
        return Listing(folder, rows, unlisted)
    if (folder / "turntable").is_dir() and (folder / "ageing" / "labels.csv").is_file():
        return Listing(folder, tuple(_known(folder)))
    raise UsageFault(f"{folder}: no {LIST} here; it lists a picture a line with the columns {', '.join(_NEEDED)}")


def _rows(folder: Path) -> Iterator[Row]:
    with (folder / LIST).open(newline="", encoding="utf-8") as lines:
        table = csv.DictReader(lines)
        missing = [name for name in _NEEDED if name not in (table.fieldnames or ())]
        if missing:
            raise UsageFault(f"{folder / LIST}: no column {', '.join(missing)}; must have {', '.join(_NEEDED)}")
        for number, row in enumerate(table, 2):
            told = {name: (row.get(name) or "").strip() for name in Row.__dataclass_fields__ if name in row}
            name = (row["file"] or "").strip()
            if not name or not told["fruit"] or not told["label"]:
                raise UsageFault(f"{folder / LIST}:{number}: file, fruit and label must be told")
            yield Row(folder / name, name, **told)


def _pictures(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.suffix.lower() in PICTURES)


def _known(folder: Path) -> Iterator[Row]:
    """The photographs of `training.photographs`, as far as their labels are told. `lab` is another camera's."""
    for fruit in sorted(path for path in (folder / "turntable").iterdir() if path.is_dir()):
        grade = photographs.TURNTABLE_GRADES.get(fruit.name, "" if fruit.name.startswith("Tomato") else "unknown")
        if grade:
            yield from _of(folder, sorted(fruit.glob("*.jpg")), fruit.name, grade, "turntable")
    with (folder / "ageing" / "labels.csv").open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["condition"]:
                yield from _of(folder, [folder / row["file"]], row["fruit"], row["condition"], "ageing")
    for path, grade in photographs.validation_only(folder):
        yield from _of(folder, [path], path.stem, grade, "lab")


def _of(folder: Path, paths: Iterable[Path], fruit: str, label: str, source: str) -> Iterator[Row]:
    for path in paths:
        yield Row(path, str(path.relative_to(folder)), fruit, label, "", source)
