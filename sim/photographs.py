"""Real fruit for the belt, from a folder of photographs: `turntable/` really turns, `ageing/` brings rot and colour.

What the folder must look like: `turntable/<fruit>/[<run>_]<n>_100.jpg`, each run one turn about the picture's
vertical; `ageing/labels.csv` (columns `file`, `fruit`, `shot`, `condition`) and the files that it names. Any other
folder beside these is left alone.
"""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.datapath import UNKNOWN
from edge.errors import UsageFault
from edge.log import Log
from sim.cutout import cut_out, fit
from sim.fruit import Skin, Turning

SIZE_PX = 96
MOST_VIEWS = 36
"""Views kept of a turn: 10 degrees apart, where between two frames a fruit of 60 mm turns by 40."""

TURNTABLE = {
    "Tomato_2": "red",
    "Tomato_3": "red",
    "Tomato_4": "red",
    "Tomato_8": "red",
    "Tomato_Heart_1": "red",
    "Tomato_Cherry_Red_2": "red",
    "Tomato_5": "turning",
    "Tomato_10": "turning",
    "Tomato_11": "green",
    "Tomato_9": "damaged",
}
"""True grades by look. Other tomatoes are cultivars whose colour is not their ripeness: they stay off the belt.
Whatever is no tomato is `unknown`."""

DAMAGE_SHOWS = {
    ("Tomato_9", "r0"): ((120, 265),),
    ("Tomato_9", "r1"): ((0, 12), (45, 174), (200, 400)),
    ("Tomato_9", "r2"): ((0, 230), (288, 400)),
}
"""Where a damaged fruit of the turntable shows it, seen by eye: (fruit, run) to first and last numbers."""

RED_BELOW_DEG, TURNING_FROM_DEG = 45.0, 51.0
"""Sound `ageing/` fruit by the Lab hue angle of their median colour: pure red is about 35, orange 60, yellow 80. What
lies between the two could be called either and stays off the belt."""

_LOG = Log("fruit")


def load_photographs(folder: Path, leave_out: Mapping[str, Sequence[str]], also: Collection[str] = ()) -> list[Skin]:
    """Every fruit of the folder with a true grade, ordered by name. Reads and cuts out at once: some seconds.

    `leave_out` names by source (`turntable`, `ageing`) the fruit that must not come: those that a bundle was trained
    on; `also` by id tomatoes of the turntable that come as `unknown` though no grade is told of them. Each run about
    another axis, and each state of an ageing fruit, is a Skin of its own with the fruit's `skin_id`.
    A broken photograph is named in a warning and left out. Raises UsageFault where nothing can come of the folder.
    """
    if not folder.is_dir():
        raise UsageFault(f"{folder}: no such folder; give the one that holds turntable/ and ageing/")
    sources: dict[str, Callable[[Path, frozenset[str]], Iterator[Skin]]] = {
        "turntable": lambda folder, left_out: _turntable(folder, left_out, also),
        "ageing": _ageing,
    }
    present = [name for name in sources if (folder / name).is_dir()]
    if not present:
        raise UsageFault(f"{folder}: holds neither turntable/ nor ageing/; give a folder of photographs that does")
    if not any(path for name in present for path in (folder / name).glob("*/*.jpg")):
        raise UsageFault(f"{folder}: holds no photographs in {' or '.join(f'{n}/*/*.jpg' for n in present)}")
    skins: list[Skin] = []
    for name in present:
        skins += sources[name](folder, frozenset(leave_out.get(name, ())))
    if not skins:
        raise UsageFault(f"{folder}: no fruit is left: each is without a grade, broken, or one the bundle learned from")
    return skins


