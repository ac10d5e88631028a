"""What a machine signs of its ledger: the hash of all that it had said by then, and with which block that begins."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from edge.durable import PUBLIC, SECRET, write_whole
from edge.ledger.ed25519 import is_signed, public_key, sign
from edge.sealed import Sealed, read_sealed, seal

KEY, PUBLIC_KEY, HEAD = "ledger.key", "ledger.pub", "head.json"
_PURPOSE = b"sorter ledger checkpoint 1\n"


class Head(Sealed):
    """The last checkpoint, beside the chain: what was cut off its end is missed. `closed`: the run that wrote it has
    ended, so nothing came behind it."""

    number: int
    hash: str
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """`before` is the hash of the block before this one, `first` the number of the next entry; the blocks from `begins`
    on are to be there: older ones had to make room. `key` is the public half of who signs."""

    number: int
    first: int
    utc_ms: int
    at_ns: int
    run_id: str
    before: str
    begins: int
    key: str

    def signed(self, secret: bytes) -> bytes:
        """As a block holds it."""
        said = asdict(self) | {"signature": sign(secret, self._message()).hex()}
        return json.dumps(said, separators=(",", ":")).encode()

    def _message(self) -> bytes:
        return _PURPOSE + json.dumps(asdict(self), separators=(",", ":"), sort_keys=True).encode()

    def is_signed(self, signature: bytes) -> bool:
        return is_signed(bytes.fromhex(self.key), self._message(), signature)


def checkpoint_of(line: bytes) -> tuple[Checkpoint, bytes]:
    """What a block holds, and its signature, which may be anybody's. Raises ValueError where it is none."""
    try:
        said = json.loads(line)
        signature = bytes.fromhex(said.pop("signature"))
        found = Checkpoint(**said)
        bytes.fromhex(found.key)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise ValueError(f"not a checkpoint: {error}") from None
    return found, signature


def machine_key(folder: Path) -> bytes:
    """The secret of this machine, made where there is none yet. Raises OSError."""
    path = folder / KEY
    with suppress(FileNotFoundError):
        secret = path.read_bytes()
        if len(secret) == 32:
            return secret
        path.replace(path.with_suffix(".spoilt"))
    secret = os.urandom(32)
    write_whole(path, secret, SECRET)
    write_whole(folder / PUBLIC_KEY, f"{public_key(secret).hex()}\n", PUBLIC)
    return secret


def read_head(ledger: Path) -> Head | None:
    """None where there is none, or it is not whole. Never raises."""
    return read_sealed(ledger / HEAD, Head)


def write_head(ledger: Path, head: Head) -> None:
    """Raises OSError."""
    write_whole(ledger / HEAD, seal(head))
