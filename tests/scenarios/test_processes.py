"""What befalls the machine's processes and the computer that they run on."""

from tests.scenarios.staged import Staged, cleared, message, raised


def test_an_emergency_stop_holds_every_gate_from_its_press_to_its_release():
    run = Staged("e-stop")
    ((from_s, to_s),) = run.safe
    assert 0 <= from_s - 10.0 <= 0.020
    assert 0 <= to_s - 13.0 <= 0.100
    assert 0 <= raised(run, "e_stop")[0] - 10.0 <= 0.100
    assert 0 <= cleared(run, "e_stop")[0] - 13.0 <= 0.200
    assert "release the button" in message("e_stop")
    assert set(run.fates(10.2, 13.0)) == {"held"}
    assert set(run.fates(15.0, 30.0)) == {"right"}
