"""The desk's update process: which releases it follows, who starts it anew, and what it says of itself."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from edge.errors import UsageFault
from edge.updates import Told, read_told
from sim.rendezvous import LOG, DeviceSettings
from sim.supervisor import Process, Supervisor, Unit

FOLDER = "update"
SHORT = {"check_minutes": 0.1, "shadow_fruit": 100, "shadow_share": 1.0, "probation_minutes": 0.5}
"""In place of the profile's: on a desk one waits for seconds."""

_UNIT = Unit(watchdog_ms=10**9, timeout_start_ms=10**9, restart_ms=1_000)
"""It tells nobody that it is ready, and nobody waits for it."""

_MOST_ROOT = 65_536
_WAIT_S = 10.0
_LOOK_NS = 200_000_000


def section(updates: str, folder: Path) -> dict[str, Any]:
    """The keys of [update] for a desk that follows releases: a folder, or an http:// or https:// address of one. Whom
    to believe is what lies there as its first root: a desk trusts whatever it is shown. Raises UsageFault."""
    if updates.startswith(("http://", "https://")):
        source, raw = updates.rstrip("/"), _fetched(f"{updates.rstrip('/')}/metadata/1.root.json")
    else:
        path = Path(updates).expanduser().absolute()
        source, root = path.as_uri(), path / "metadata" / "1.root.json"
        if not root.is_file():
            raise UsageFault(f"--updates {updates}: no releases here; sorter release init {updates} begins them")
        raw = root.read_bytes()
    (folder / "root.json").write_bytes(raw)
    return SHORT | {"source": source, "root": str(folder / "root.json"), "folder": str(folder / FOLDER)}


def _fetched(url: str) -> bytes:
    try:
        with urlopen(url, timeout=_WAIT_S) as answer:
            raw: bytes = answer.read(_MOST_ROOT)
            return raw
    except (URLError, OSError, ValueError) as error:
        raise UsageFault(f"--updates: {url}: {error}") from None


class Updating:
    """The process under its supervisor. Belongs to the world's thread. `say` hears each state in one line."""

    def __init__(self, settings: DeviceSettings, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._folder = Path(settings.folder)
        self._say = say
        self._told = Told()
        self._look_ns = 0
        self._supervisor = Supervisor(_UNIT, self._spawn, lambda _: say("the update process ended; it starts again"))

    def step(self, now_ns: int) -> None:
        """Look after it."""
        self._supervisor.step(now_ns)
        if now_ns < self._look_ns:
            return
        self._look_ns = now_ns + _LOOK_NS
        told = read_told(self._folder / FOLDER) or Told()
        if told.state != self._told.state and told.state not in ("idle", "check"):
            self._say(f"update: {told.state} {told.offered}")
        if told.why and (told.why, told.text) != (self._told.why, self._told.text):
            self._say(f"update: {told.why}: {told.text}")
        if told.active != self._told.active:
            self._say(f"update: {told.active or 'the own bundle'} is active")
        self._told = told

    def close(self) -> None:
        """It may be killed at any time."""
        self._supervisor.close()

    def _spawn(self) -> Process:
        argv = ["nice", "-n", "19", sys.executable, "-m", "sim.updater", self._settings.line()]
        with (self._folder / LOG).open("ab") as log:
            return Process(argv, os.environ, self._folder / "notify-updates", _UNIT.watchdog_ms, log.fileno())
