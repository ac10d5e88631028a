"""A TUF repository in memory, which signs whatever it is told to: by whom, for how long, in whatever version."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from securesystemslib.signer import CryptoSigner
from tuf.api.exceptions import DownloadHTTPError
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp

URL = "http://memory"
ROLES = ("root", "timestamp", "snapshot", "targets")
PATH = "fruit/model.bin"


class Memory:
    """`said` holds each role's content; `serve` signs it and puts it out. `fetched` counts what was asked for."""

    def __init__(self) -> None:
        self.soon = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)
        self.signers: dict[str, list[CryptoSigner]] = {role: [CryptoSigner.generate_ed25519()] for role in ROLES}
        self.said: dict[str, Any] = {
            "root": Root(expires=self.soon),
            "timestamp": Timestamp(expires=self.soon),
            "snapshot": Snapshot(expires=self.soon),
            "targets": Targets(expires=self.soon),
        }
        for role in ROLES:
            self.said["root"].add_key(self.signers[role][0].public_key, role)
        self.files: dict[str, bytes] = {}
        self.fetched: list[str] = []
        self.target(b"weights")
        self.serve(*ROLES)
        self.first_root = self.files["1.root.json"]

    def target(self, content: bytes) -> None:
        target = TargetFile.from_data(PATH, content, ["sha256"])
        self.said["targets"].targets = {PATH: target}
        self.files[f"fruit/{target.hashes['sha256']}.model.bin"] = content

    def bump(self, *roles: str) -> None:
        """The next version of these, of what names them, and out with all of it."""
        for role in roles:
            self.said[role].version += 1
        if "targets" in roles:
            self.said["snapshot"].meta["targets.json"].version = self.said["targets"].version
        if "snapshot" in roles:
            self.said["timestamp"].snapshot_meta = MetaFile(self.said["snapshot"].version)
        self.serve(*roles)

    def serve(self, *roles: str) -> None:
        for role in roles:
            metadata = Metadata(self.said[role])
            for signer in self.signers[role]:
                metadata.sign(signer, append=True)
            version = "" if role == "timestamp" else f"{self.said[role].version}."
            self.files[f"{version}{role}.json"] = metadata.to_bytes()

    def rotate(self, role: str) -> None:
        """Another key for a role, by the next root, which the former root keys sign too."""
        old, new = self.signers[role], CryptoSigner.generate_ed25519()
        for signer in old:
            self.said["root"].revoke_key(signer.public_key.keyid, role)
        self.said["root"].add_key(new.public_key, role)
        self.signers[role] = [*old, new] if role == "root" else [new]
        self.bump("root")
        self.signers[role] = [new]

    def open(self, url: str, offset: int) -> Iterator[bytes]:
        """Answers `fetch.Opener`."""
        name = url.removeprefix(f"{URL}/")
        self.fetched.append(name)
        if name not in self.files:
            raise DownloadHTTPError(f"{name}: no such file", 404)
        yield self.files[name][offset:]
