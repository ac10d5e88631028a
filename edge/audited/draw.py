"""Which fruit go to inspection: one in so many, at random, whatever is said of them. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

_WHOLE = 1 << 64


@dataclass(frozen=True, slots=True)
class Sampling:
    """The chance of each fruit from now on, and the run's own key of the draw, 32 hexadecimal digits."""

    share: float
    key: str


@dataclass(frozen=True, slots=True)
class Sampled:
    """A fruit was drawn, and by which chance; `outlet` and `reason` are what it would have got without that."""

    chance: float
    outlet: str
    reason: str


def drawn(sampling: Sampling, track_id: str) -> bool:
    """Whether a fruit is drawn. One that is drawn at a share is so at every higher one; without the key nobody can tell
    beforehand, and nothing that the fruit looks like has a part in it."""
    word = hashlib.blake2b(track_id.encode(), key=bytes.fromhex(sampling.key), digest_size=8).digest()
    return int.from_bytes(word) < sampling.share * _WHOLE


def key_of_run(secret: bytes, run_id: str) -> str:
    """A run's own key: a recording that holds it gives no other run's draw away."""
    return hashlib.blake2b(run_id.encode(), key=secret[:64], digest_size=16).hexdigest()
