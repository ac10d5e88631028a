"""The `[encoder]` section of a profile."""

import tomllib

import pytest

from edge.config import Profile, profile_of
from edge.errors import ProfileFault
from tests.edge.profiles import DEMO_PATH

TEXT = DEMO_PATH.read_text(encoding="utf-8")
ENCODER = "[encoder]\npin_a = 20\npin_b = 21\num_per_edge = 500\n\n[camera]\n"


def profile(encoder: str) -> Profile:
    """The demo machine with these lines before its camera."""
    return profile_of(tomllib.loads(TEXT.replace("[camera]\n", encoder)), "line.toml")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("pin_b = 21", "pin_b = 20", "[encoder] pin_b = 20: already used by encoder.pin_a; give it its own"),
        ("pin_a = 20", "pin_a = 17", "[encoder] pin_a = 17: already used by gates.red_0; give it its own"),
        ("pin_a = 20", "pin_a = 1", "[encoder] pin_a = 1: must be 2 to 27"),
        ("um_per_edge = 500", "um_per_edge = 5.5", "[encoder] um_per_edge = 5.5: must be a whole number, 20 to 10000"),
        ("pin_b = 21", "pin_c = 21", "[encoder] pin_c = 21: unknown key; did you mean pin_b?"),
        ("um_per_edge = 500", "", "[encoder] um_per_edge: missing; it must be given"),
        (
            "um_per_edge = 500",
            "um_per_edge = 100",
            "[encoder] um_per_edge = 100: must be at least 120: at [belt] speed_mm_s that is 5000 edges/s, the most "
            "that are counted; take a coarser wheel",
        ),
    ],
)
def test_an_encoder_that_cannot_work_is_refused(old: str, new: str, fault: str) -> None:
    with pytest.raises(ProfileFault) as caught:
        profile(ENCODER.replace(old, new))
    assert caught.value.faults == [f"line.toml: {fault}"]


def test_an_encoder_needs_one_line_and_may_have_two() -> None:
    for text in (ENCODER, ENCODER.replace("pin_b = 21\n", "")):
        assert profile(text).encoder is not None
