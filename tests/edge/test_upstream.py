from edge.datapath import Feed
from edge.standing import Standing
from edge.upstream import Upstream
from tests.edge.profiles import demo

S = 1_000_000_000
FREE, LESS, SLOW = Feed(inhibit=False, slow=False), Feed(inhibit=True, slow=True), Feed(inhibit=False, slow=True)


class Rig:
    def __init__(self, **feed):
        self.asked = []
        self.standing = Standing(lambda incident: None, lambda held: None)
        self.upstream = Upstream(demo(feed={"clear_s": 3.0, **feed}), self.asked.append)

    def step(self, at_s, **more):
        self.upstream.step(round(at_s * S), self.standing, **more)
        return self.upstream.inhibit


def test_lines_that_are_there_are_told_what_holds_at_the_first_step_and_others_nothing():
    wired, bare = Rig(inhibit_pin=16), Rig()
    assert wired.upstream.inhibit and not bare.upstream.inhibit
    wired.step(1), bare.step(1)
    assert (wired.asked, bare.asked) == ([FREE], [])


def test_overload_holds_the_feed_back_at_once_and_for_the_patience_after_its_end():
    rig = Rig(inhibit_pin=16)
    rig.step(1)
    rig.standing.raise_("overload", 1, {"shed": 1.0})
    assert rig.step(2)
    rig.standing.clear("overload", 5)
    assert rig.step(4.9)
    assert not rig.step(5.0)
    assert rig.asked == [FREE, LESS, FREE]


def test_load_that_comes_and_goes_does_not_make_the_feed_flutter():
    rig = Rig(inhibit_pin=16)
    for at_s in range(20):
        (rig.standing.clear if at_s % 2 else rig.standing.raise_)("overload", at_s, *(() if at_s % 2 else ({},)))
        rig.step(at_s)
    assert rig.asked == [LESS]


def test_the_safe_state_and_a_wish_hold_it_back_too():
    rig = Rig(inhibit_pin=16)
    rig.standing.raise_("e_stop", 1, {})
    assert rig.step(1)
    rig.standing.clear("e_stop", 2)
    assert not rig.step(10)
    assert rig.step(11, wished=True)


def test_a_warning_holds_nothing_back():
    rig = Rig()
    rig.standing.raise_("throttled", 1, {})
    assert not rig.step(1)


def test_a_derated_computer_asks_for_a_slow_belt_and_no_less_feed():
    rig = Rig(slow_pin=12)
    rig.step(1)
    assert not rig.step(2, derated=True)
    rig.step(3)
    assert rig.asked == [FREE, SLOW, FREE]
