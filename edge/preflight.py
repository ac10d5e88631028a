"""What can be known of a machine before anything starts: the faults of its profile and of what the profile names."""

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from edge.bundle import Bundle, load_bundle, resolve
from edge.capture.images import find_images
from edge.config import Profile, load_profile
from edge.crosscheck import nearest_gate_mm
from edge.errors import BundleFault, ProfileFault, SorterError, UsageFault

NO_BROKER = "none: nobody is told"


def preflight(path: Path, beside: Path | None = None) -> tuple[Profile, Bundle]:
    """Read and check a profile, its bundle and, where it plays files, those. Starts nothing. `beside`: the folder from
    which relative paths in it count, its own where left out.

    Raises UsageFault where there is no profile, ProfileFault with every fault otherwise.
    """
    faults: list[str] = []
    profile = bundle = None
    folder = path.parent if beside is None else beside
    try:
        profile = load_profile(path)
    except ProfileFault as fault:
        faults += fault.faults
    name, source = _named(path)
    try:
        bundle = load_bundle(resolve(name, folder))
    except (UsageFault, BundleFault) as fault:
        faults.append(f'{path}: [grade] bundle = "{name}": {fault}')
    try:
        _check_source(source, folder / source)
    except UsageFault as fault:
        faults.append(f'{path}: [camera] source = "{source}": {fault}')
    if profile is None or bundle is None or faults:
        raise ProfileFault(faults)
    return profile, bundle


def summary(profile: Profile, bundle: Bundle) -> Iterator[str]:
    """A machine on one screen, a line each."""
    camera, belt = profile.camera, profile.belt
    frames = int(camera.view_mm / belt.speed_mm_s * camera.frames_hz)
    height_mm = camera.height_px * camera.mm_per_px
    yield f"machine  {profile.site}/{profile.machine}, profile {profile.digest}"
    if profile.encoder is None:
        yield f"belt     {belt.speed_mm_s:g} mm/s"
    else:
        pins = " and ".join(str(pin) for pin in (profile.encoder.pin_a, profile.encoder.pin_b) if pin is not None)
        edge_um = profile.encoder.um_per_edge
        yield f"belt     up to {belt.speed_mm_s:g} mm/s, encoder at {pins} with an edge every {edge_um} um"
    yield (
        f"camera   {camera.source}, {camera.width_px}x{camera.height_px} px at {camera.frames_hz:g} frames/s: "
        f"{camera.view_mm:g} x {height_mm:g} mm of belt, {frames} frames of each fruit"
    )
    for n, lane in enumerate(profile.lanes):
        yield f"lane {n}   {lane.from_mm:g} to {lane.to_mm:g} mm across the belt"
    for name, gate in profile.gates.items():
        slack_ms = (gate.x_mm - nearest_gate_mm(profile, gate)) / belt.speed_mm_s * 1000
        labels = ", ".join(label for label, outlet in profile.route.items() if outlet == gate.outlet) or "nothing"
        yield (
            f"gate     {name}: pin {gate.pin} at {gate.x_mm:g} mm, lane {gate.lane}, outlet {gate.outlet} for {labels}"
            f", with {slack_ms:.0f} ms to spare"
        )
    yield f"bundle   {bundle.identity}, {len(bundle.manifest.labels)} labels, at {bundle.folder}"
    yield f"broker   {profile.telemetry.broker or NO_BROKER}"


def _named(path: Path) -> tuple[str, str]:
    """The bundle and the camera's source that a profile names, also where other keys of it are at fault. One that is at
    fault itself has been told of already: the default stands in for it."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "factory", "picamera"

    def text(section: str, key: str, default: str) -> str:
        held = data.get(section)
        found = held.get(key) if isinstance(held, dict) else None
        return found if isinstance(found, str) and found else default

    return text("grade", "bundle", "factory"), text("camera", "source", "picamera")


def _check_source(source: str, path: Path) -> None:
    if source == "picamera" or re.fullmatch(r"usb:\d+", source):
        return
    if not path.exists():
        raise UsageFault("no such folder or video; give one, or picamera, or usb:0")
    find_images([path])


def main(path: str, beside: str) -> int:
    """`python -m edge.preflight FILE FOLDER`: the faults, a line each. Returns the exit status: 0 once all is said."""
    try:
        preflight(Path(path), Path(beside))
    except SorterError as fault:
        sys.stdout.write(f"{fault}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
