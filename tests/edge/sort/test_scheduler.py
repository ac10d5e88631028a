"""The belt runs at 600 mm/s from travel 0 at instant 0: travel in mm is 0.6 times the instant in ms."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.belt import BeltEstimate
from edge.datapath import BeltSample, Outcome
from edge.sort.scheduler import NEVER_NS, Scheduler
from edge.sort.wire import GateLine
from tests.edge.sort.fakes import MS, SPEED_UM_S, Pins, Rig, Said, pulse, settings


def test_a_gate_is_commanded_its_lead_before_the_belt_brings_the_window():
    rig = Rig()
    rig.submit(pulse(open_mm=600, close_mm=648, lead_ms=15))
    rig.run()
    assert rig.pins.spans("red_0") == [(985 * MS, 1_065 * MS)]
    (outcome,) = rig.said.outcomes
    assert (outcome.result, outcome.opened_at_ns, outcome.late_ns) == ("fired", 985 * MS, 0)


def test_a_pulse_too_far_behind_when_it_comes_is_late_and_never_fired():
    rig = Rig(late_um=6_000)
    rig.submit(pulse(open_mm=600), at_ns=985 * MS + 11 * MS)  # 6.6 mm behind
    rig.run()
    assert rig.said.results == {"run.1": "late"}
    assert rig.said.outcomes[0].late_ns == 11 * MS
    assert rig.pins.edges == []


def test_a_pulse_whose_step_comes_too_late_is_late_and_never_fired():
    rig = Rig(late_um=6_000)
    rig.submit(pulse(open_mm=600))
    rig.step(985 * MS + 11 * MS)
    assert rig.said.results == {"run.1": "late"}
    assert rig.pins.edges == []


def test_a_pulse_a_little_behind_is_fired_and_says_by_how_much():
    rig = Rig(late_um=6_000)
    rig.submit(pulse(open_mm=600))
    rig.step(985 * MS + 9 * MS)
    (outcome,) = rig.said.outcomes
    assert (outcome.result, outcome.late_ns) == ("fired", 9 * MS)


def test_a_pulse_that_would_close_as_it_opens_is_late():
    rig = Rig(late_um=100_000)
    rig.submit(pulse(open_mm=600, close_mm=612))
    rig.step(1_100 * MS)
    assert rig.said.results == {"run.1": "late"}
    assert rig.pins.edges == []


def test_overlapping_pulses_of_one_gate_share_one_opening_until_the_last_close():
    rig = Rig()
    rig.submit(pulse("run.1", open_mm=600, close_mm=650), pulse("run.2", open_mm=640, close_mm=690))
    rig.run()
    assert rig.pins.spans("red_0") == [(985 * MS, 1_135 * MS)]
    assert [(o.result, o.opened_at_ns, o.late_ns) for o in rig.said.outcomes] == [("fired", 985 * MS, 0)] * 2


def test_a_pulse_inside_another_does_not_close_it():
    rig = Rig()
    rig.submit(pulse("run.1", open_mm=600, close_mm=690), pulse("run.2", open_mm=620, close_mm=650))
    rig.run()
    assert rig.pins.spans("red_0") == [(985 * MS, 1_135 * MS)]


def test_pulses_apart_close_the_gate_between_them_and_other_gates_mind_their_own():
    rig = Rig()
    rig.submit(
        pulse("run.1", open_mm=600, close_mm=630),
        pulse("run.2", open_mm=660, close_mm=690),
        pulse("run.3", gate="green_0", open_mm=600, close_mm=690),
    )
    rig.run()
    assert len(rig.pins.spans("red_0")) == 2
    assert len(rig.pins.spans("green_0")) == 1


def test_a_gate_open_for_its_longest_is_closed():
    rig = Rig()
    rig.submit(pulse(open_mm=600, close_mm=6_000))
    rig.run()
    assert rig.pins.spans("red_0") == [(985 * MS, 1_485 * MS)]


def test_a_pulse_due_as_its_gate_is_closed_for_its_longest_gets_an_opening_of_its_own():
    rig = Rig()
    rig.submit(pulse("run.1", open_mm=600, close_mm=6_000), pulse("run.2", open_mm=900, close_mm=948))
    rig.run()
    assert rig.pins.spans("red_0") == [(985 * MS, 1_485 * MS), (1_485 * MS, 1_565 * MS)]
    assert [o.opened_at_ns for o in rig.said.outcomes] == [985 * MS, 1_485 * MS]


def test_a_belt_that_slows_down_takes_its_pulses_along():
    rig = Rig()
    rig.submit(pulse(open_mm=600, close_mm=650, lead_ms=0))
    rig.step(500 * MS)
    rig.belt.observe(BeltSample(500 * MS, 300_000, SPEED_UM_S // 2))
    assert rig.step(500 * MS) == 1_500 * MS
    rig.step(1_499 * MS)
    assert rig.pins.edges == []
    rig.step(1_500 * MS)
    assert rig.said.outcomes[0].late_ns == 0


def test_a_belt_that_stands_still_opens_nothing_and_leaves_nothing_open():
    rig = Rig()
    rig.submit(pulse("run.1", open_mm=600, close_mm=650), pulse("run.2", open_mm=700, close_mm=750))
    rig.step(985 * MS)
    rig.belt.observe(BeltSample(1_000 * MS, 600_000, 0))
    rig.run()
    assert rig.pins.spans("red_0") == [(985 * MS, 1_485 * MS)]
    assert rig.said.results == {"run.1": "fired"}


@pytest.mark.parametrize(
    "unfit",
    [pulse(gate="blue_0"), pulse(open_mm=650, close_mm=600), pulse(open_mm=650, close_mm=650)],
    ids=["unknown gate", "ends before it begins", "empty"],
)
def test_an_unfit_pulse_is_refused(unfit):
    rig = Rig()
    rig.submit(unfit)
    rig.run()
    assert rig.said.results == {"run.1": "refused"}
    assert rig.pins.edges == []


def test_a_full_queue_refuses_the_newcomer_and_keeps_its_word_to_the_others():
    rig = Rig(queue=2)
    rig.submit(*(pulse(f"run.{n}", open_mm=600 + 100 * n, close_mm=650 + 100 * n) for n in range(3)))
    rig.run()
    assert rig.said.results == {"run.0": "fired", "run.1": "fired", "run.2": "refused"}


def test_a_pulse_before_the_belt_is_known_is_refused():
    said = Said()
    Scheduler(settings(), Pins(), BeltEstimate(), said).submit(pulse(), 0)
    assert said.results == {"run.1": "refused"}


def test_what_is_forgotten_is_refused_and_never_fired():
    rig = Rig()
    rig.submit(pulse("run.1", open_mm=600), pulse("run.2", open_mm=900, close_mm=950))
    rig.step(985 * MS)
    rig.pins.release_all()
    rig.scheduler.forget(990 * MS)
    rig.run()
    assert rig.said.results == {"run.1": "fired", "run.2": "refused"}
    assert len(rig.pins.edges) == 2


def play(rig, submissions, samples, lag_ns):
    """Submit and sample at the given instants, and step `lag_ns` after every wake that the scheduler asks for."""
    events = sorted([(at_ns, "submit", one) for one, at_ns in submissions] + samples, key=lambda event: event[0])
    wake_ns = 0
    while events or wake_ns < NEVER_NS:
        now_ns = min(wake_ns + lag_ns, *(at_ns for at_ns, _, _ in events[:1]), NEVER_NS)
        while events and events[0][0] <= now_ns:
            at_ns, what, value = events.pop(0)
            if what == "submit":
                rig.submit(value, at_ns=at_ns)
            else:
                rig.belt.observe(BeltSample(at_ns, rig.belt.um_at(at_ns), value))
        wake_ns = rig.step(now_ns)
        assert wake_ns > now_ns


pulses = st.builds(
    lambda gate, open_mm, window_mm, lead_ms: pulse("", gate, open_mm, open_mm + window_mm, lead_ms),
    st.sampled_from(["red_0", "green_0", "blue_0"]),
    st.integers(0, 2_000),
    st.integers(-10, 600),
    st.integers(0, 40),
)
instants = st.integers(0, 3_000).map(lambda ms: ms * MS)
speeds = st.sampled_from([0, 100_000, 599_000, 606_000, 1_200_000])
END_NS = 4_000 * MS


@given(
    st.lists(st.tuples(pulses, instants), max_size=25),
    st.lists(st.tuples(instants, st.just("speed"), speeds), max_size=6),
    st.integers(0, 60 * MS),
    st.sampled_from([0, 15, 80]),
)
def test_no_gate_opens_early_stays_open_too_long_or_rests_too_short_and_every_pulse_has_one_outcome(
    drawn, samples, lag_ns, off_ms
):
    gates = tuple(GateLine(name, pin, True, 500 * MS, off_ms * MS) for name, pin in (("red_0", 17), ("green_0", 24)))
    rig = Rig(queue=20, gates=gates)
    submissions = [(replace(one, track_id=f"run.{n}"), at_ns) for n, (one, at_ns) in enumerate(drawn)]
    opened_for_um = []

    def check(outcome):
        rig.said(outcome)
        if isinstance(outcome, Outcome) and outcome.result == "fired":
            ahead_um = rig.belt.um_at(rig.pins.now_ns + outcome.pulse.open_lead_ns) - outcome.pulse.open_um
            opened_for_um.append(ahead_um)

    rig.scheduler = Scheduler(rig.settings, rig.pins, rig.belt, check)
    play(rig, submissions, [*samples, (END_NS, "speed", SPEED_UM_S)], lag_ns)
    assert sorted(o.pulse.track_id for o in rig.said.outcomes) == sorted(one.track_id for one, _ in submissions)
    fired = sorted(o.pulse.track_id for o in rig.said.outcomes if o.result == "fired")
    assert fired == sorted(track_id for closed in rig.said.closed for track_id in closed.tracks)
    # An instant is a whole nanosecond and travel a whole micrometre: one of either may be lost in rounding.
    assert all(-1 <= ahead_um <= rig.settings.late_um for ahead_um in opened_for_um)
    for gate in ("red_0", "green_0"):
        spans = rig.pins.spans(gate)
        assert all(after - before >= off_ms * MS for (_, before), (after, _) in pairwise(spans))
        for opened_at_ns, closed_at_ns in spans:
            assert closed_at_ns is not None
            assert 0 < closed_at_ns - opened_at_ns <= 500 * MS + lag_ns
            assert sum(closed.at_ns == closed_at_ns for closed in rig.said.closed if closed.gate == gate) == 1
            assert any(o.opened_at_ns == opened_at_ns for o in rig.said.outcomes if o.pulse.gate == gate)
