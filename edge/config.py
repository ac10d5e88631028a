"""A machine's settings: one TOML file, the profile. Every fault is found at once, each in one line.

Units are in the keys' names; unknown keys are faults. `firmware_config/profiles/demo.toml` documents every key.
"""

import functools
import hashlib
import tomllib
from pathlib import Path
from typing import Any, Self

from pydantic import PrivateAttr, ValidationError, model_validator

from edge.crosscheck import cross_faults
from edge.datapath import BELT_END
from edge.errors import ProfileFault, UsageFault
from edge.keeping import History, Recorder
from edge.keyfaults import good_part, key_faults
from edge.roles import heeded
from edge.sections import (
    Belt,
    Camera,
    Encoder,
    Gate,
    Grade,
    Lane,
    Money,
    Safety,
    Settings,
    Sort,
    Telemetry,
    Update,
    Watch,
)

__all__ = [
    "Belt",
    "Camera",
    "Encoder",
    "Gate",
    "Grade",
    "History",
    "Lane",
    "Money",
    "Profile",
    "Recorder",
    "Safety",
    "Sort",
    "Telemetry",
    "Update",
    "Watch",
]


class Profile(Settings):
    """One machine. `digest` names exactly these settings in every verdict."""

    _file: Path | None = PrivateAttr(default=None)

    @model_validator(mode="after")
    def _cross_check(self) -> Self:
        if faults := list(cross_faults(self)):
            raise ValueError("\n".join(faults))
        return self

    def __eq__(self, other: object) -> bool:
        """By its settings, wherever they were read from."""
        return isinstance(other, Profile) and self.__dict__ == other.__dict__

    __hash__ = None  # type: ignore[assignment]  # it holds dicts

    @property
    def file(self) -> Path | None:
        """Where it was read from; None where it was not."""
        return self._file

    @property
    def speed_um_s(self) -> int:
        return round(self.belt.speed_mm_s * 1000)

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]

    @property
    def allowed(self) -> dict[str, tuple[str, ...]]:
        """User to the names of the commands that this machine heeds of him."""
        return {user: heeded(names) for user, names in self.commands.items()}

    def outlet_of(self, label: str) -> str:
        return self.route.get(label, BELT_END)

    def gate_for(self, lane: int, outlet: str) -> str | None:
        """The name of the gate that serves an outlet from a lane; None for the belt's end."""
        for name, gate in self.gates.items():
            if gate.lane == lane and gate.outlet == outlet:
                return name
        return None

    def lane_of(self, y_mm: float) -> int | None:
        for n, lane in enumerate(self.lanes):
            if lane.from_mm <= y_mm < lane.to_mm:
                return n
        return None


def load_profile(path: Path) -> Profile:
    """Read and check a profile. Raises UsageFault where there is no file, ProfileFault with every fault otherwise."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise UsageFault(f"{path}: no such file; give a profile such as demo.toml") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ProfileFault([f"{path}: cannot be read as text: {error}"]) from None
    except tomllib.TOMLDecodeError as error:
        raise ProfileFault([f"{path}: not TOML: {error}"]) from None
    profile = profile_of(data, str(path))
    profile._file = path.absolute()
    return profile


def profile_of(data: dict[str, Any], where: str) -> Profile:
    """Check settings that were read from TOML. Raises ProfileFault with every fault; `where` begins each line."""
    try:
        return Profile.model_validate(data)
    except ValidationError as error:
        lines = [*key_faults(error, schema()), *cross_faults(good_part(data, error))]
        raise ProfileFault([f"{where}: {_printable(line)}" for line in lines]) from None


@functools.cache
def schema() -> dict[str, Any]:
    """The profile's JSON Schema, by which an editor completes it."""
    return Profile.model_json_schema()


def _printable(line: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in line)
