"""Which settings a start of the machine goes by: those that came over the air, where there are any that will do."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edge.config import Profile
from edge.errors import SorterError
from edge.log import Log
from edge.machine import Machine, build
from edge.preflight import preflight
from edge.sent import Choice, choose, note_good_end, note_run

_LOG = Log("profile")
OWN = Choice("", None)


@dataclass(frozen=True, slots=True)
class Settled:
    """A machine, and the profile that it was made by."""

    machine: Machine
    choice: Choice

    def begin(self) -> None:
        """Tell the update process."""
        if self.machine.profile.update.source is not None:
            note_run(self.machine.profile.update.folder, self.choice, self.machine.run_id)

    def end_well(self) -> None:
        """A run that ended as it was told to counts nothing against its bundle and its profile."""
        if self.machine.handover:
            self.machine.handover.end_well()
        if self.machine.profile.update.source is not None:
            note_good_end(self.machine.profile.update.folder)


def settle(path: Path, own: Profile, make: Callable[[Profile, Path], Machine] = build) -> Settled:
    """The machine of this start. `path`, `own`: the machine's own profile, checked. A profile that was sent and cannot
    be run is passed over for it. Raises what `make` raises."""
    choice = choose(own.update.folder) if own.update.source is not None else OWN
    if choice.text:
        _LOG.warning("another profile runs", profile=choice.digest or path, why=choice.text)
    if choice.path is not None:
        try:
            sent, _ = preflight(choice.path, path.parent)
            return Settled(make(sent, path.parent), choice)
        except SorterError as fault:
            _LOG.warning("the profile that was sent cannot be run", profile=choice.digest, why=fault)
            choice = Choice("", None, str(fault))
    return Settled(make(own, path.parent), choice)
