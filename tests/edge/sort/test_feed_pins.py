import pytest
from gpiozero import InputDevice
from gpiozero.pins.mock import MockFactory

from edge.datapath import Feed
from edge.errors import GateFault
from edge.sort.feed_pins import FeedPins
from edge.sort.link import feed_lines
from tests.edge.profiles import demo


def levels(factory):
    return [int(factory.pin(pin).state) for pin in (16, 12)]


@pytest.mark.parametrize(("when_dead", "dead"), [("inhibit", [1, 0]), ("free", [0, 1])])
def test_the_lines_say_what_is_asked_and_begin_and_end_at_what_they_are_without_the_device(when_dead, dead):
    profile = demo(feed={"inhibit_pin": 16, "slow_pin": 12, "slow_active_high": False, "when_dead": when_dead})
    factory = MockFactory()
    pins = FeedPins(tuple(feed_lines(profile)), factory)
    seen = [levels(factory)]
    for inhibit, slow in ((False, False), (False, True), (True, True)):
        pins.ask(Feed(inhibit, slow))
        seen.append(levels(factory))
    assert seen == [dead, [0, 1], [0, 0], [1, 0]]
    ended = []
    for _, device in pins._lines:
        device.close = lambda device=device: ended.append(int(device.pin.state))
    pins.close()
    assert ended == dead


def test_a_busy_line_is_a_fault_that_names_it():
    factory = MockFactory()
    fault = r"\[feed\] inhibit_pin = 16: cannot be claimed: .*already in use"
    with InputDevice(16, pin_factory=factory), pytest.raises(GateFault, match=fault):
        FeedPins(tuple(feed_lines(demo(feed={"inhibit_pin": 16}))), factory)
