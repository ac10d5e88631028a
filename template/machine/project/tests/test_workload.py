"""The most that the line is meant for, seen through the camera and graded, by the computer that it will have."""

from conftest import ROOT, Run

COMPUTER = "pi5"
"""Or pi4, or the file that `sorter bench pipeline --json` wrote there."""


def test_the_line_keeps_up_with_its_workload(run: Run) -> None:
    found = run("workload", "--fruit", "60", "--service-time", COMPUTER)
    fates = found["fates"]
    assert sum(fates.values()) == found["fruit"] == 60
    assert fates["unseen"] <= 0.05 * found["fruit"]
    assert fates["late"] + fates["shed"] == 0
    assert found["ghosts"] <= 0.05 * found["fruit"]


def test_its_bundle_sorts_the_crop(run: Run) -> None:
    """Of the bundle that `make train` made; until then the factory's shows that the line is whole."""
    bundle = ROOT / "bundle"
    if not (bundle / "bundle.json").is_file():
        assert run("clean", "--fruit", "24")["decided"] >= 12
        return
    found = run("clean", "--fruit", "60", "--bundle", str(bundle))
    assert found["fates"]["right"] >= 0.85 * found["fruit"]
