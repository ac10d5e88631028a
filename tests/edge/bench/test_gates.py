"""The bench of the gates: what it draws, counts and says. How late they are is measured elsewhere."""

import json
import random
from itertools import pairwise

import numpy as np
import pytest

from edge.bench import gates
from edge.bench.gates import Block, demo_settings, draw, figures, missed
from edge.bench.loads import LOADS
from edge.sort.encoder import VirtualEncoder

MS = 1_000_000
SECOND = 1_000 * MS
KEYS = {
    "load", "p50_ms", "p99_ms", "p999_ms", "max_ms", "floor_p50_ms", "floor_p99_ms", "ratio_p99",
    "ratio_p99_interval", "early",
}  # fmt: skip


def test_a_pulse_is_due_when_the_virtual_encoder_first_reads_its_edge() -> None:
    settings = demo_settings()
    encoder = VirtualEncoder(settings.speed_um_s)
    drawn = list(draw(settings, 5 * SECOND, SECOND, random.Random(1)))
    for one in drawn:
        reaches_ns = one.open_at_ns + one.pulse.open_lead_ns
        assert encoder.sample(reaches_ns).belt_um >= one.pulse.open_um > encoder.sample(reaches_ns - 1).belt_um


def test_pulses_take_turns_at_the_gates_and_never_meet_one_that_is_open() -> None:
    settings = demo_settings()
    drawn = list(draw(settings, 0, 20 * SECOND, random.Random(2)))
    assert 900 < len(drawn) < 1_100
    for gate in settings.gates:
        own = [one for one in drawn if one.pulse.gate == gate.name]
        assert len(own) > 100
        assert all(before.close_at_ns < after.open_at_ns for before, after in pairwise(own))


def test_an_edge_before_its_deadline_is_counted_and_a_target_missed() -> None:
    case = figures(
        "idle", [Block([5, -1, 7], [1, 2, 3]), Block([5, 6, 7], [1, 2, 3])], [Block([5, 6, 7], [1, 1, 1])] * 2
    )
    assert case["early"] == 1
    assert missed([case]) == ["idle: 1 of 6 edges were early; none is wanted"]


def test_the_figures_have_the_promised_shape_in_milliseconds() -> None:
    case = figures("idle", [Block([2 * MS] * 99 + [4 * MS], [3 * MS] * 100)] * 3, [Block([MS] * 100, [MS] * 100)] * 3)
    assert set(case) >= KEYS
    assert (case["p50_ms"], case["p99_ms"], case["p999_ms"], case["max_ms"]) == (2.0, 2.0, 4.0, 4.0)
    assert (case["floor_p50_ms"], case["floor_p99_ms"]) == (1.0, 1.0)
    assert (case["ratio_p99"], case["ratio_p99_interval"]) == (2.0, [2.0, 2.0])
    assert (case["wake_ratio_p99"], case["wake_ratio_p99_interval"]) == (3.0, [3.0, 3.0])
    assert missed([case]) == [
        "idle: the p99 is 2 times its floor (2 to 2); an interval that begins at 1.3 at most is wanted"
    ]


def test_the_lower_end_of_the_interval_decides() -> None:
    case = {"load": "hogs", "ratio_p99": 1.5, "ratio_p99_interval": [1.29, 2.0], "early": 0}
    assert missed([case]) == []


@pytest.mark.live
@pytest.mark.slow
@pytest.mark.parametrize("load", LOADS)
def test_no_edge_is_early_and_none_unanswered_under_any_load(load: str) -> None:
    found = gates.bench(case_s=0.8, block_s=0.2, loads=(load,))
    (case,) = found["cases"]
    assert set(case) >= KEYS
    assert (case["load"], case["early"]) == (load, 0)
    assert case["pulses"] > 0
    assert 0 < case["wake_p99_ms"] < case["p99_ms"] + 1e-3
    assert np.isfinite(case["ratio_p99_interval"]).all()
    json.dumps(found)