def _turntable(folder: Path, leave_out: frozenset[str], also: Collection[str]) -> Iterator[Skin]:
    for fruit in sorted((folder / "turntable").iterdir()):
        graded = not fruit.name.startswith("Tomato") or f"turntable/{fruit.name}" in also
        label = TURNTABLE.get(fruit.name, UNKNOWN if graded else "")
        if not label or fruit.name in leave_out or not fruit.is_dir():
            continue
        for run, numbered in sorted(_runs(fruit).items()):
            count = min(MOST_VIEWS, len(numbered))
            turn = [numbered[n * len(numbered) // count] for n in range(count)]
            kept = [(number, picture) for number, path in turn if (picture := _read(path)) is not None]
            if kept:
                ranges = DAMAGE_SHOWS.get((fruit.name, run), ())
                shown = [any(low <= number <= high for low, high in ranges) for number, _ in kept]
                yield _skin(f"turntable/{fruit.name}", label, shown, [picture for _, picture in kept], rolls=True)


def _runs(fruit: Path) -> dict[str, list[tuple[int, Path]]]:
    """The photographs of each run in the order in which the fruit turned."""
    runs: dict[str, list[tuple[int, Path]]] = defaultdict(list)
    for path in fruit.glob("*.jpg"):
        *run, number, _ = ["", *path.stem.split("_")][-3:]
        if number.isdecimal():
            runs["".join(run)].append((int(number), path))
    return {run: sorted(numbered) for run, numbered in runs.items()}


def _ageing(folder: Path, leave_out: frozenset[str]) -> Iterator[Skin]:
    """Single photographs, whole fruit seen from one side: a fruit in one state shows those it has of that state."""
    states: dict[tuple[str, str], list[NDArray[np.uint8]]] = defaultdict(list)
    for line in _labelled(folder / "ageing" / "labels.csv"):
        if line["fruit"] in leave_out or (picture := _read(folder / line["file"])) is None:
            continue
        if label := "damaged" if line["condition"] == "damaged" else _grade(picture):
            states[line["fruit"], label].append(picture)
    for (fruit, label), pictures in sorted(states.items()):
        yield _skin(f"ageing/{fruit}", label, [label == "damaged"] * len(pictures), pictures, rolls=False)


def _labelled(table: Path) -> list[dict[str, str]]:
    """Lines whose condition was seen, by fruit and shot."""
    try:
        with table.open(newline="", encoding="utf-8") as lines:
            seen = [line for line in csv.DictReader(lines) if line["condition"] in ("sound", "damaged")]
        return sorted(seen, key=lambda line: (line["fruit"], int(line["shot"])))
    except OSError:
        raise UsageFault(f"{table}: no such file; it names the photographs and what can be seen on them") from None
    except (KeyError, TypeError, ValueError) as error:
        raise UsageFault(f"{table}: {error!r}: must have the columns file, fruit, shot (a number), condition") from None


def _skin(skin_id: str, label: str, shown: list[bool], cutouts: list[NDArray[np.uint8]], *, rolls: bool) -> Turning:
    views = fit(cutouts, SIZE_PX, rolls=rolls)
    return Turning(skin_id, label, shown, lambda: views)


def _read(path: Path) -> NDArray[np.uint8] | None:
    """The fruit cut out (h, w, 4), or None after a warning."""
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB) if path.is_file() else None
    cutout = None if picture is None else cut_out(np.asarray(picture, np.uint8))
    if cutout is None:
        why = "no such file" if not path.is_file() else "not an image" if picture is None else "no fruit on white"
        _LOG.warning(f"{path}: {why}; left out, the rest goes on")
    return cutout


def _grade(cutout: NDArray[np.uint8]) -> str:
    """`red` or `turning` of a sound fruit, or nothing where it could be called either."""
    lab = cv2.cvtColor(np.ascontiguousarray(cutout[..., :3]), cv2.COLOR_RGB2LAB)[cutout[..., 3] > 250]
    red_green, yellow_blue = np.median(lab[:, 1:].astype(float) - 128, axis=0)
    hue_deg = math.degrees(math.atan2(yellow_blue, red_green))
    return "red" if hue_deg < RED_BELOW_DEG else "turning" if hue_deg >= TURNING_FROM_DEG else ""
