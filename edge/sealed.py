"""Small records that say by themselves whether they are whole: one line of JSON, one of its sha256."""

import hashlib
import json
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
