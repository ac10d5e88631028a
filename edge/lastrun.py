"""Whether the run before this one came to its end: a run that is killed, or loses its power, cannot say so itself."""

import contextlib
from collections.abc import Mapping
from pathlib import Path

from edge.durable import write_whole
from edge.log import Log
from edge.systemd import state_folder

_MARK = "running"
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_log = Log("start")


class LastRun:
    """A file that is there while a run goes on. `ended` is how the run before this one ended, if it did not say it
    itself. Without a folder nothing is known."""

    def __init__(self, folder: Path | None, boot: str) -> None:
        """`boot` names the computer's present boot. Never raises."""
        self.ended: str | None = None
        self._mark = folder / _MARK if folder else None
        if self._mark is None:
            return
        try:
            before = self._mark.read_bytes()
            self.ended = "was killed" if before == boot.encode() else "lost its power"
        except FileNotFoundError:
            pass
        except OSError as error:
            _log.warning("cannot tell how the last run ended", file=self._mark, why=error)
        try:
            write_whole(self._mark, boot.encode())
        except OSError as error:
            _log.warning("the next run will not know how this one ended", file=self._mark, why=error)

    def give_up(self) -> None:
        """This run did not come to begin: of the one before it is known what was known. Never raises."""
        if self.ended is None:
            self.close()

    def close(self) -> None:
        """This run ends, and has said why. Never raises."""
        if self._mark:
            with contextlib.suppress(OSError):
                self._mark.unlink(missing_ok=True)


def last_run(environ: Mapping[str, str]) -> LastRun:
    """By the service's own folder."""
    try:
        boot = _BOOT.read_text(encoding="ascii").strip()
    except OSError:
        boot = ""
    return LastRun(state_folder(environ), boot)
