"""Signing keys as files: one ed25519 key a file, PEM, readable by its owner alone.

Four kinds, in three folders, so that each folder can live where it is needed: `offline/` (root, bundles) on a stick in
a safe, `rollout/` (channels) with whoever leads a rollout, `online/` with the job that renews the timestamp.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from securesystemslib.signer import CryptoSigner, Key, Signer

from edge.durable import write_whole
from edge.errors import UsageFault

FOLDERS = {"root": "offline", "bundles": "offline", "channels": "rollout", "online": "online"}
"""A key's kind to the folder where it is made."""


class Keyring:
    """The private keys found below some folders, by what their names tell: `kind-KEYID.pem`."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders
        self._made: dict[str, Signer] = {}

    def make(self, kind: str) -> Key:
        """A new key, kept in the first folder. Returns its public half."""
        if not self._folders:
            raise UsageFault("where shall the new key be kept? give --keys DIR")
        made = CryptoSigner.generate_ed25519()
        public = made.public_key
        write_whole(self._folders[0] / FOLDERS[kind] / _file(kind, public.keyid), made.private_bytes, 0o600)
        self._made[public.keyid] = made
        return public

    def find(self, kind: str, public: Key) -> Signer | None:
        """The private half of a key; None where no folder has it. Raises UsageFault for a file that is no key."""
        if public.keyid in self._made:
            return self._made[public.keyid]
        name = _file(kind, public.keyid)
        path = next((path for folder in self._folders for path in folder.rglob(name)), None)
        if path is None:
            return None
        try:
            return Signer.from_priv_key_uri(f"file2:{path.resolve()}", public)
        except (OSError, ValueError) as error:
            raise UsageFault(f"{path}: is not the key that its name tells: {error}") from None

    def signers(self, kind: str, keys: Iterable[Key]) -> list[Signer]:
        """Of those keys of a kind, the ones at hand."""
        return [signer for key in keys if (signer := self.find(kind, key))]

    def where(self) -> str:
        return ", ".join(map(str, self._folders)) or "no folder (give --keys DIR)"


def _file(kind: str, keyid: str) -> str:
    return f"{kind}-{keyid[:16]}.pem"
