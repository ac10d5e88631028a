"""What the doctor says of the lines of the GPIO, and how it reads them."""

import struct

import pytest
from gpiozero import LED
from gpiozero.pins.mock import MockFactory

from edge.config import Encoder
from edge.doctor import chips, wires
from edge.doctor.chips import Held, holders, parse_levels
from edge.doctor.wires import Line, Pulses, Wanted
from edge.errors import GateFault
from edge.sort.probe import claim_released, read_level
from edge.sort.wire import GateLine
from tests.edge.doctor.verdicts import verdict
from tests.edge.profiles import demo

GATE = Wanted("[gates.red_0] pin", 17, "gate", 0)
EXIT = Wanted("[gates.red_0] exit_pin", 12, "exit", 1, True)
STOP = Wanted("[safety] e_stop_pin", 26, "stop", 0, True)


@pytest.mark.parametrize(
    ("one", "line", "serves", "said"),
    [
        (GATE, Line("", 0, "down"), False, "good"),
        (GATE, Line(None, None, None), False, "good"),
        (GATE, Line("", 1, "down"), False, "fault"),
        (GATE, Line("spi0 CS1", 0, None), False, "fault"),
        (GATE, Line("lg", 1, None), True, "good"),
        (GATE, Line(None, None, None, "pin 17: cannot be claimed: GPIO busy"), True, "good"),
        (GATE, Line(None, None, None, "pin 17: cannot be claimed: GPIO busy"), False, "fault"),
        (EXIT, Line("", 1, "up"), False, "good"),
        (EXIT, Line("", 0, "up"), False, "attention"),
        (STOP, Line("", 0, "up"), False, "good"),
        (STOP, Line("", 1, "up"), False, "attention"),
    ],
)
def test_a_line_that_is_held_or_stands_where_it_must_not_is_told(one, line, serves, said):
    assert verdict(wires.lines([(one, line)], serves)) == said


def test_every_line_that_the_profile_names_is_looked_at():
    profile = demo(safety={"e_stop_pin": 26}, feed={"inhibit_pin": 16})
    asked = {one.key: one for one in wires.wanted(profile)}
    assert len(asked) == len(profile.gates) + 2
    assert asked["[gates.red_0] pin"].idle == 0
    assert asked["[safety] e_stop_pin"].idle == 0


def with_encoder():
    return demo().model_copy(update={"encoder": Encoder(pin_a=20, pin_b=21, um_per_edge=500)})


@pytest.mark.parametrize(
    ("pulses", "said"),
    [
        (Pulses(1200, 0, 1.0), "good"),
        (Pulses(0, 0, 1.0), "attention"),
        (Pulses(1200, 100, 1.0), "attention"),
        (Pulses(1500, 0, 1.0), "fault"),
    ],
)
def test_an_encoder_is_held_to_the_belts_speed(pulses, said):
    assert verdict(wires.encoder(with_encoder(), pulses, "", False)) == said


def test_an_encoder_that_cannot_be_heard_is_a_fault_unless_the_service_hears_it():
    assert verdict(wires.encoder(demo(), None, "", False)) == "not checked"
    assert verdict(wires.encoder(with_encoder(), None, "pin 20: busy", False)) == "fault"
    (one,) = wires.encoder(with_encoder(), None, "pin 20: busy", True)
    assert one.verdict == "not checked"


def kernel(label, lines):
    """An ioctl: a chip whose lines have a consumer and flags."""

    def ask(_, request, asked):
        if request == 0x8044B401:
            return struct.pack("32s32sI", b"gpiochip0", label, 54)
        (offset,) = struct.unpack_from("I", asked, 64)
        consumer, flags = lines.get(offset, (b"", 0))
        return struct.pack("32s32sIIQ160s16s", b"", consumer, offset, 0, flags, b"", b"")

    return ask


def test_the_kernel_says_who_holds_a_line(tmp_path):
    (tmp_path / "gpiochip0").touch()
    lines = {17: (b"lg", 1 | 8), 8: (b"", 1 | 8), 20: (b"sorter", 1 | 4 | 1 << 8)}
    found = holders([17, 8, 20, 5], tmp_path, kernel(b"pinctrl-rp1", lines))
    assert found == {17: Held("lg", None), 8: Held("a driver", None), 20: Held("sorter", "up"), 5: Held("", None)}


def test_another_chip_than_the_headers_says_nothing(tmp_path):
    (tmp_path / "gpiochip0").touch()
    assert holders([17], tmp_path, kernel(b"raspberrypi-exp-gpio", {})) is None
    assert holders([17], tmp_path / "none") is None


def test_a_chip_that_may_not_be_asked_says_nothing(tmp_path):
    def refuse(*_):
        raise PermissionError

    (tmp_path / "gpiochip0").touch()
    assert holders([17], tmp_path, refuse) is None


def test_what_pinctrl_shows_is_read():
    said = (
        " 2: a3    pu | hi // GPIO2 = SDA1\n"
        "17: op dl pd | lo // GPIO17 = output\n"
        "20: ip    -- | hi // GPIO20 = input\n"
        "some other line\n"
    )
    assert parse_levels(said) == {2: (1, "up"), 17: (0, "down"), 20: (1, None)}


def test_a_computer_without_pinctrl_shows_no_levels(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert chips.levels() == {}


def test_a_line_is_read_with_the_pull_that_is_asked_for_and_given_back():
    with MockFactory() as factory:
        assert read_level(20, True, factory) == 1
        assert read_level(20, False, factory) == 0
        assert read_level(20, None, factory) == 0


def test_a_gates_line_is_claimed_released_and_one_that_is_taken_is_refused():
    line = GateLine("red_0", 17, True, 10**9, 0)
    with MockFactory() as factory:
        claim_released(line, factory)
        claim_released(line, factory)
        assert not any(state.state for state in factory.pin(17).states)
        with LED(17, pin_factory=factory), pytest.raises(GateFault, match="cannot be claimed"):
            claim_released(line, factory)
