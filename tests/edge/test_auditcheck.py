"""An audit that is asked for makes sense: shares in order, and an outlet to which nothing else goes."""

import tomllib
from typing import Any

import pytest

from edge.config import Profile, profile_of
from edge.errors import ProfileFault
from tests.edge.profiles import DEMO_PATH

GOOD = tomllib.loads(DEMO_PATH.read_text(encoding="utf-8"))


def read(**audit: Any) -> Profile:
    return profile_of(GOOD | {"audit": audit}, "line.toml")


@pytest.mark.parametrize(
    ("audit", "fault"),
    [
        ({"share": 0.6}, "[audit] share = 0.6: must be 0 to 0.5"),
        ({"share": 0.01, "least_share": 0.02}, "least_share = 0.02: must be above 0 and at most share = 0.01"),
        ({"share": 0.01, "least_share": 0.0}, "least_share = 0: must be above 0 and at most share = 0.01"),
        ({"share": 0.02, "most_share": 0.01}, "most_share = 0.01: must be at least share = 0.02"),
        ({"outlet": "red"}, 'outlet = "red": sorted fruit go there too; give an outlet of its own, or "end"'),
    ],
)
def test_an_audit_that_makes_no_sense_is_refused(audit: dict[str, Any], fault: str) -> None:
    with pytest.raises(ProfileFault) as caught:
        read(**audit)
    (told,) = caught.value.faults
    assert fault in told


def test_an_outlet_needs_a_gate_in_every_lane() -> None:
    with pytest.raises(ProfileFault) as caught:
        read(outlet="bin")
    assert [fault.partition("lane ")[2][:1] for fault in caught.value.faults] == ["0", "1"]


def test_without_a_word_there_is_no_audit() -> None:
    audit = profile_of({key: part for key, part in GOOD.items() if key != "audit"}, "line.toml").audit
    assert (audit.share, audit.outlet, audit.bounds) == (0.0, "end", (0.0, 0.0))
    assert read(share=0.02, most_share=0.05).audit.bounds == (0.02, 0.05)
