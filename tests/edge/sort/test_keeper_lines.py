"""The keeper's other lines: the emergency stop, and those to upstream. The belt runs as in test_keeper."""

from edge.datapath import EmergencyStop, Feed
from tests.edge.sort.fakes import MS, pulse
from tests.edge.sort.test_keeper import Rig


class Button:
    """Answers ports.StopContact; `down` is its level, `touched` that it was pressed in between."""

    def __init__(self, down=False):
        self.down, self.touched = down, False

    def pressed(self, now_ns):
        touched, self.touched = self.touched, False
        return self.down or touched


def stops(rig):
    return [(said.at_ns, said.pressed) for said in rig.said.samples if isinstance(said, EmergencyStop)]


def test_the_emergency_stop_releases_every_gate_in_the_step_that_feels_it_and_none_opens_while_it_is_pressed():
    rig = Rig(stop=Button())
    rig.keeper.beat(0)
    rig.keeper.submit(pulse("run.1", open_mm=60, close_mm=300), 0)
    rig.keeper.submit(pulse("run.2", open_mm=200, close_mm=250), 0)
    rig.run(150 * MS, beat_ns=50 * MS)
    rig.keeper._stop.down = True
    rig.step(151 * MS)
    assert [closed for _, closed in rig.pins.spans("red_0")] == [151 * MS]
    rig.keeper.submit(pulse("run.3", open_mm=280, close_mm=320), 151 * MS)
    rig.run(400 * MS, beat_ns=50 * MS)
    rig.keeper._stop.down = False
    rig.run(500 * MS, beat_ns=50 * MS)
    rig.keeper.submit(pulse("run.4", open_mm=400, close_mm=450), 500 * MS)
    rig.run(1_000 * MS, beat_ns=50 * MS)
    assert rig.said.results == {"run.1": "fired", "run.2": "refused", "run.3": "refused", "run.4": "fired"}
    (pressed, released) = stops(rig)
    assert pressed == (151 * MS, True)
    assert released[1] is False and 450 * MS <= released[0] <= 480 * MS


def test_a_stop_that_was_pressed_between_two_steps_stops_too():
    button = Button()
    rig = Rig(stop=button)
    button.touched = True
    rig.run(200 * MS, beat_ns=50 * MS)
    assert [pressed for _, pressed in stops(rig)] == [True, False]


def test_a_contact_that_bounces_as_it_closes_is_one_release():
    button = Button(down=True)
    rig = Rig(stop=button)
    button.down = False
    for at_ms in (10, 20, 40, 55, 80):
        button.touched = True
        rig.run(at_ms * MS, beat_ns=5 * MS)
    rig.run(300 * MS, beat_ns=20 * MS)
    assert [pressed for _, pressed in stops(rig)] == [True, False]
    assert stops(rig)[1][0] > 100 * MS


def test_a_stop_that_is_pressed_at_the_start_is_the_first_thing_that_is_said():
    rig = Rig(stop=Button(down=True))
    assert stops(rig) == [(0, True)]
    rig.keeper.beat(0)
    rig.keeper.submit(pulse("run.1", open_mm=60, close_mm=300), 0)
    rig.run(1_000 * MS, beat_ns=50 * MS)
    assert rig.said.results == {"run.1": "refused"}
    assert rig.pins.edges == []


class Upstream:
    """Answers ports.FeedLines."""

    def __init__(self):
        self.asked = []

    def ask(self, feed):
        self.asked.append(feed)


def test_upstream_is_asked_for_what_main_wants_and_for_less_while_no_gate_may_open():
    upstream = Upstream()
    rig = Rig(feed=upstream)
    rig.keeper.beat(0)
    rig.run(50 * MS, beat_ns=50 * MS)
    assert upstream.asked == []
    rig.keeper.ask(Feed(inhibit=False, slow=False))
    rig.run(100 * MS, beat_ns=50 * MS)
    rig.run(1_000 * MS)  # main falls silent
    assert rig.keeper.safe
    assert upstream.asked == [Feed(inhibit=False, slow=False), Feed(inhibit=True, slow=True)]
