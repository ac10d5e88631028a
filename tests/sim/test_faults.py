"""Faults of the simulator: their names, their instants, and how a run is told of them."""

import pytest

from edge.errors import UsageFault
from sim.choice import choose
from sim.faults import CATALOGUE, Faults, FaultSpan, parse, refuse_virtual
from sim.scenario import ScenarioFault, load_scenario, names

S = 1_000_000_000


def test_a_fault_holds_from_its_start_until_its_end():
    faults = Faults([FaultSpan(name="camera-stall", from_s=2, to_s=3)], start_ns=5 * S)
    assert [faults.holds("camera-stall", at) for at in (7 * S - 1, 7 * S, 8 * S - 1, 8 * S)] == [
        False,
        True,
        True,
        False,
    ]
    assert not faults.holds("lamp-off", 7 * S)


def test_a_fault_may_come_twice():
    spans = [FaultSpan(name="camera-stall", from_s=s, to_s=s + 1) for s in (1, 5)]
    assert Faults(spans).spans("camera-stall") == ((S, 2 * S), (5 * S, 6 * S))


def test_a_fault_without_instants_takes_the_catalogues():
    kind = CATALOGUE["camera-stall"]
    assert parse("camera-stall") == FaultSpan(name="camera-stall", from_s=kind.from_s, to_s=kind.to_s)
    assert parse("camera-stall@1.5-2") == FaultSpan(name="camera-stall", from_s=1.5, to_s=2)


@pytest.mark.parametrize(
    "text", ["camera-stall@", "camera-stall@3", "camera-stall@3-2", "camera-stall@-1-2", "camera-stall@1-inf"]
)
def test_instants_that_are_none_are_refused_with_what_is_allowed(text: str):
    with pytest.raises(UsageFault, match="START-END"):
        parse(text)


def test_an_unknown_fault_is_answered_with_those_that_there_are():
    with pytest.raises(UsageFault, match=r"no such fault; there are .*camera-stall"):
        parse("camera-stal@1-2")


def test_every_fault_has_a_scenario_of_its_name_that_holds_it():
    for name in CATALOGUE:
        assert name in names()
        assert name in {span.name for span in load_scenario(name).fault}


def test_a_fault_of_virtual_time_is_refused_live():
    virtual = [name for name, kind in CATALOGUE.items() if not kind.live]
    for name in virtual:
        with pytest.raises(UsageFault, match="--fast"):
            refuse_virtual([parse(name)])


def test_a_scenario_says_only_what_differs_from_the_one_that_it_extends(tmp_path):
    path = tmp_path / "slower.toml"
    path.write_text('extends = "clean"\nabout = "slower"\n[feed]\npitch_mm = 300\n')
    scenario, clean = load_scenario(str(path)), load_scenario("clean")
    assert (scenario.name, scenario.about, scenario.feed.pitch_mm) == ("slower", "slower", 300)
    assert scenario.feed.gap_mm == clean.feed.gap_mm
    assert scenario.truth == clean.truth


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('extends = "cleen"', "no such scenario; there are"),
        ('extends = "clean"\n[[fault]]\nname = "lamp-of"\nfrom_s = 1\nto_s = 2', "no such fault; there are"),
        (
            'extends = "clean"\n[[fault]]\nname = "camera-stall"\nfrom_s = 2\nto_s = 2',
            "to_s = 2: must be above from_s = 2",
        ),
    ],
)
def test_what_is_wrong_with_a_scenario_is_said_in_one_line(tmp_path, text: str, says: str):
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(ScenarioFault, match=says):
        load_scenario(str(path))


def test_a_fault_of_a_part_that_the_machine_does_not_have_is_refused():
    with pytest.raises(
        UsageFault, match=r"fault e-stop: the machine has no \[safety\] e_stop_pin; name a scenario that"
    ):
        choose("clean", perception="truth", faults=[parse("e-stop")])
    assert choose("e-stop", perception="truth", faults=[parse("e-stop@1-2")]).scenario.fault
