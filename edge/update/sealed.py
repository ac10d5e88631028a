"""Small records on disk that say by themselves whether they are whole."""

import hashlib
import json
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from edge.update.disk import Disk


class Sealed(BaseModel):
    """What is kept so. A file is one line of JSON and its sha256."""

    model_config = ConfigDict(extra="ignore", frozen=True)


S = TypeVar("S", bound=Sealed)


def seal(record: Sealed) -> bytes:
    text = record.model_dump_json()
    return f"{text}\n{hashlib.sha256(text.encode()).hexdigest()}\n".encode()


def unseal(raw: bytes | None, shape: type[S]) -> S | None:
    """None where there is nothing, or where it is not what was sealed."""
    if raw is None:
        return None
    try:
        text, digest = raw.decode().splitlines()
        if hashlib.sha256(text.encode()).hexdigest() != digest:
            return None
        return shape.model_validate(json.loads(text))
    except (ValueError, ValidationError):
        return None


def keep(disk: Disk, path: Path, record: Sealed) -> None:
    disk.replace(path, seal(record))


def find(disk: Disk, path: Path, shape: type[S]) -> S | None:
    return unseal(disk.read(path), shape)
