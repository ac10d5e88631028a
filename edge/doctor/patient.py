"""What is examined: one computer, and the profile and bundle that it is to run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edge.bundle import Bundle
from edge.config import Profile
from edge.doctor import programs
from edge.doctor.host import HostReader
from edge.doctor.software import Service
from edge.errors import ProfileFault, SorterError, UsageFault
from edge.preflight import preflight

USUAL = Path("/etc/sorter/profile.toml")


@dataclass(frozen=True, slots=True)
class Patient:
    """`faults` of the profile, None where there is no profile at all; without one, or with a faulty one, `profile` and
    `bundle` are None and what needs them is not checked."""

    path: Path
    host: HostReader
    faults: tuple[str, ...] | None
    profile: Profile | None
    bundle: Bundle | None
    service: Service | None

    @property
    def serves(self) -> bool:
        """Whether the service runs, and holds camera and lines."""
        return self.service is not None and self.service.runs


def admit(path: Path | None, root: Path = Path("/")) -> Patient:
    """`path`: the profile; None for the one at its usual place, if there is one. Raises UsageFault where the one that
    was named is not there."""
    where = path or USUAL
    faults: tuple[str, ...] | None = ()
    profile = bundle = None
    try:
        profile, bundle = preflight(where)
    except ProfileFault as fault:
        faults = tuple(fault.faults)
    except UsageFault:
        if path is not None:
            raise
        faults = None
    except SorterError as fault:
        faults = (str(fault),)
    host = HostReader(_disk(profile), root)
    return Patient(where, host, faults, profile, bundle, programs.service())


def _disk(profile: Profile | None) -> Path:
    """Where the machine writes."""
    if profile is None:
        return Path("/var/lib/sorter")
    return profile.recorder.folder or profile.telemetry.outbox or Path("/var/lib/sorter")
