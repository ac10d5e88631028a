"""The atlas on disk: `index.json` and one lossy WebP with alpha a skin, its views side by side.

`index.json`: `format` 1 · `seed` · `size_px` · `shown_from`: damage shows in a view from this fraction of its outline ·
`parts`: `train`, `held` and `varieties` (no recipe learns from them), lists of `id`, `file`, `label`, `grade`
(ripeness whatever the damage or the colour), `ripeness` 0 to 1, `cultivar` (shape and colour), `kinds` of damage,
`views`, `damage` (fraction a view), `aspect` (mean width over height of the outlines) · `statistics` a part. Another
atlas, of whatever origin, is another folder in this format.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

FORMAT = 1
INDEX = "index.json"
FOLDER = Path(__file__).parent


def encode_strip(views: list[NDArray[np.uint8]], quality: int) -> bytes:
    """Views (S, S, 4) RGBA as one WebP (S, views x S)."""
    strip = cv2.cvtColor(np.hstack(views), cv2.COLOR_RGBA2BGRA)
    done, data = cv2.imencode(".webp", strip, [cv2.IMWRITE_WEBP_QUALITY, quality])
    if not done:
        raise RuntimeError("OpenCV could not encode WebP")
    return data.tobytes()


def decode_strip(data: bytes, size_px: int) -> list[NDArray[np.uint8]]:
    """The views (S, S, 4) RGBA of a strip. Raises ValueError where it is none of this size."""
    strip = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if strip is None or strip.ndim != 3 or strip.shape[2] != 4 or strip.shape[0] != size_px:
        raise ValueError(f"not a strip of RGBA views {size_px} px high")
    strip = cv2.cvtColor(strip, cv2.COLOR_BGRA2RGBA)
    return [
        np.ascontiguousarray(strip[:, n * size_px : (n + 1) * size_px], np.uint8)
        for n in range(strip.shape[1] // size_px)
    ]


def write_index(folder: Path, index: dict[str, Any]) -> None:
    """One skin a line: the file is read by people too."""
    parts = index.pop("parts")
    head = json.dumps(index)[1:-1]
    lists = [
        f'"{part}": [\n' + ",\n".join(json.dumps(skin, separators=(", ", ":")) for skin in skins) + "\n]"
        for part, skins in parts.items()
    ]
    (folder / INDEX).write_text("{" + head + ', "parts": {\n' + ",\n".join(lists) + "\n}}\n", encoding="utf-8")


def read_index(folder: Path = FOLDER) -> dict[str, Any]:
    index: dict[str, Any] = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    if index["format"] != FORMAT:
        raise ValueError(f"{folder / INDEX}: format = {index['format']}: must be {FORMAT}")
    return index
