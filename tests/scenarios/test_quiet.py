"""Nothing is told of a machine that is well, however hard its work is: with exit sensors behind every gate, at labels
given."""

from dataclasses import replace

import pytest

from sim.conveyor import Limit
from sim.fast import FastRun
from sim.setup import prepare

pytestmark = pytest.mark.slow

EXPECTED = {"wheel-slip": {"encoder_slips"}, "off-speed": {"belt_off_speed"}, "overload": {"overload"}}
SERVICE = {"overload": "pi5"}
SECONDS = {"dense": 30, "overload": 30}


def confirmed(name: str, seconds: float, seed: int) -> FastRun:
    """A scenario's run with an exit sensor behind every gate."""
    setup = prepare(
        name, seed=seed, limit=Limit(None, seconds), perception="truth", service_time=SERVICE.get(name, "none")
    )
    taken = {gate.pin for gate in setup.profile.gates.values()} | {20, 21}
    pins = (pin for pin in range(2, 28) if pin not in taken)
    gates = {name: gate.model_copy(update={"exit_pin": next(pins)}) for name, gate in setup.profile.gates.items()}
    return FastRun(replace(setup, profile=setup.profile.model_copy(update={"gates": gates})))


@pytest.mark.parametrize("name", ["clean", "crowded", "dense", "ramps", "overload", "wheel-slip", "off-speed"])
def test_no_incident_without_a_fault(name: str) -> None:
    report = confirmed(name, SECONDS.get(name, 90), seed=4).run()
    assert {told["code"] for told in report["incidents"]} == EXPECTED.get(name, set())
    assert report["fates"]["held"] == 0
