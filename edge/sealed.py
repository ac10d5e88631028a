"""Small records that say by themselves whether they are whole: one line of JSON, one of its sha256."""

import hashlib
import json
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict


class Sealed(BaseModel):
    """What is kept so."""

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
    except ValueError:
        return None


def read_sealed(path: Path, shape: type[S]) -> S | None:
    """A record's file; None where there is none, where it cannot be read, or where it is not whole."""
    try:
        return unseal(path.read_bytes(), shape)
    except OSError:
        return None
