"""`python -m sim.frames`: renders the frames that `sorter bench pipeline` measures on, into `edge/bench/frames/`.

Each case is one lap of a belt on which everything comes again after two fruit of a lane: played round and round, the
last frame is followed by the first as any frame by the next. Reader and format: `edge.bench.recorded`.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2

from edge.bench.recorded import FRAMES
from edge.config import Camera
from edge.datapath import LABELS
from sim.camera import BeltCamera, CameraTruth, Placed
from sim.fruit import Skin, load_builtin

STEP_MM = 20
FRUIT = 8
_NOISE = 0.0  # the belt has its own grain; lossless pictures of a noisy sensor would be three times as large


@dataclass(frozen=True, slots=True)
class Lap:
    """One case: two lanes, a fruit every `pitch_mm` in each, so that eight whole ones are in the picture."""

    width_px: int
    height_px: int
    mm_per_px: float
    pitch_mm: int

    @property
    def frames(self) -> int:
        return 2 * self.pitch_mm // STEP_MM


LAPS = (Lap(640, 480, 0.7, 100), Lap(1280, 720, 0.4, 110))


def write_frames(folder: Path, seed: int, laps: tuple[Lap, ...] = LAPS) -> None:
    """The frames of every case and the index."""
    folder.mkdir(parents=True, exist_ok=True)
    cases = [_write_case(folder, lap, seed) for lap in laps]
    index = {"command": f"python -m sim.frames --seed {seed}", "cases": cases}
    (folder / "index.json").write_text(json.dumps(index, indent=1) + "\n", encoding="utf-8")


def _write_case(folder: Path, lap: Lap, seed: int) -> dict[str, Any]:
    name = f"{lap.width_px}x{lap.height_px}"
    settings = Camera(
        width_px=lap.width_px, height_px=lap.height_px, frames_hz=30, exposure_us=500, mm_per_px=lap.mm_per_px
    )
    camera = BeltCamera(settings, CameraTruth(lap.mm_per_px, noise=_NOISE), seed)
    # One of each grade: two in either lane.
    held = load_builtin("held")
    skins = [[skin for skin in held if skin.label == label][seed % 40] for label in LABELS]
    frames = []
    for n in range(lap.frames):
        picture = camera.render(on_belt(lap, skins, n * STEP_MM), n * STEP_MM)
        done, data = cv2.imencode(".webp", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_WEBP_QUALITY, 101])
        if not done:
            raise RuntimeError("OpenCV could not encode WebP")
        (folder / f"{name}-{n:02d}.webp").write_bytes(data.tobytes())
        frames.append({"file": f"{name}-{n:02d}.webp", "belt_um": n * STEP_MM * 1000})
    return {"frame": name, "fruit": FRUIT, "mm_per_px": lap.mm_per_px, "frames": frames}


def on_belt(lap: Lap, skins: list[Skin], belt_mm: float) -> list[Placed]:
    """What lies in the picture when the belt has travelled so far. Each fruit turns once in a lap."""
    placed = []
    for lane in range(2):
        for n in range(-2, int(lap.width_px * lap.mm_per_px / lap.pitch_mm) + 2):
            x_mm = n * lap.pitch_mm + belt_mm % (2 * lap.pitch_mm) + lane * lap.pitch_mm / 2
            skin = skins[2 * lane + n % 2]
            view = round(x_mm / (2 * lap.pitch_mm) * skin.views)
            size_mm = 54 + 4 * (n % 2) + 2 * lane
            y_mm = 108 + 120 * lane + (6 if n % 2 else -5)
            placed.append(Placed(skin, view, x_mm, y_mm, size_mm, size_mm, 0.1 * (n % 2)))
    return placed


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m sim.frames", description=__doc__)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--out", type=Path, default=FRAMES)
    asked = options.parse_args()
    write_frames(asked.out, asked.seed)


if __name__ == "__main__":
    main()
