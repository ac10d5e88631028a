import pytest

from edge.datapath import BeltSample, EmergencyStop, Fall, GateClosed, Outcome
from edge.sort.wire import (
    LONGEST_LINE,
    Beat,
    Bye,
    EncoderLines,
    ExitLine,
    Fault,
    Hold,
    LineBuffer,
    Ready,
    Scale,
    StopLine,
    from_line,
    to_line,
)
from tests.edge.sort.fakes import pulse, settings

MESSAGES = [
    settings(),
    settings(encoder=EncoderLines(20, 21, 500, 250_000)),
    settings(encoder=EncoderLines(20, None, 500, 250_000)),
    settings(e_stop=StopLine(26, True)),
    Scale(1_052_632),
    Hold(True),
    settings(exits=(ExitLine("red_0", 7), ExitLine("green_0", 8))),
    EmergencyStop(123, True),
    Fall("red_0", 123),
    GateClosed("red_0", 10**18 + 1, ("run.1", "run.2")),
    Fall("red_0", 124, ended=True),
    BeltSample(123, 456, 600_000, 7),
    pulse("a1b2c3.12"),
    Beat(),
    Bye(),
    Ready(40_000, 180_000),
    BeltSample(123, 456, 600_000),
    Outcome(pulse(), "fired", 10**18 + 1, 0),
    Outcome(pulse(), "late", None, 7),
    Fault('the line said: "no"\nand more'),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_message_crosses_unchanged_in_one_line(message):
    line = to_line(message)
    assert line.count(b"\n") == 1 and line.endswith(b"\n")
    assert from_line(line) == message


def test_messages_arrive_whole_however_the_bytes_are_cut():
    data = b"".join(map(to_line, MESSAGES))
    for size in (1, 7, 100, len(data)):
        buffer = LineBuffer()
        got = [message for n in range(0, len(data), size) for message in buffer.take(data[n : n + size])]
        assert got == MESSAGES


@pytest.mark.parametrize(
    "line",
    [b"", b"{}", b"[]", b"1", b"\xff", b'{"is":"pulse"}', b'{"is":"beat","more":1}', b'{"is":"outcome","pulse":1}'],
)
def test_what_is_no_message_is_refused_in_one_line(line):
    with pytest.raises(ValueError, match="not a message of the gate process") as refusal:
        from_line(line)
    assert "\n" not in str(refusal.value)


def test_a_peer_that_never_ends_its_line_is_refused():
    buffer = LineBuffer()
    with pytest.raises(ValueError, match="without a newline"):
        buffer.take(b"x" * (LONGEST_LINE + 1))
