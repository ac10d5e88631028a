"""The whole machine, whatever is drawn: belt, feed, gates and faults. What may go wrong, goes wrong safely."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.datapath import BELT_END, Outcome
from sim.fast import FastRun
from sim.faults import FaultSpan
from sim.scenario import BeltStep, load_scenario, profile_of
from tests.sim.worlds import GRADES, setup, skins

FRUIT = 30
PINS = range(7, 17)
FAULTS = (
    *("gate-stuck-open", "gate-stuck-closed", "gate-slow", "gate-bouncing", "e-stop", "camera-stall"),
    *("fruit-touching", "fruit-double", "fruit-rolling", "fruit-stuck", "lane-jam"),
)
ENCODER_FAULTS = ("encoder-slip", "encoder-loss", "encoder-bounce")
EARLY_UM = 1_500
"""An edge of the encoder, a sample's age on a ramp, and a whole nanosecond."""


@st.composite
def machines(draw):
    """A scenario and its profile: every part of them drawn."""
    encoder = draw(st.booleans())
    found = load_scenario("encoder" if encoder else "clean")
    fault = draw(st.sampled_from([None, *FAULTS, *(ENCODER_FAULTS if encoder else ())]))
    from_s = draw(st.floats(0.5, 4))
    spans = (FaultSpan(name=fault, from_s=from_s, to_s=from_s + draw(st.floats(0.2, 3))),) if fault else ()
    feed = found.feed.model_copy(
        update={
            "pitch_mm": draw(st.floats(60, 250)),
            "pitch_sd_mm": draw(st.floats(0, 30)),
            "gap_mm": draw(st.sampled_from([0.0, 5.0, 35.0])),
            "touching": draw(st.sampled_from([0.0, 0.0, 0.3])),
            "paired": draw(st.sampled_from([0.0, 0.3])),
        }
    )
    speeds = st.builds(BeltStep, speed_mm_s=st.floats(100, 1_000), hold_s=st.floats(0.5, 3), ramp_mm_s2=st.just(500.0))
    program = draw(st.lists(speeds, min_size=1, max_size=3)) if encoder else ()
    belt = found.belt.model_copy(update={"program": tuple(program)})
    scenario = found.model_copy(update={"feed": feed, "belt": belt, "fault": spans})
    profile = profile_of(found, found.name)[1]
    exits, off_ms = draw(st.booleans()), draw(st.sampled_from([0.0, 20.0, 120.0]))
    changed = {
        name: gate.model_copy(update={"exit_pin": pin if exits else None, "shortest_off_ms": off_ms})
        for pin, (name, gate) in zip(PINS, profile.gates.items(), strict=False)
    }
    safety = profile.safety.model_copy(update={"e_stop_pin": 26})
    return scenario, profile.model_copy(update={"gates": changed, "safety": safety}), draw(st.integers(1, 1_000))


class Watched:
    """A run with every edge of its gates, every outcome and every fall noted."""

    def __init__(self, scenario, profile, seed):
        self.profile = profile
        self.fast = FastRun(setup(scenario, seed, FRUIT, fed=skins(*GRADES), profile=profile))
        self.edges = {name: [] for name in profile.gates}
        self.outcomes, self.falls = [], []
        self._watch_gates()
        self._sink, self.fast.line._sink = self.fast.line._sink, self
        self.fast.board.settled = lambda fall, told, fate: self.falls.append((fall, told, fate))
        self.report = self.fast.run()

    def _watch_gates(self):
        for name, gate in self.fast._world.gates.items():
            command = gate.command

            def noted(is_open, at_ns, name=name, gate=gate, command=command):
                if is_open != gate.commanded:
                    self.edges[name].append(at_ns)
                command(is_open, at_ns)

            gate.command = noted

    def put(self, record):
        self._sink.put(record)
        if isinstance(record, Outcome):
            self.outcomes.append(record)

    def spans(self, gate):
        return list(zip(self.edges[gate][::2], self.edges[gate][1::2], strict=True))


@pytest.mark.slow
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(machines())
def test_whatever_is_drawn_every_fruit_is_accounted_for_and_no_gate_does_what_it_may_not(drawn):
    run = Watched(*drawn)
    fates = run.report["fates"]
    assert sum(fates.values()) == len(run.falls) == run.report["fruit"] == FRUIT
    for fall, told, fate in run.falls:
        own = told and told.outcome and told.outcome.result == "fired" and told.outcome.pulse.gate == fall.gate
        assert fall.outlet == BELT_END or own or fate in ("collateral", "unseen"), fate
    for name, gate in run.profile.gates.items():
        spans = run.spans(name)
        assert all(0 < shut - opened <= gate.longest_on_ms * 1e6 for opened, shut in spans)
        assert all(opened - shut >= gate.shortest_off_ms * 1e6 for (_, shut), (opened, _) in pairwise(spans))
        _no_opening_is_early(run, name, spans)
    assert len({o.pulse.track_id for o in run.outcomes}) == len(run.outcomes)


def _no_opening_is_early(run, gate, spans):
    """Each opening is some pulse's own, at its place on the belt or behind it; and they come in the fruit's order."""
    belt = run.fast.line.belt
    fired = [o for o in run.outcomes if o.pulse.gate == gate and o.result == "fired"]
    for opened_ns, _ in spans:
        own = [o.pulse for o in fired if o.opened_at_ns == opened_ns]
        assert own
        if "encoder-loss" not in {span.name for span in run.fast._setup.scenario.fault}:
            first = min(own, key=lambda pulse: pulse.open_um)
            assert belt.um_at(opened_ns + first.open_lead_ns) >= first.open_um - EARLY_UM
    assert [o.pulse.open_um for o in fired] == sorted(o.pulse.open_um for o in fired)


@pytest.mark.slow
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(machines())
def test_whatever_is_drawn_no_two_fruit_change_places(drawn):
    scenario, profile, seed = drawn
    whole = scenario.model_copy(update={"fault": ()})
    run = Watched(whole, profile, seed)
    for lane in range(len(profile.lanes)):
        rows = [row for row in run.falls if row[0].item.lane == lane]
        rows.sort(key=lambda row: row[0].item.origin_mm)
        for (fall, told, _), (after, told_after, _) in pairwise(rows):
            if told and told_after and told.verdict and told_after.verdict:
                sent = told.verdict.outlet, told_after.verdict.outlet
                assert sent[0] == sent[1] or (fall.outlet, after.outlet) != sent[::-1]
    assert run.report["fates"]["collateral"] <= 1
