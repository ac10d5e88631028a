"""The machine's settings."""

from typing import Any

from edge.cli import main

from conftest import ROOT


def test_the_profile_has_no_fault() -> None:
    assert main(["check", str(ROOT / "profile.toml")]) == 0


def test_every_grade_of_the_crop_has_an_outlet_of_its_name(crop: dict[str, Any], profile: dict[str, Any]) -> None:
    wanted = {grade["label"]: name for name, grade in crop["grades"].items()}
    gates = {gate["outlet"] for gate in profile["gates"].values()}
    assert {label: outlet for label, outlet in profile["route"].items() if outlet != "end"}.items() <= wanted.items()
    assert set(profile["route"].values()) - {"end"} <= gates


def test_every_lane_is_wider_than_the_largest_fruit(crop: dict[str, Any], profile: dict[str, Any]) -> None:
    assert all(lane["to_mm"] - lane["from_mm"] > crop["length_mm"][1] for lane in profile["lanes"])


def test_a_fruit_is_seen_often_enough(profile: dict[str, Any]) -> None:
    """At least six pictures of it while it is whole in the picture."""
    seen_mm = profile["camera"]["width_px"] * profile["camera"]["mm_per_px"]
    assert seen_mm / profile["belt"]["speed_mm_s"] * profile["camera"]["frames_hz"] >= 6
