import base64
import json
import random

import cv2
import numpy as np
import pytest

from edge.config import load_profile
from edge.datapath import BeltSample, Detection, Frame, GatePulse, StepInputs, Track, Verdict
from edge.telemetry.messages import Writer
from edge.telemetry.pictures import jpeg_text
from edge.telemetry.preview import PICTURE_NS, SPACING_NS, WATCH_NS, Previewer
from edge.telemetry.preview_messages import MOST_PICTURE, MOST_VERDICTS
from tests.edge.telemetry.test_messages import ROOT

MS = 1_000_000
DEMO = load_profile(ROOT / "firmware_config/profiles/demo.toml")
RED = (200, 30, 20)


def a_previewer() -> Previewer:
    return Previewer(Writer("desk", "demo", "run"), DEMO, random.Random(1))


def a_step(at_ns: int, *detections: Detection, number: int = 0) -> StepInputs:
    pixels = np.zeros((480, 640, 3), np.uint8)
    pixels[:, :, 2] = 90
    frame = Frame("ring", number, at_ns, pixels)
    return StepInputs(at_ns, (BeltSample(at_ns, at_ns * 600 // MS, 600_000),), frame, detections)


def a_detection(x_mm: float = 224.0, y_mm: float = 108.0) -> Detection:
    crop = np.full((90, 90, 3), RED, np.uint8)
    return Detection((275, 109, 90, 90), x_mm, y_mm, 60.0, 60.0, False, crop, np.full((90, 90), 255, np.uint8))


def decide(previewer: Previewer, n: int, at_ns: int, outlet: str = "red", confidence: float = 0.97) -> None:
    track = Track(f"run.{n}", 0, at_ns * 600 // MS - 224_000, 108.0, 60.0, ())
    reason = "graded" if outlet != "end" else "doubtful"
    verdict = Verdict(f"run.{n}", "red", confidence, 0.02, (0, 0.03, 0.97, 0), outlet, reason, at_ns, "factory", "p")
    previewer.put(track)
    previewer.put(verdict)
    if outlet != "end":
        previewer.put(GatePulse(f"run.{n}", "red_0", track.belt_um + 615_000, track.belt_um + 665_000, 15 * MS, 0))


def said(previewer: Previewer, at_ns: int) -> dict | None:
    message = previewer.step(at_ns)
    return None if message is None else json.loads(message.payload)


def test_nobody_watching_costs_nothing_and_says_nothing():
    previewer = a_previewer()
    previewer.put(a_step(MS, a_detection()))
    decide(previewer, 1, 2 * MS)
    assert said(previewer, 1_000 * MS) is None


def test_a_verdict_is_told_with_its_place_its_gate_and_its_times():
    previewer = a_previewer()
    previewer.watch(0)
    previewer.put(a_step(1_000 * MS, a_detection()))
    decide(previewer, 1, 1_040 * MS)
    (shown,) = said(previewer, 1_060 * MS)["verdicts"]
    assert (shown["label"], shown["outlet"], shown["gate"]) == ("red", "red", "red_0")
    assert shown["opens_mm"] == [shown["origin_mm"] + 615, shown["origin_mm"] + 665]
    assert (shown["age_ms"], shown["latency_ms"]) == (20.0, 40.0)
    # 615 mm of travel at 600 mm/s, less the 224 mm that it is on its way and the gate's 15 ms.
    assert shown["slack_ms"] == pytest.approx((615 - 224) / 0.6 - 15, abs=0.1)


def test_a_fruit_for_the_belts_end_has_no_gate():
    previewer = a_previewer()
    previewer.watch(0)
    previewer.put(a_step(MS))
    decide(previewer, 1, 2 * MS, outlet="end")
    (shown,) = said(previewer, PICTURE_NS)["verdicts"]
    assert (shown["gate"], shown["opens_mm"], shown["reason"]) == (None, None, "doubtful")


def test_verdicts_of_one_moment_share_a_message_and_the_next_waits_its_turn():
    previewer = a_previewer()
    previewer.watch(0)
    previewer.put(a_step(MS))
    decide(previewer, 1, MS)
    decide(previewer, 2, MS)
    assert len(said(previewer, PICTURE_NS)["verdicts"]) == 2
    decide(previewer, 3, PICTURE_NS)
    assert said(previewer, PICTURE_NS + SPACING_NS // 2) is None
    assert len(said(previewer, PICTURE_NS + SPACING_NS)["verdicts"]) == 1


def test_a_stalled_road_holds_a_bounded_number_of_verdicts():
    previewer = a_previewer()
    previewer.watch(0)
    previewer.put(a_step(MS))
    for n in range(10 * MOST_VERDICTS):
        decide(previewer, n, MS)
    assert len(said(previewer, PICTURE_NS)["verdicts"]) == MOST_VERDICTS


def test_a_picture_comes_four_times_a_second_with_its_boxes():
    previewer = a_previewer()
    previewer.watch(0)
    previewer.put(a_step(1_000 * MS, a_detection(), number=7))
    picture = said(previewer, 1_010 * MS)["picture"]
    assert picture["boxes"] == [[0.4297, 0.2271, 0.1406, 0.1875]]
    seen = cv2.imdecode(np.frombuffer(base64.b64decode(picture["jpeg"]), np.uint8), cv2.IMREAD_COLOR)
    assert seen.shape == (240, 320, 3)
    assert seen[120, 160, 0] > 70  # blue is first here
    decide(previewer, 1, 1_020 * MS)
    assert said(previewer, 1_100 * MS)["picture"] is None


def test_a_doubtful_fruit_comes_with_its_own_picture():
    previewer = a_previewer()
    previewer.watch(0)
    previewer.put(a_step(1_000 * MS, a_detection()))
    said(previewer, 1_001 * MS)
    decide(previewer, 1, 1_000 * MS, outlet="end", confidence=0.4)
    (crop,) = said(previewer, 1_300 * MS)["crops"]
    assert (crop["track_id"], crop["why"]) == ("run.1", "doubtful")
    seen = cv2.imdecode(np.frombuffer(base64.b64decode(crop["jpeg"]), np.uint8), cv2.IMREAD_COLOR)
    assert seen[45, 45, 2] > 150


def test_of_fruit_beyond_doubt_only_some_are_drawn():
    previewer = a_previewer()
    previewer.watch(0)
    drawn = 0
    for n in range(100):
        at_ns = (1_000 + 100 * n) * MS
        previewer.watch(at_ns)
        previewer.put(a_step(at_ns, a_detection(), number=n))
        decide(previewer, n, at_ns)
        drawn += len(said(previewer, at_ns + SPACING_NS)["crops"])
    assert 3 <= drawn <= 12


def test_a_word_of_a_watcher_counts_for_seconds_only():
    previewer = a_previewer()
    previewer.watch(0, for_ns=3_600_000 * MS)
    previewer.put(a_step(MS))
    assert said(previewer, WATCH_NS - 1) is not None
    assert said(previewer, WATCH_NS) is None
    previewer.put(a_step(WATCH_NS))
    assert said(previewer, WATCH_NS + PICTURE_NS) is None


def test_a_picture_is_never_larger_than_a_message_may_be():
    noise = np.random.default_rng(1).integers(0, 256, (480, 640, 3), np.uint8)
    text = jpeg_text(noise, 320)
    assert text is None or len(text) <= MOST_PICTURE
    assert jpeg_text(np.zeros((480, 640, 3), np.uint8), 320) is not None
