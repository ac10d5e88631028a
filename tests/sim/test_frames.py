"""The frames that ship for the pipeline's bench."""

from pathlib import Path

import numpy as np
import pytest

from edge.bench.recorded import FRAMES, load_cases
from edge.datapath import Frame
from edge.detect.segment import Segmenter
from sim.frames import FRUIT, LAPS, Lap, on_belt, write_frames
from sim.fruit import load_builtin


@pytest.mark.slow
def test_the_shipped_frames_are_both_sizes_and_hold_eight_whole_fruit() -> None:
    cases = load_cases()
    assert [case.frame for case in cases] == ["640x480", "1280x720"]
    assert sum(file.stat().st_size for file in FRAMES.iterdir()) < 4_500_000
    for case in cases:
        assert case.step_um == 20_000
        detector, whole = Segmenter(case.mm_per_px), []
        for n, picture in enumerate(case.pictures):
            found = detector.detect(Frame("bench", n, n, picture))
            assert not any(detection.merged for detection in found)
            whole.append(sum(not detection.touches_edge for detection in found))
        assert np.median(whole) == FRUIT
        assert min(whole) >= FRUIT - 2


@pytest.mark.parametrize("lap", LAPS)
def test_a_lap_ends_where_it_begins(lap: Lap) -> None:
    skins = load_builtin("held")[:4]
    first, last = on_belt(lap, skins, 0), on_belt(lap, skins, lap.frames * 20)
    seen = [{(p.skin.skin_id, p.view % 16, p.x_mm, p.y_mm) for p in placed} for placed in (first, last)]
    assert seen[0] == seen[1]


@pytest.mark.slow
def test_the_same_seed_writes_the_same_files(tmp_path: Path) -> None:
    small = (Lap(160, 120, 2.8, 100),)
    for name in ("a", "b"):
        write_frames(tmp_path / name, 3, small)
    a, b = ({file.name: file.read_bytes() for file in (tmp_path / name).iterdir()} for name in ("a", "b"))
    assert a == b
    (case,) = load_cases(tmp_path / "a")
    assert len(case.pictures) == 10
    assert case.pictures[0].shape == (120, 160, 3)
