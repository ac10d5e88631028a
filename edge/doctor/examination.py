"""The examination: every check in its order, each with the reading that it judges. A check that fails itself is not
checked, and the next one follows."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from edge.calibrate.light import belt_colour, median_plate
from edge.config import Profile
from edge.doctor import (
    asking,
    broker,
    computer,
    eyes,
    fit,
    looking,
    plates,
    programs,
    software,
    storage,
    timing,
    wires,
    wiring,
)
from edge.doctor.finding import Check, Finding
from edge.doctor.patient import Patient
from edge.errors import CameraFault, SorterError
from edge.machine import open_camera
from edge.sort.gpio import borrowed_gpio
from edge.updates import read_told

Examination = Callable[[Patient], Iterable[Finding]]

_NO_PROFILE = "no good profile says what there should be"
_HOLDS = "the service holds it"
_STOP = "sudo systemctl stop sorter, then ask again"


def examine(patient: Patient, chosen: Iterable[str] = ()) -> Iterator[Finding]:
    """Every finding, as it is found. `chosen`: names of examinations; none: all."""
    wanted = set(chosen)
    for name, examination in EXAMINATIONS.items():
        if wanted and name not in wanted:
            continue
        try:
            with borrowed_gpio():
                yield from examination(patient)
        except SorterError as fault:
            yield Check(name, "it could not be examined").unchecked(str(fault))
        except Exception as error:  # a mistake of the doctor's own must not hide what the others find
            yield Check(name, "it could not be examined").unchecked(
                f"{type(error).__name__}: {error}", "please report this line"
            )


def _computer(patient: Patient) -> Iterator[Finding]:
    host = patient.host
    flags, sensors = host.flags(), host.sensors()
    yield from computer.board(host.model())
    yield from computer.power(flags)
    yield from computer.throttling(flags)
    yield from computer.temperature(sensors.temperature_c)
    yield from computer.memory(sensors.memory_free)
    yield from computer.kernel(host.system())
    made = patient.bundle.manifest.origin.created_utc if patient.bundle else "2026-01-01T00:00:00Z"
    yield from computer.clock(sensors.clock_follows, datetime.now(UTC), _instant(made))


def _instant(text: str) -> datetime:
    made = datetime.fromisoformat(text)
    return made if made.tzinfo else made.replace(tzinfo=UTC)


def _disk(patient: Patient) -> Iterator[Finding]:
    yield from storage.room(patient.host.room())
    yield from storage.wear(patient.host.wear())


def _software(patient: Patient) -> Iterator[Finding]:
    digest = patient.profile.digest if patient.profile else ""
    yield from software.profile(str(patient.path), patient.faults, digest)
    yield from software.versions(sys.version_info[:2], programs.versions())
    yield from software.service(patient.service)


def _bundle(patient: Patient) -> Iterator[Finding]:
    if patient.bundle is None:
        return software.bundle("", None)
    return software.bundle(patient.bundle.identity, programs.self_test(patient.bundle.folder, patient.path))


def _update(patient: Patient) -> Iterator[Finding]:
    if patient.profile is None:
        yield software.UPDATE.unchecked(_NO_PROFILE)
        return
    told = patient.profile.update
    yield from software.update(told.source, str(told.folder), read_told(told.folder), _readable(told.folder))


def _readable(folder: Path) -> bool:
    try:
        next(folder.iterdir(), None)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _pins(patient: Patient) -> Iterator[Finding]:
    if patient.profile is None:
        yield wires.PIN.unchecked(_NO_PROFILE)
    elif why := wiring.no_gpio():
        yield wires.PIN.unchecked(why)
    else:
        yield from wires.lines(wiring.read(patient.profile), patient.serves)


def _encoder(patient: Patient) -> Iterator[Finding]:
    if patient.profile is None:
        yield wires.ENCODER.unchecked(_NO_PROFILE)
    elif patient.profile.encoder is not None and (why := wiring.no_gpio()):
        yield wires.ENCODER.unchecked(why)
    else:
        pulses, refusal = wiring.count(patient.profile)
        yield from wires.encoder(patient.profile, pulses, refusal, patient.serves)


def _jitter(patient: Patient) -> Iterator[Finding]:
    if patient.profile is None:
        return iter((timing.JITTER.unchecked(_NO_PROFILE),))
    return timing.jitter(patient.profile, programs.wakes(patient.profile))


def _camera(patient: Patient) -> Iterator[Finding]:
    profile, bundle = patient.profile, patient.bundle
    if profile is None or bundle is None:
        yield eyes.FRAMES.unchecked(_NO_PROFILE)
        return
    if patient.serves:
        yield eyes.FRAMES.unchecked(_HOLDS, _STOP)
        return
    try:
        with wiring.lit(profile):
            seen = looking.look(lambda: open_camera(profile, patient.path.parent), profile, bundle)
    except CameraFault as fault:
        yield from eyes.missing(profile.camera, str(fault), patient.host.model())
        return
    yield from eyes.frames(profile.camera, seen)
    if seen.frames:
        learned = looking.learned(bundle)
        yield from eyes.exposure(profile.camera, seen)
        yield from eyes.focus(seen, learned)
        yield from eyes.colour(seen, learned)
        yield from _compared(profile, seen, patient.path.parent)


def _compared(profile: Profile, seen: eyes.View, beside: Path) -> Iterator[Finding]:
    """With what the camera saw when it was calibrated."""
    yield from fit.paths(profile, seen.path)
    if len(seen.pictures) < plates.FEWEST:
        yield fit.MOVED.unchecked(f"{len(seen.pictures)} pictures came; {plates.FEWEST} are needed")
        return
    then, light = plates.kept(profile, beside), profile.calibration.light
    shift = None if then is None else plates.shift(then, seen.pictures, profile.camera.mm_per_px)
    yield from fit.moved(shift)
    yield from fit.belt_colour(light.belt_rgb if light else None, belt_colour(median_plate(seen.pictures)))


def _calibration(patient: Patient) -> Iterator[Finding]:
    if patient.profile is None:
        return iter((fit.CALIBRATION.unchecked(_NO_PROFILE),))
    return fit.made(patient.profile, datetime.now(UTC))


def _broker(patient: Patient) -> Iterator[Finding]:
    if patient.profile is None:
        yield broker.BROKER.unchecked(_NO_PROFILE)
        return
    settings = patient.profile.telemetry
    refusal, took_s, certificates = ("", 0.0, []) if settings.broker is None else asking.ask(settings)
    yield from broker.broker(settings.broker, refusal, took_s)
    yield from broker.certificates(certificates, datetime.now(UTC))


EXAMINATIONS: dict[str, Examination] = {
    "computer": _computer,
    "disk": _disk,
    "software": _software,
    "bundle": _bundle,
    "update": _update,
    "broker": _broker,
    "pins": _pins,
    "encoder": _encoder,
    "jitter": _jitter,
    "calibration": _calibration,
    "camera": _camera,
}
"""By name, in the order in which they are made."""
