"""What a Pi's firmware is told of a profile's lines, so that each is at its safe level long before anything of ours
runs: the `gpio=` lines of `/boot/firmware/config.txt`. `firmware_config/boot/config.txt` says why."""

from collections import defaultdict
from collections.abc import Iterator

from edge.config import Profile

HIGH, LOW, UP, DOWN = "op,dh,pu", "op,dl,pd", "ip,pu", "ip,pd"
"""Outputs that are driven, and inputs that are pulled."""


def boot_lines(profile: Profile) -> list[str]:
    """A line for each kind, its pins by their BCM numbers."""
    kinds = defaultdict(list)
    for pin, kind in _kinds(profile):
        if pin is not None:
            kinds[kind].append(pin)
    return [f"gpio={','.join(map(str, sorted(kinds[kind])))}={kind}" for kind in (LOW, HIGH, UP, DOWN) if kinds[kind]]


def _kinds(profile: Profile) -> Iterator[tuple[int | None, str]]:
    for gate in profile.gates.values():
        yield gate.pin, LOW if gate.active_high else HIGH
        yield gate.exit_pin, UP
    if profile.encoder is not None:
        yield profile.encoder.pin_a, UP
        yield profile.encoder.pin_b, UP
    safety, feed, camera = profile.safety, profile.feed, profile.camera
    yield safety.e_stop_pin, UP if safety.e_stop_active_high else DOWN
    asked = feed.when_dead == "inhibit"
    yield feed.inhibit_pin, HIGH if feed.inhibit_active_high == asked else LOW
    yield feed.slow_pin, HIGH if feed.slow_active_high == asked else LOW
    for pin in (safety.alive_pin, camera.strobe_pin, camera.trigger_pin):
        yield pin, LOW
