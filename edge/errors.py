"""The tree of errors, and in one table what the machine does about each.

A message says where, what was found, what is allowed and what to do, in one line.
"""


class SorterError(Exception):
    """Something that a person is told in one clear line. `exit_status` is what the command ends with."""

    exit_status = 1


class UsageFault(SorterError):
    """The question was wrong: a missing file, folder or bundle, an option that does not fit."""

    exit_status = 2


class ProfileFault(SorterError):
    """A profile is not good. `faults` holds every fault, one line each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class BundleFault(SorterError):
    """A bundle is there but is not whole, or this runtime cannot run it."""


class ReleaseFault(SorterError):
    """A bundle does not meet the release criteria, and nobody has waived them."""


class RunFault(SorterError):
    """A recorded run is there but cannot be replayed."""


class LedgerFault(SorterError):
    """A ledger is there and is not as it was written."""


class ImageFault(SorterError):
    """One image cannot be read. The rest goes on."""


class CameraFault(SorterError):
    """The camera does not deliver: no new fruit is seen, those already decided are still sorted."""

    exit_status = 3


class GateFault(SorterError):
    """The gate process is gone or silent: the main process ends, and both restart in the safe state."""

    exit_status = 3


class MachineFault(SorterError):
    """This computer cannot hold the profile: it does not start to sort. Where it was only busy, the next try may do."""

    exit_status = 3


class Superseded(SorterError):
    """Another bundle or profile was chosen: this run ends in the safe state, and the next one begins on it."""

    exit_status = 3


class BrokerFault(SorterError):
    """The broker cannot be reached or refuses. The line sorts on; messages wait in the outbox."""
