"""The line in the world with less and less time, which its steps take more and more of."""

from dataclasses import replace

from sim.fast import FastRun
from sim.scenario import Rush
from sim.service import load_service_times
from tests.sim.worlds import scenario, setup, skins


def slowed(slow, fruit=120):
    made = setup(scenario("dense"), fruit=fruit, fed=skins())
    rush = (Rush(from_s=0, to_s=1e9, slow=slow),)
    run = FastRun(
        replace(made, scenario=made.scenario.model_copy(update={"rush": rush}), service=load_service_times("pi4"))
    )
    return run.run(), run.line.counts


def test_frames_are_left_out_before_looks_and_looks_before_fruit():
    (free, at_ease), (tight, busy), (much, over) = slowed(0.5), slowed(1.5), slowed(4.0)
    assert free["fates"]["shed"] == tight["fates"]["shed"] == 0
    assert busy.frames < 0.8 * at_ease.frames
    assert busy.looks < 0.9 * at_ease.looks
    assert busy.looks >= 3 * tight["fruit"]
    assert much["fates"]["shed"] > 0.3 * much["fruit"]
    assert over.shed == much["fates"]["shed"]


def test_what_is_shed_goes_to_the_belts_end_and_the_rest_where_it_was_sent():
    found, _ = slowed(4.0)
    fates = found["fates"]
    assert fates["misdirected"] + fates["collateral"] + fates["late"] == 0
    assert found["outlets"]["end"]["fruit"] == fates["shed"] + fates["unsure"]
    assert found["latency_ms"]["max"] < 250
