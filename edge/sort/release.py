"""The safe state from outside: `python -m edge.sort.release PROFILE`, which systemd runs after the service has ended,
however it ended.

A kernel may leave a line at the level that its dead owner gave it. Which lines those are, the gate process has left
word of in the service's folder on the tmpfs; where it has not, the profile tells. No NumPy and no pydantic, so that
nothing heavy stands between a fault and the gates.
"""

import os
import sys
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from gpiozero import Factory

from edge.durable import write_whole
from edge.errors import GateFault
from edge.sort.feed_pins import FeedPins
from edge.sort.gpio import GpiozeroPins
from edge.sort.wire import FeedLine, GateLine, GateSettings, from_line, to_line
from edge.systemd import runtime_folder

_WORD = "lines"


def leave_word(settings: GateSettings, folder: Path | None) -> None:
    """Which lines this process is about to claim, for whoever has to release them after it. Never raises."""
    if folder is not None:
        with suppress(OSError):
            write_whole(folder / _WORD, to_line(settings))


def lines_of(profile: Path, folder: Path | None) -> tuple[list[GateLine], list[FeedLine]]:
    """What was claimed last, with the lamp's and the relay's lines among the gates: low is safe for them too. Else the
    gates of a profile, whatever other faults it has."""
    if folder is not None:
        with suppress(OSError, ValueError):
            word = from_line((folder / _WORD).read_bytes())
            if isinstance(word, GateSettings):
                others = [GateLine(line.what, line.pin, True, 0) for line in word.on]
                others += [] if word.alive is None else [GateLine("alive", word.alive, True, 0)]
                return [*word.gates, *others], list(word.feed)
    try:
        told = tomllib.loads(profile.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        told = {}
    gates = told.get("gates")
    found = (_gate(name, keys) for name, keys in (gates if isinstance(gates, dict) else {}).items())
    return [gate for gate in found if gate is not None], []


def release(
    gates: list[GateLine], feed: list[FeedLine], factory: Factory | None = None
) -> tuple[list[object], list[str]]:
    """Drive every line that can be had to its level of the safe state. Returns what holds them there, for as long as it
    is kept, and what could not be had, a line each."""
    held: list[object] = []
    faults: list[str] = []
    # One by one: a line that cannot be had must not keep the next from being released.
    for gate in gates:
        try:
            pins = GpiozeroPins([gate], factory=factory)
            pins.release_all()
            held.append(pins)
        except GateFault as fault:
            faults.append(str(fault))
    for line in feed:
        try:
            held.append(FeedPins([line], factory))
        except GateFault as fault:
            faults.append(str(fault))
    return held, faults


def main(profile: Path) -> NoReturn:
    """Ends the process with status 0, or with 3 where a line could not be had, each told on standard error. It ends
    without gpiozero's farewell, which would turn each line into an input without a pull."""
    gates, feed = lines_of(profile, runtime_folder(os.environ))
    held, faults = release(gates, feed)
    for fault in faults:
        sys.stderr.write(f"sorter: {fault}\n")
    sys.stderr.flush()
    os._exit(GateFault.exit_status if len(held) < len(gates) + len(feed) else 0)


def _gate(name: str, keys: object) -> GateLine | None:
    pin = keys.get("pin") if isinstance(keys, dict) else None
    if not isinstance(keys, dict) or not isinstance(pin, int) or isinstance(pin, bool):
        return None
    return GateLine(name, pin, keys.get("active_high", True) is not False, 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
