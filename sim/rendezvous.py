"""Where the world and the simulated device meet: the names in their private folder, and the device's line of settings.
Either side imports it before anything heavy."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

RECORDS = "records"
PINS = "pins"
NOTIFY = "notify"
LOG = "log"


@dataclass(frozen=True, slots=True)
class DeviceSettings:
    """What the world tells the device of its surroundings: the folder that holds their sockets and the ring, the
    profile's file, what stands in for the profile's bundle and broker (None: as the profile has it), the folder in
    which to record (None: as the profile has it), the scenario's settings in place of the profile's, the keys of
    [update] where the desk follows releases, and the folder of its history (None: it keeps none)."""

    folder: str
    profile: str
    bundle: str | None = None
    broker: str | None = None
    record: str | None = None
    machine: dict[str, Any] = field(default_factory=dict)
    update: dict[str, Any] | None = None
    history: str | None = None

    def line(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def of_line(cls, line: str) -> DeviceSettings:
        return cls(**json.loads(line))
