import signal

from sim import hogs
from sim.faults import Faults, FaultSpan
from sim.mishaps import Mishaps
from sim.wires import Edge
from tests.edge.profiles import demo

S = 1_000_000_000


class Device:
    def __init__(self):
        self.harm = []

    def put(self, edge):
        self.harm.append(edge)

    def signal(self, part, number):
        self.harm.append((part, number))


def harm(name, from_s=2, to_s=5, **safety):
    """What befalls the device second by second."""
    device, found = Device(), {}
    mishaps = Mishaps(Faults([FaultSpan(name=name, from_s=from_s, to_s=to_s)]), demo(safety=safety), device)
    for at_s in range(8):
        mishaps.step(at_s * S)
        if device.harm:
            found[at_s], device.harm[:] = list(device.harm), []
    mishaps.close()
    return found


def test_what_is_killed_is_killed_once():
    assert harm("main-killed") == {2: [("main", signal.SIGKILL)]}
    assert harm("gates-killed") == {2: [("gates", signal.SIGKILL)]}


def test_what_hangs_goes_on_at_the_end():
    assert harm("gates-hung") == {2: [("gates", signal.SIGSTOP)], 5: [("gates", signal.SIGCONT)]}


def test_hogs_are_turned_on_and_off():
    assert harm("gil-hog") == {2: [("main", hogs.BEGIN)], 5: [("main", hogs.END)]}


def test_the_button_is_pressed_and_released_at_its_level():
    assert harm("e-stop", e_stop_pin=26) == {2: [Edge(2 * S, 26, 1)], 5: [Edge(5 * S, 26, 0)]}
    assert harm("e-stop", e_stop_pin=26, e_stop_active_high=False)[2] == [Edge(2 * S, 26, 0)]


def test_busy_processes_are_gone_with_the_desk(monkeypatch):
    started = []

    class Busy:
        def __init__(self, command):
            self.over = False
            started.append(self)

        def kill(self):
            self.over = True

        def wait(self):
            assert self.over

    monkeypatch.setattr("sim.mishaps.subprocess.Popen", Busy)
    harm("cpu-hog", to_s=100)
    assert started and all(each.over for each in started)
