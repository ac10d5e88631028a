"""Grade standards: what a lot may hold at most of what; `firmware_config/standards/us-no-1.toml` documents the file."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

import firmware_config
from edge.datapath import UNKNOWN
from edge.errors import UsageFault

FOLDER = Path(next(iter(firmware_config.__path__))) / "standards"

Counted = Literal[
    "damaged", "unknown", "green", "turning", "red", "elsewhere", "damage", "serious", "very-serious", "soft", "decay"
]
DEFECTS = frozenset({"damage", "serious", "very-serious", "soft", "decay"})
DAMAGED = "damaged"


class Limit(BaseModel):
    """At most so large a share of the lot may be of what `counts`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    says: str
    at_most: Annotated[float, Field(ge=0, lt=1)]
    counts: Annotated[frozenset[Counted], Field(min_length=1)]

    def holds(self, label: str, defect: str | None, is_elsewhere: bool) -> tuple[bool, bool]:
        """Whether a fruit counts: at the least, and at the worst that it can be."""
        if label in self.counts or defect in self.counts:
            return True, True
        if is_elsewhere and "elsewhere" in self.counts and label not in (DAMAGED, UNKNOWN):
            return True, True
        return False, label == DAMAGED and defect is None and bool(self.counts & DEFECTS)


class Standard(BaseModel):
    """A grade's limits by name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1]
    says: str
    limits: Annotated[dict[str, Limit], Field(min_length=1)]


def standard(asked: str) -> Standard:
    """By the name of one that ships, or from a file. Raises UsageFault naming every fault."""
    shipped = FOLDER / f"{asked}.toml"
    path = shipped if shipped.is_file() else Path(asked)
    try:
        return Standard.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        known = ", ".join(sorted(file.stem for file in FOLDER.glob("*.toml")))
        raise UsageFault(f"--standard {asked}: {error.strerror}; give {known}, or a file like theirs") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageFault(f"{path}: not TOML: {error}") from None
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors(include_url=False)]
        raise UsageFault("\n".join(f"{path}: {fault}" for fault in faults)) from None
