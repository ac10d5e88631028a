import json
from pathlib import Path

import pytest

from edge.errors import UsageFault
from training.builtin import atlas_folder, read_atlas
from training.dataset import RIPENESS, UNTOLD


def test_every_view_says_what_it_shows(small_atlas: Path) -> None:
    pictures, files = read_atlas(small_atlas, "train")
    assert len(files) == len({picture.fruit for picture in pictures}) == 10
    damaged = [picture for picture in pictures if picture.fruit == "builtin/train/damaged-3"]
    assert [(p.order, p.damage, p.ripeness) for p in damaged] == [
        (0, 0, RIPENESS.index("red")),
        (1, UNTOLD, UNTOLD),
        (2, UNTOLD, UNTOLD),
        (3, 1, UNTOLD),
    ]
    sound = [picture for picture in pictures if picture.grade != "damaged"]
    assert all(RIPENESS[picture.ripeness] == picture.grade and picture.damage == 0 for picture in sound)


def test_the_atlas_is_found_beside_the_simulator() -> None:
    assert (atlas_folder() / "index.json").is_file()


def test_a_broken_atlas_is_named(small_atlas: Path) -> None:
    (small_atlas / "train" / "red-0.webp").write_bytes(b"")
    with pytest.raises(UsageFault, match=r"red-0\.webp: not a strip of RGBA views 40 px high"):
        read_atlas(small_atlas, "train")


def test_another_format_is_refused(small_atlas: Path) -> None:
    index = json.loads((small_atlas / "index.json").read_text()) | {"format": 2}
    (small_atlas / "index.json").write_text(json.dumps(index))
    with pytest.raises(UsageFault, match="format 2: must be 1"):
        read_atlas(small_atlas, "train")
