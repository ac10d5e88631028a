import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.config import load_profile
from sim.fast import FastRun
from tests.edge.profiles import DEMO_PATH, demo
from tests.sim.worlds import EXACT, scenario, setup, skins


def report(**chosen):
    made = FastRun(setup(**{"chosen": scenario(), **chosen})).run()
    assert sum(made["fates"].values()) == made["fruit"]
    return made


def fates(**chosen):
    return {fate: n for fate, n in report(**chosen)["fates"].items() if n}


@pytest.mark.parametrize("seed", range(4))
def test_with_labels_given_every_fruit_of_clean_falls_right_in_spite_of_hidden_truth(seed):
    assert fates(seed=seed) == {"right": 40}


def test_the_same_seed_gives_the_same_report_but_for_wall_time():
    first, second = (report(seed=3) | {"wall_s": 0} for _ in range(2))
    assert first == second
    assert report(seed=4) | {"wall_s": 0} != first


def test_gates_slower_than_the_profile_says_miss_their_fruit():
    found = fates(chosen=scenario(**EXACT | {"gate_x_mm": 200}), seed=2)
    assert found.get("misdirected", 0) + found.get("collateral", 0) > 5


def test_fruit_too_close_for_a_pulse_run_to_the_end_unsure():
    wide = demo(sort={"clearance_mm": 80, "most_risk": 0.0})
    made = report(profile=wide)
    assert made["fates"]["unsure"] > 10
    assert made["outlets"]["end"]["fruit"] == made["fates"]["unsure"]
    assert made["confusion"]["red"]["crowded"] > 0


def test_a_fruit_that_is_no_tomato_is_right_at_the_belts_end():
    mixed = scenario()
    feed = mixed.feed.model_copy(update={"mix": mixed.feed.mix.model_copy(update={"unknown": 2})})
    made = report(chosen=mixed.model_copy(update={"feed": feed}), fed=skins("red", "unknown"))
    assert made["fates"]["right"] == 40
    assert made["confusion"]["unknown"] == {"unknown": made["outlets"]["end"]["fruit"]}
    assert made["outlets"]["end"]["purity"] == 1.0


def test_without_enough_looks_a_fruit_is_doubtful():
    assert fates(profile=demo(grade={"fewest_looks": 60, "most_looks": 60})) == {"unsure": 40}


def test_seconds_stop_the_feed_and_the_belt_runs_empty():
    made = report(fruit=None, seconds=5)
    assert 50 <= made["fruit"] <= 60
    assert 5 < made["sim_s"] < 10
    assert made["fates"]["right"] == made["fruit"]


def test_a_grade_without_any_fruit_is_not_fed():
    made = report(fed=skins("green", "red"))
    assert set(made["confusion"]) == {"green", "red"}
    assert made["grades"]["damaged"] == "unmeasured"


def test_every_fruit_is_told_of_over_telemetry():
    run = FastRun(setup(scenario()))
    topics: list[str] = []
    run.broker.subscribe(lambda topic, payload: topics.append(topic))
    run.run()
    assert topics.count("sorter/v1/desk/demo/tracks") == 40


def test_progress_ends_with_every_fruit_fallen():
    told: list[int] = []
    FastRun(setup(scenario()), lambda fallen, elapsed_s: told.append(fallen)).run()
    assert told == sorted(told)
    assert told[-1] == 40


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 99),
    pitch_mm=st.floats(40, 200),
    close=st.floats(0, 0.5),
    delay_ms=st.floats(0, 120),
    clearance_mm=st.floats(0, 60),
)
def test_whatever_is_fed_and_however_wrong_the_profile_is_every_fruit_has_one_fate(
    seed, pitch_mm, close, delay_ms, clearance_mm
):
    chosen = scenario("crowded", gate_delay_ms=delay_ms)
    feed = chosen.feed.model_copy(update={"pitch_mm": pitch_mm, "gap_mm": 0.0, "touching": close, "paired": close})
    made = report(
        chosen=chosen.model_copy(update={"feed": feed}), seed=seed, profile=demo(sort={"clearance_mm": clearance_mm})
    )
    assert made["fruit"] == 40
    assert sum(outlet["fruit"] for outlet in made["outlets"].values()) == 40
    assert sum(made["pulses"].values()) == made["decided"]


def test_a_verdict_falls_within_a_frame_of_the_last_picture_of_the_fruit():
    times = report()["latency_ms"]
    assert 0 <= times["min"] <= times["p50"] <= times["p99"] <= times["max"] <= 1000 / 30 + 9


def test_damage_that_never_faces_the_camera_is_counted():
    still = scenario()
    feed = still.feed.model_copy(update={"turns_per_m": (0.0, 0.0)})
    share = report(chosen=still.model_copy(update={"feed": feed}))["never_faced"]
    assert 0.3 < share <= 1  # one view of four shows it, and nothing rolls
    assert report()["never_faced"] < share


@pytest.mark.parametrize(("name", "like"), [("one-lane", "clean"), ("four-lanes", "dense")])
def test_the_reference_machines_sort(name, like):
    machine = load_profile(DEMO_PATH.with_name(f"{name}.toml"))
    made = report(chosen=scenario(like), profile=machine, fruit=80)
    assert made["fates"]["right"] >= 78
    assert made["pulses"]["late"] == 0
