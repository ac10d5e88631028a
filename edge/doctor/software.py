"""What runs on the computer: profile, bundle, versions, service, and where an update stands. Pure: each check judges a
reading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from edge.doctor.finding import Check, Finding
from edge.updates import Told

PROFILE = Check("profile", "a machine whose profile is at fault does not start")
BUNDLE = Check("bundle", "a network that computes otherwise here than where it was made grades otherwise")
UPDATE = Check("update", "a machine that takes no updates keeps the grades of the day when it was set up")
VERSIONS = Check("versions", "parts that do not fit each other fail where nobody looks for it")
SERVICE = Check("service", "without the service nothing is sorted after the power comes back")

PLACEHOLDER = "0.0.0.2"
"""Of lgpio: what pip takes where there is no wheel. Nothing is in it."""

WITHOUT_NETWORK = ("idle", "commit")
"""States of an update with nothing under way."""


@dataclass(frozen=True, slots=True)
class Service:
    """As systemd has it: its state, whether it starts with the computer, and how often it was started again since."""

    state: str
    enabled: bool
    restarts: int

    @property
    def runs(self) -> bool:
        """Whether it holds camera and lines."""
        return self.state in ("active", "activating", "reloading")


def profile(path: str, faults: Sequence[str] | None, digest: str) -> Iterator[Finding]:
    """`faults` is None where no profile was given and none is at its usual place, which is `path` then."""
    if faults is None:
        yield PROFILE.unchecked(f"none is at {path}, and none was given", "sorter doctor --profile FILE")
    for fault in faults or ():
        yield PROFILE.fault(fault, "correct it; sorter check tells whether it is good then")
    if faults is not None and not faults:
        yield PROFILE.good(f"{path}, {digest}")


def bundle(identity: str, faults: Sequence[str] | None) -> Iterator[Finding]:
    """`faults`: what its self-test found; None where there was none to test."""
    if faults is None:
        yield BUNDLE.unchecked("no profile that names one")
    for fault in faults or ():
        yield BUNDLE.fault(fault, "take another bundle, or fetch it again; one that this computer computes otherwise "
                           "needs the versions that it was made for")  # fmt: skip
    if faults is not None and not faults:
        yield BUNDLE.good(f"{identity}, its golden outputs as they should be")


def update(source: str | None, folder: str, told: Told | None, readable: bool) -> Iterator[Finding]:
    """`source` as the profile has it; `told`: where the update process says that it stands; `readable`: whether its
    folder may be read."""
    if source is None:
        yield UPDATE.unchecked("the profile has no [update] source: none are taken")
    elif not readable:
        yield UPDATE.unchecked(f"{folder} may not be read by this user", "sudo sorter doctor")
    elif told is None:
        yield UPDATE.attention(f"the update process has not said a word at {folder}", "see that it runs: "
                               "systemctl status sorter-update")  # fmt: skip
    else:
        yield _stands(told)


def _stands(told: Told) -> Finding:
    stands = ", ".join(_stand(told))
    if told.state == "failed" or (told.why and told.refused):
        return UPDATE.attention(stands, "see what the reason names; the machine sorts on with the bundle that it has")
    if told.why:
        return UPDATE.attention(stands, "see what the reason names; it is tried again by itself")
    return UPDATE.good(stands)


def _stand(told: Told) -> Iterator[str]:
    yield told.state
    yield f"{told.active or 'its own bundle'} runs"
    if told.offered and told.state not in WITHOUT_NETWORK:
        yield f"{told.offered} is on its way, {told.progress:.0%}"
    if told.waits:
        yield f"waits for its {'maintenance window' if told.waits == 'window' else 'profile'}"
    if told.refused:
        yield f"{told.refused} was refused"
    if told.why:
        yield f"{told.why}: {told.text}"
    yield f"last looked {told.checked_utc or 'never'}"


def versions(python: tuple[int, int], found: Mapping[str, str | None]) -> Iterator[Finding]:
    """`found`: each part that is of interest to its version; None where it is not installed."""
    told = ", ".join([f"Python {python[0]}.{python[1]}", *(f"{name} {v}" for name, v in found.items() if v)])
    if not (3, 11) <= python < (3, 14):
        yield VERSIONS.fault(told, "use a Python from 3.11 to 3.13")
    elif found.get("lgpio") == PLACEHOLDER:
        yield VERSIONS.fault(
            f"{told}: that lgpio is an empty placeholder",
            "sudo apt install python3-lgpio, and a virtual environment made with --system-site-packages",
        )
    else:
        yield VERSIONS.good(told)


def service(reading: Service | None) -> Iterator[Finding]:
    """None where no systemd has such a service."""
    if reading is None:
        yield SERVICE.unchecked("systemd knows no sorter.service")
        return
    told = f"{reading.state}, {'starts' if reading.enabled else 'does not start'} with the computer"
    if reading.state == "failed":
        yield SERVICE.fault(told, "see why: journalctl -u sorter -n 50; then systemctl restart sorter")
    elif reading.restarts:
        yield SERVICE.attention(
            f"{told}, was started again {reading.restarts} times", "see why: journalctl -u sorter -p warning"
        )
    elif not reading.enabled:
        yield SERVICE.attention(told, "sudo systemctl enable sorter")
    else:
        yield SERVICE.good(told)
