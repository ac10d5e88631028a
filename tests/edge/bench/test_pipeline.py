"""The bench runs the line's own step on the frames that ship; how fast it is, is measured elsewhere."""

import json
from pathlib import Path
from statistics import median

import numpy as np
import pytest

from edge.bench import pipeline
from edge.bench.floor import straight_loop
from edge.bench.recorded import FRAMES, Case, load_cases
from edge.bundle import FACTORY, load_bundle
from edge.datapath import Frame
from edge.detect.segment import Segmenter
from edge.errors import UsageFault
from edge.grade.litert import LiteRTGrader

BUNDLE = load_bundle(FACTORY)


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return load_cases()


def test_both_sizes_ship_with_eight_fruit(cases: list[Case]) -> None:
    assert [case.frame for case in cases] == ["640x480", "1280x720"]
    for case in cases:
        width, height = map(int, case.frame.split("x"))
        assert all(picture.shape == (height, width, 3) for picture in case.pictures)
        assert case.fruit == 8


def test_the_shipped_frames_show_eight_whole_fruit(cases: list[Case]) -> None:
    for case in cases:
        segmenter = Segmenter(case.mm_per_px)
        whole = [
            sum(not one.touches_edge for one in segmenter.detect(Frame("bench", n, 0, picture)))
            for n, picture in enumerate(case.pictures)
        ]
        assert median(whole) == case.fruit
        # One that just touches an end of the picture may count or not.
        assert set(whole) <= {case.fruit - 1, case.fruit, case.fruit + 1}


def test_the_line_decides_fruit_lap_after_lap(cases: list[Case]) -> None:
    case = cases[0]
    bench = pipeline.Bench(
        case, pipeline.demo_with(case), Segmenter(case.mm_per_px), LiteRTGrader(BUNDLE), BUNDLE.manifest.thresholds
    )
    laps = 3
    for _ in range(laps * len(case.pictures)):
        bench.frame()
    counts = bench.line.counts
    assert counts.frames == laps * len(case.pictures)
    # Every whole fruit is graded in every frame, as the floor does it.
    assert counts.looks == pytest.approx(counts.frames * case.fruit, rel=0.02)
    per_lap = 4
    assert laps * per_lap - case.fruit <= counts.verdicts <= laps * per_lap + case.fruit
    assert counts.verdicts > 0


def test_the_floor_takes_any_frame_of_its_size(cases: list[Case]) -> None:
    case = cases[0]
    loop = straight_loop(BUNDLE, case.pictures[0], case.fruit)
    loop(case.pictures[1])
    loop(np.zeros_like(case.pictures[0]))


@pytest.mark.slow
def test_the_figures_have_the_promised_shape() -> None:
    figures = pipeline.bench(blocks=2)
    assert {"cases", "rss_mb"} <= set(figures)
    assert figures["rss_mb"] > 10
    for case in figures["cases"]:
        assert set(case) == {
            "frame", "fruit", "fps", "pipeline_ms", "floor_ms", "ratio", "ratio_interval", "stages_ms",
        }  # fmt: skip
        low, high = case["ratio_interval"]
        assert 0 < low <= case["ratio"] <= high
        assert all(ms > 0 for ms in case["stages_ms"].values())
    json.dumps(figures)


def test_a_target_that_is_missed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = {"frame": "640x480", "ratio": 1.7}
    monkeypatch.setattr(pipeline, "_measure", lambda case, bundle, blocks: slow)
    (line,) = pipeline.bench()["missed"]
    assert line == "640x480: 1.70 times its floor; at most 1.25 is wanted"


def test_missing_frames_are_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match="no bench frames"):
        load_cases(tmp_path)
    (tmp_path / "index.json").write_text((FRAMES / "index.json").read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(UsageFault, match=r"640x480-00.webp: no bench frames"):
        load_cases(tmp_path)
    (tmp_path / "index.json").write_text("{}", encoding="utf-8")
    with pytest.raises(UsageFault, match="not an index"):
        load_cases(tmp_path)
