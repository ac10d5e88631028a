"""The bench of telemetry: what it says, and that it runs. How fast it is, is measured elsewhere."""

import pytest

from edge.bench.telemetry import bench, missed

KEYS = {
    "items_per_s",
    "lost",
    "duplicates",
    "bytes_per_item",
    "bare_items_per_s",
    "wear_gb_per_day",
    "live_late_max_ms",
}


def found(**changed: float) -> dict[str, float]:
    return {"items_per_s": 2_000.0, "live_late_max_ms": 40.0, "lost": 0, "duplicates": 0} | changed


def test_targets_that_are_met_are_not_named() -> None:
    assert missed(found()) == []


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"items_per_s": 999.0}, "999 items/s; at least 1000 are wanted"),
        ({"live_late_max_ms": 1_001.0}, "a live fruit came 1001 ms late; at most 1000 is wanted"),
        ({"lost": 1}, "1 lost; none is wanted"),
        ({"duplicates": 2}, "2 duplicates; none is wanted"),
    ],
)
def test_a_target_that_is_missed_is_named(changed: dict[str, float], line: str) -> None:
    assert missed(found(**changed)) == [line]


@pytest.mark.slow
@pytest.mark.mosquitto
def test_it_loses_nothing_and_says_all_that_it_should() -> None:
    figures = bench(block_s=0.2, pairs=2, pace_s=1.0, catch_up_s=1.0, day_items=1_000)
    assert figures.keys() >= KEYS
    assert (figures["lost"], figures["duplicates"]) == (0, 0)
    assert figures["items"] > 0
    assert figures["backlog_items_per_s"] > 0
