"""A folder of made-up photographs, laid out as the real one, small enough to train nothing on."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from training import builtin

RED, ORANGE, GREEN = (200, 30, 20), (230, 140, 20), (60, 140, 40)


def photograph(path: Path, colour: tuple[int, int, int], ground: int = 255) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = np.full((100, 100, 3), ground, np.uint8)
    cv2.circle(picture, (50, 50), 40, colour[::-1], -1)
    assert cv2.imwrite(str(path), picture)


@pytest.fixture
def photographs_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "photographs"
    fruit = {
        "Tomato_2": RED,
        "Tomato_8": RED,
        "Tomato_10": ORANGE,
        "Tomato_5": ORANGE,
        "Tomato_11": GREEN,
        "Tomato_9": RED,
        "Tomato_Cherry_Red_2": RED,
        "Tomato_4": RED,
        "Tomato_Maroon_2": RED,
    }
    others = ("Apple_Golden_2", "Apple_Rotten_1", "Apple_worm_1", "Apple_Pink_Lady_1", "Apple_Braeburn_1")
    fruit |= dict.fromkeys((*others, "Cherry_Rainier_2", "Cherry_Wax_Black_1"), GREEN)
    for name, colour in fruit.items():
        for number in range(6):
            photograph(folder / "turntable" / name / f"r_{number}_100.jpg", colour)
    lines = ["file,fruit,shot,source_grade,condition"]
    for fruit_name in "abcdefghij":
        for shot, condition in ((1, "sound"), (2, ""), (3, "damaged")):
            file = f"ageing/fruit_{fruit_name}/{shot:03d}.jpg"
            photograph(folder / file, RED)
            lines.append(f"{file},{fruit_name},{shot},0,{condition}")
    (folder / "ageing" / "labels.csv").write_text("\n".join(lines) + "\n")
    photograph(folder / "shop" / "train" / "Orange" / "Orange_001.jpg", ORANGE)
    for grade, colour in (("green", GREEN), ("turning", ORANGE), ("red", RED)):
        photograph(folder / "lab" / grade / "1.jpg", colour, ground=0)
    return folder


@pytest.fixture
def small_atlas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Ten skins a part, in place of the atlas of the simulator."""
    folder = tmp_path / "atlas"
    parts = {part: [_skin(folder, part, number) for number in range(10)] for part in ("train", "held")}
    folder.mkdir(exist_ok=True)
    index = {"format": 1, "size_px": 40, "shown_from": 0.02, "parts": parts}
    (folder / "index.json").write_text(json.dumps(index))
    monkeypatch.setattr(builtin, "atlas_folder", lambda: folder)
    return folder


def _skin(folder: Path, part: str, number: int) -> dict[str, object]:
    label = ("red", "green", "turning", "damaged")[number % 4]
    strip = np.zeros((40, 160, 4), np.uint8)
    for view in range(4):
        cv2.circle(strip, (40 * view + 20, 20), 18, (20, 30, 200, 255), -1)
    name = f"{part}/{label}-{number}"
    (folder / part).mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(folder / f"{name}.webp"), strip)
    damage = [0.0, 0.01, 0.03, 0.2] if label == "damaged" else [0.0] * 4
    grade = "red" if label == "damaged" else label
    return {"id": f"builtin/{name}", "file": f"{name}.webp", "label": label, "grade": grade, "damage": damage}
