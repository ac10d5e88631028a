"""The lines of the GPIO that are neither a gate's nor the encoder's: each has one of its own."""

import tomllib

import pytest

from edge.config import profile_of
from edge.errors import ProfileFault
from tests.edge.profiles import DEMO_PATH

TEXT = DEMO_PATH.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("# e_stop_pin = 26", "e_stop_pin = 17", "[safety] e_stop_pin = 17: already used by gates.red_0"),
        ("# inhibit_pin = 16", "inhibit_pin = 17", "[feed] inhibit_pin = 17: already used by gates.red_0"),
    ],
)
def test_a_line_that_is_taken_is_refused(old: str, new: str, fault: str) -> None:
    assert old in TEXT
    with pytest.raises(ProfileFault) as caught:
        profile_of(tomllib.loads(TEXT.replace(old, new)), "line.toml")
    assert caught.value.faults == [f"line.toml: {fault}; give it its own"]


def test_a_belt_that_can_be_slowed_needs_its_own_line_and_an_encoder() -> None:
    text = TEXT.replace("# slow_pin = 12", "inhibit_pin = 16\nslow_pin = 16")
    with pytest.raises(ProfileFault) as caught:
        profile_of(tomllib.loads(text), "line.toml")
    taken, blind = caught.value.faults
    assert taken == "line.toml: [feed] slow_pin = 16: already used by feed.inhibit_pin; give it its own"
    assert blind.startswith("line.toml: [feed] slow_pin = 16: needs an [encoder]: ")


def test_what_a_dead_device_asks_for_is_one_of_two() -> None:
    with pytest.raises(ProfileFault, match=r'\[feed\] when_dead = "stop": must be "inhibit" or "free"'):
        profile_of(tomllib.loads(TEXT.replace('when_dead = "inhibit"', 'when_dead = "stop"')), "line.toml")
