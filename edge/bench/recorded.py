"""The frames that ship with the device, so that it can be measured anywhere: `edge/bench/frames/`.

`index.json` names the command that made them and lists the cases: `{"command", "cases": [{"frame", "fruit",
"mm_per_px", "frames": [{"file", "belt_um"}]}]}`. The pictures are lossless; `belt_um` is the belt's travel at each.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.errors import UsageFault

FRAMES = Path(__file__).parent / "frames"


@dataclass(frozen=True, slots=True)
class Case:
    """One size of frame. `pictures` are uint8 RGB (h, w, 3), `belt_um` the travel at each, growing evenly."""

    frame: str
    fruit: int
    mm_per_px: float
    pictures: tuple[NDArray[np.uint8], ...]
    belt_um: tuple[int, ...]

    @property
    def step_um(self) -> int:
        """Belt travel from one picture to the next."""
        return self.belt_um[1] - self.belt_um[0]


def load_cases(folder: Path = FRAMES) -> list[Case]:
    """Every case, decoded. Raises UsageFault where frames are missing."""
    try:
        index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        return [_case(folder, entry) for entry in index["cases"]]
    except OSError as error:
        raise UsageFault(
            f"{error.filename}: no bench frames here: {error.strerror}; install the project again"
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise UsageFault(f"{folder}: not an index of bench frames: {error!r}; install the project again") from None


def _case(folder: Path, entry: dict[str, Any]) -> Case:
    pictures = []
    for frame in entry["frames"]:
        data = (folder / frame["file"]).read_bytes()
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
        if picture is None:
            raise ValueError(f"{frame['file']} cannot be decoded")
        pictures.append(np.asarray(picture, np.uint8))
    travel = tuple(int(frame["belt_um"]) for frame in entry["frames"])
    return Case(entry["frame"], int(entry["fruit"]), float(entry["mm_per_px"]), tuple(pictures), travel)
