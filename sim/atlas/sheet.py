"""`python -m sim.atlas.sheet FILE.webp [FOLDER]`: an atlas at a glance, the built-in one or a crop's (`sorter paint`).

A row a grade, the varieties last.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sim.atlas.files import FOLDER, decode_strip, read_index

_COLUMNS, _SIDE_PX, _QUALITY = 12, 72, 82
_BELT = (36, 52, 84)


def sheet(index: dict[str, Any], folder: Path = FOLDER) -> NDArray[np.uint8]:
    """RGB. Each fruit in the view that shows most of its damage, spread over the skins of its row."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for line in index["parts"]["held"] + index["parts"]["varieties"]:
        rows.setdefault(line["label"], []).append(line)
    return np.vstack([_row(lines, index["size_px"], folder) for lines in rows.values()])


def _row(lines: list[dict[str, Any]], size_px: int, folder: Path) -> NDArray[np.uint8]:
    chosen = [lines[n] for n in np.linspace(0, len(lines) - 1, _COLUMNS).astype(int)]
    return np.hstack([_cell(line, size_px, folder) for line in chosen])


def _cell(line: dict[str, Any], size_px: int, folder: Path) -> NDArray[np.uint8]:
    view = decode_strip((folder / line["file"]).read_bytes(), size_px)[int(np.argmax(line["damage"]))]
    alpha = view[..., 3:].astype(np.float32) / 255
    laid = view[..., :3] * alpha + np.array(_BELT, np.float32) * (1 - alpha)
    return np.asarray(cv2.resize(laid, (_SIDE_PX, _SIDE_PX), interpolation=cv2.INTER_AREA).round(), np.uint8)


def main() -> None:
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else FOLDER
    picture = cv2.cvtColor(sheet(read_index(folder), folder), cv2.COLOR_RGB2BGR)
    _, data = cv2.imencode(".webp", picture, [cv2.IMWRITE_WEBP_QUALITY, _QUALITY])
    Path(sys.argv[1]).write_bytes(data.tobytes())


if __name__ == "__main__":
    main()
