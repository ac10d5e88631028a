"""Fruit as a camera sees them: skins, each a full turn of views. The built-in ones come from the atlas.

A view's rows run along the axis that the fruit rolls about: on the belt that axis lies across, so a view is laid
with its columns along the belt. Real fruit come from `sim.photographs`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from edge.datapath import LABELS
from edge.errors import UsageFault
from sim.atlas.files import FOLDER, decode_strip, read_index

Rgba = NDArray[np.uint8]


class Skin(Protocol):
    """One physical fruit as a camera sees it while it rolls about one axis."""

    @property
    def skin_id(self) -> str:
        """The physical fruit: `builtin/held/red-017`, `turntable/Tomato_8`. Skins of one fruit share it."""

    @property
    def label(self) -> str:
        """The true grade of the whole fruit, or `unknown`."""

    @property
    def views(self) -> int:
        """How many views make one full turn; they are in order."""

    def view(self, n: int) -> Rgba:
        """RGBA (S, S, 4), not premultiplied; n counts round and round. The square holds the broadest outline of the
        whole turn, so that every view has the same scale. The same array at every call: do not write to it."""

    def damage_shown(self, n: int) -> bool:
        """Whether damage can be seen in that view."""


class Turning:
    """A Skin whose views are read when first asked for. `shown` is `damage_shown` of each view."""

    def __init__(self, skin_id: str, label: str, shown: Sequence[bool], read: Callable[[], list[Rgba]]) -> None:
        self.skin_id = skin_id
        self.label = label
        self.views = len(shown)
        self._shown = tuple(shown)
        self._read = read
        self._pictures: list[Rgba] | None = None

    def view(self, n: int) -> Rgba:
        if self._pictures is None:
            self._pictures = self._read()
        return self._pictures[n % self.views]

    def damage_shown(self, n: int) -> bool:
        return self._shown[n % self.views]


def load_builtin(part: Literal["train", "held", "varieties"], folder: Path = FOLDER) -> list[Skin]:
    """The atlas's fruit of one part, in the index's order. Pictures are read as they are needed. Varieties are ripe
    tomatoes of colours that no grade is about: `unknown`.

    Raises UsageFault where the folder holds no atlas, later one where a file of it is broken.
    """
    try:
        index = read_index(folder)
    except (OSError, ValueError, KeyError) as error:
        raise UsageFault(f"{folder}: not an atlas: {error}; `python -m sim.atlas` writes one") from None
    size_px, shown_from = index["size_px"], index["shown_from"]
    return [
        Turning(
            line["id"],
            line["label"],
            [fraction >= shown_from for fraction in line["damage"]],
            _reader(folder / line["file"], size_px, line["views"]),
        )
        for line in index["parts"][part]
    ]


def by_label(skins: Sequence[Skin]) -> dict[str, list[Skin]]:
    """Skins by true grade, the graded ones first; grades without any are left out."""
    found: dict[str, list[Skin]] = {label: [] for label in LABELS}
    for skin in skins:
        found.setdefault(skin.label, []).append(skin)
    return {label: some for label, some in found.items() if some}


def _reader(file: Path, size_px: int, views: int) -> Callable[[], list[Rgba]]:
    def read() -> list[Rgba]:
        try:
            found = decode_strip(file.read_bytes(), size_px)
        except (OSError, ValueError) as error:
            raise UsageFault(f"{file}: {error}; `python -m sim.atlas` writes it again") from None
        if len(found) != views:
            raise UsageFault(f"{file}: {len(found)} views, the index says {views}; `python -m sim.atlas` writes both")
        return found

    return read
