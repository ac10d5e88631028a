"""Being ahead of an edge, and what the self-test counts. No test asks how long anything took."""

import pytest

from edge.sort import punctual
from edge.sort.punctual import PatientPins, measure_wakes
from tests.edge.sort.fakes import MS, Pins


class Ticking:
    """A clock that moves by a tick whenever it is read, and pins that command at its instant."""

    def __init__(self, pins):
        self.now_ns, self.pins = 0, pins

    def __call__(self):
        self.now_ns += 10
        self.pins.now_ns = self.now_ns
        return self.now_ns


def test_a_line_is_commanded_at_the_first_instant_that_is_not_too_early():
    pins = Pins()
    patient = PatientPins(pins, Ticking(pins))
    patient.not_before_ns = 995
    assert patient.command("red_0", True) == 1_000
    assert patient.command("red_0", False) == 1_010
    assert [(gate, is_open) for _, gate, is_open in pins.edges] == [("red_0", True), ("red_0", False)]


def test_the_road_to_the_safe_state_waits_for_nothing():
    pins = Pins()
    patient = PatientPins(pins, Ticking(pins))
    patient.not_before_ns = 2**62
    patient.release_all()
    assert pins.released == 1


@pytest.mark.parametrize(("late", "found"), [(lambda n: 0, (0, 0)), (lambda n: n * MS, (50 * MS, 98 * MS))])
def test_the_self_test_tells_the_median_and_the_hundredth_part(monkeypatch, late, found):
    wakes = iter(range(punctual.TRIALS))
    monkeypatch.setattr(punctual, "sleep_until", lambda at_ns, spin_ns: at_ns + late(next(wakes)))
    assert measure_wakes() == found
