"""What was recorded of a bundle and its fruit: for every view of every skin, how it was found and what the network said
of it, in each of a few conditions. One file, read whole or not at all."""

from __future__ import annotations

import io
import math
import zlib
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import NamedTuple
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from edge.datapath import Grades
from edge.grade.litert import grades_of
from sim.fruit import Skin

FORMAT = 2
"""Goes up with whatever changes what would be recorded: the renderer, the segmenter, the preprocessing."""

SIZES_PX = ((44.0, 60.0), (60.0, 76.0), (76.0, 98.0))
"""A fruit's length in the picture, in classes. A fruit beyond them is taken for the nearest."""

YAWS_DEG = (-20.0, -10.0, 0.0, 10.0, 20.0)
"""Limits of the classes of a fruit's turn about the vertical; the same holds for a fruit beyond them."""

LIGHTS = (0.94, 1.03)
"""The light of the recording, before it falls off towards the corners."""

BRIGHT_FROM = 0.93
"""Where a fruit stands in so much light, it is looked up as under the second of `LIGHTS`."""

GAPS_PX = (-6.0, -2.0, 0.0, 2.0, 4.0, 8.0)
"""Between two bodies that were recorded together; what is further apart stands alone."""

LOST, FOUND, MERGED = 0, 1, 2
_SIZE_LIMITS_PX = [high for _, high in SIZES_PX[:-1]]
_YAW_LIMITS_RAD = [math.radians(deg) for deg in YAWS_DEG[1:-1]]
CONDITIONS = (len(SIZES_PX), len(YAWS_DEG) - 1, len(LIGHTS))

Skins = Mapping[str, Sequence[Skin]]


class Recorded(NamedTuple):
    """One view in one condition. Lengths and the middle's offset are shares of the fruit's true length; `outputs` is
    what `Table.grades` reads."""

    right: float
    down: float
    length: float
    width: float
    merged: bool
    outputs: tuple[int, ...]
    unknown: float
    sharpness: float
    features: NDArray[np.int8] | None = None
    colour: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows are the views of all skins, one skin after the other (`in_order`); each is followed by `CONDITIONS`: size,
    yaw, light.

    `state` uint8: LOST, FOUND or MERGED. `outputs` int8 (..., 5): the network's logits, indices into `logits` float64
    (256,). `unknown` float16: `Grades.unknown_score`, which the logits alone do not tell. `sharpness` float16. `body`
    float16 (..., 4): offset right and down, length and width, as in Recorded.
    `pairs` float64 (gaps, 2): of neighbours so near, the share seen as one and marked, and as one and not marked.
    A table that was recorded in depth has more, which none that is kept has: `features` int8 (..., F) and `colour`
    float16 (..., 3), as in Grades, and `belt` float64 (lights, 4): how bright the empty belt was, and its RGB.
    """

    state: NDArray[np.uint8]
    outputs: NDArray[np.int8]
    unknown: NDArray[np.float16]
    sharpness: NDArray[np.float16]
    body: NDArray[np.float16]
    logits: NDArray[np.float64]
    pairs: NDArray[np.float64]
    features: NDArray[np.int8] | None = None
    colour: NDArray[np.float16] | None = None
    belt: NDArray[np.float64] | None = None

    def turn(self, first: int, views: int, size: int, yaw: int, light: int) -> list[Recorded | None]:
        """One skin's views in one condition, in order; None where it was not found. `first` is its row."""
        at = np.s_[first : first + views, size, yaw, light]
        rows = zip(
            self.state[at].tolist(),
            self.body[at].tolist(),
            self.outputs[at].tolist(),
            self.unknown[at].tolist(),
            self.sharpness[at].tolist(),
            self.features[at] if self.features is not None else [None] * views,
            map(tuple, self.colour[at].tolist()) if self.colour is not None else [None] * views,
            strict=True,
        )
        return [
            Recorded(right, down, length, width, state == MERGED, tuple(outputs), unknown, sharpness, features, colour)
            if state != LOST
            else None
            for state, (right, down, length, width), outputs, unknown, sharpness, features, colour in rows
        ]

    def grades(self, outputs: Sequence[int], unknown: float) -> Grades:
        """What the network said."""
        return grades_of([float(self.logits[n + 128]) for n in outputs], unknown=unknown)

    def dump(self) -> bytes:
        """The whole of it, to `load`."""
        file = io.BytesIO()
        np.savez_compressed(file, **{name: getattr(self, name) for name in _KEPT})
        return file.getvalue()


_KEPT = tuple(field.name for field in fields(Table) if field.default is MISSING)


def load(data: bytes, views: int) -> Table:
    """Raises ValueError where it is no table of so many views."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as stored:
            table = Table(**{name: stored[name] for name in _KEPT})
    except (OSError, EOFError, KeyError, ValueError, BadZipFile, zlib.error) as error:
        raise ValueError(f"not a table: {error}") from None
    whole = (views, *CONDITIONS)
    singles = (table.state.shape, table.unknown.shape, table.sharpness.shape)
    shapes = (*singles, table.outputs.shape, table.body.shape, table.pairs.shape)
    if shapes != (*[whole] * 3, (*whole, 5), (*whole, 4), (len(GAPS_PX), 2)) or table.logits.shape != (256,):
        raise ValueError(f"a table of other fruit: {shapes[0]}, not {whole}")
    return table


def in_order(skins: Skins) -> list[Skin]:
    """The order in which a table holds them."""
    return [skin for label in sorted(skins) for skin in skins[label]]


def size_class(length_px: float) -> int:
    """Which of `SIZES_PX`."""
    return bisect_right(_SIZE_LIMITS_PX, length_px)


def yaw_class(yaw_rad: float) -> int:
    """Which stretch of `YAWS_DEG`."""
    return bisect_right(_YAW_LIMITS_RAD, yaw_rad)
