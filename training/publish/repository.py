"""A repository of signed releases in a plain folder: `metadata/` and `targets/`, for any web server, stick or share.

The roles are TUF's (theupdateframework.github.io/specification): root and targets by the root keys, of which either
will do, so that one may be lost; bundles with profiles, and channels, delegated to a key each; snapshot and timestamp
by the online key. What is written becomes visible with the timestamp, which comes last.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from securesystemslib.signer import Key
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from edge.durable import write_whole
from edge.errors import UsageFault
from training.publish.keys import Keyring

ROOT_KEYS = 2

LIFE = {
    "root": timedelta(days=730),
    "targets": timedelta(days=365),
    "bundles": timedelta(days=365),
    "channels": timedelta(days=90),
    "snapshot": timedelta(days=30),
    "timestamp": timedelta(days=7),
}
"""How long what a role signs is good. A device that sees nothing newer for so long takes no update; it sorts on."""

KIND = {
    "root": "root",
    "targets": "root",
    "bundles": "bundles",
    "channels": "channels",
    "snapshot": "online",
    "timestamp": "online",
}
"""The kind of key that signs for a role."""

PATHS = {"bundles": ["bundles/*/*/*", "profiles/*/*/*"], "channels": ["channels/*"]}
"""What a delegated role may sign."""


def utc_now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


class Repository:
    """One folder. Changes gather in memory until `commit`. Raises UsageFault for a folder that is none, or for a key
    that is wanted and not at hand."""

    def __init__(self, folder: Path, keys: Keyring, utc: Callable[[], datetime] = utc_now) -> None:
        self.folder = folder
        self._keys = keys
        self.utc = utc
        if not (folder / "metadata" / "timestamp.json").is_file():
            raise UsageFault(f"{folder}: no releases here; sorter release init {folder} --keys DIR makes a folder")
        self._changed: dict[str, Metadata[Any]] = {}
        self._new_targets: dict[str, bytes] = {}
        self.root: Metadata[Root] = self._read("root", max(map(_number, self._metadata.glob("*.root.json"))))
        self.timestamp: Metadata[Timestamp] = Metadata.from_file(str(self._metadata / "timestamp.json"))
        self.snapshot: Metadata[Snapshot] = self._read("snapshot", self.timestamp.signed.snapshot_meta.version)
        meta = self.snapshot.signed.meta
        self.targets: Metadata[Targets] = self._read("targets", meta["targets.json"].version)
        self.delegated: dict[str, Metadata[Targets]] = {
            role: self._read(role, meta[f"{role}.json"].version) for role in PATHS
        }

    @classmethod
    def create(cls, folder: Path, keys: Keyring, utc: Callable[[], datetime] = utc_now) -> "Repository":
        """A new folder with new keys and no release in it. Raises UsageFault where there is something already."""
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageFault(f"{folder}: holds something; give a new or an empty folder")
        root_keys = [keys.make("root") for _ in range(ROOT_KEYS)]
        online = keys.make("online")
        root = Root(expires=utc())
        for key, signing in (*((key, ("root", "targets")) for key in root_keys), (online, ("snapshot", "timestamp"))):
            for one in signing:
                root.add_key(key, one)
        made = {kind: keys.make(kind) for kind in PATHS}
        roles = {n: DelegatedRole(n, [made[n].keyid], 1, True, patterns) for n, patterns in PATHS.items()}
        targets = Targets(delegations=Delegations({key.keyid: key for key in made.values()}, roles))
        first = cls.__new__(cls)
        first.folder, first._keys, first.utc = folder, keys, utc
        first._changed, first._new_targets = {}, {}
        first.root, first.targets = Metadata(root), Metadata(targets)
        first.delegated = {role: Metadata(Targets()) for role in PATHS}
        first.snapshot, first.timestamp = Metadata(Snapshot()), Metadata(Timestamp())
        made_all: tuple[Metadata[Any], ...] = (
            first.root,
            first.targets,
            *first.delegated.values(),
            first.snapshot,
            first.timestamp,
        )
        for metadata in made_all:
            metadata.signed.version = 0  # the first commit makes it 1
        first.touch("root", "targets", *PATHS, "snapshot", "timestamp")
        first.commit()
        return first

    def add(self, role: str, contents: Mapping[str, bytes]) -> None:
        """Targets of a delegated role: path to content. One that is there already is replaced."""
        for path, content in contents.items():
            self.delegated[role].signed.targets[path] = TargetFile.from_data(path, content, ["sha256"])
            self._new_targets[path] = content
        self.touch(role)

    def read_target(self, role: str, path: str) -> bytes | None:
        """What a role's target holds now; None where there is none."""
        if path in self._new_targets:
            return self._new_targets[path]
        target = self.delegated[role].signed.targets.get(path)
        return self._target_file(target).read_bytes() if target else None

    def touch(self, *roles: str) -> None:
        """Sign these anew at the next commit, and what follows from them."""
        for role in roles:
            self._changed[role] = self._held(role)

    def due(self, role: str) -> bool:
        """Whether half of a role's life is over."""
        return self.expires(role) - self.utc() < LIFE[role] / 2

    def expires(self, role: str) -> datetime:
        expires: datetime = self._held(role).signed.expires
        return expires

    def keys_of(self, role: str) -> list[Key]:
        """The public keys that may sign for a role."""
        if role in PATHS:
            delegations = self.targets.signed.delegations
            if delegations is None or delegations.roles is None:
                return []
            return [delegations.keys[keyid] for keyid in delegations.roles[role].keyids]
        return [self.root.signed.keys[keyid] for keyid in self.root.signed.roles[role].keyids]

    def commit(self, also: Mapping[str, list[Key]] | None = None) -> list[str]:
        """Sign what has changed, write it, and make it visible; returns the roles. `also`: keys that sign for a role
        beside its own, as a root's former ones must."""
        changed = self._changed
        if changed.keys() - {"root", "timestamp"}:
            self.touch("snapshot")
        if changed.keys() - {"root"}:
            self.touch("timestamp")
        order = [role for role in ("root", *PATHS, "targets", "snapshot", "timestamp") if role in changed]
        for role in order:  # all signed before anything is written: a key may be missing
            self._sign(role, (also or {}).get(role, []))
        for path, content in self._new_targets.items():
            role = next(r for r in PATHS if path in self.delegated[r].signed.targets)
            write_whole(self._target_file(self.delegated[role].signed.targets[path]), content)
        for role in order:
            name = "timestamp.json" if role == "timestamp" else f"{changed[role].signed.version}.{role}.json"
            write_whole(self._metadata / name, changed[role].to_bytes())
        self._changed, self._new_targets = {}, {}
        return order

    def _sign(self, role: str, also: list[Key]) -> None:
        metadata = self._changed[role]
        signed = metadata.signed
        signed.version += 1
        signed.expires = self.utc() + LIFE[role]
        if role == "snapshot":
            names = ("targets", *PATHS)
            self.snapshot.signed.meta = {f"{n}.json": MetaFile(self._held(n).signed.version) for n in names}
        if role == "timestamp":
            self.timestamp.signed.snapshot_meta = MetaFile(self.snapshot.signed.version)
        kind = KIND[role]
        own = self._keys.signers(kind, self.keys_of(role))
        if not own:
            raise UsageFault(f"{role}: no {kind} key in {self._keys.where()}; bring the folder that holds it")
        metadata.signatures.clear()
        for signer in (*own, *self._keys.signers(kind, also)):
            metadata.sign(signer, append=True)

    def _held(self, role: str) -> Metadata[Any]:
        held: Mapping[str, Metadata[Any]] = {
            "root": self.root,
            "targets": self.targets,
            "snapshot": self.snapshot,
            "timestamp": self.timestamp,
            **self.delegated,
        }
        return held[role]

    @property
    def _metadata(self) -> Path:
        return self.folder / "metadata"

    def _target_file(self, target: TargetFile) -> Path:
        head, _, name = target.path.rpartition("/")
        return self.folder / "targets" / head / f"{target.hashes['sha256']}.{name}"

    def _read(self, role: str, version: int) -> Metadata[Any]:
        path = self._metadata / f"{version}.{role}.json"
        try:
            return Metadata.from_file(str(path))
        except Exception as error:
            raise UsageFault(f"{path}: cannot be read as signed metadata: {error}; restore the folder") from None


def _number(path: Path) -> int:
    return int(path.name.partition(".")[0])
