"""The attacks of TUF's conformance suite, by its own three commands, against a repository in memory."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import MetaFile

from edge.update.conformance import main
from tests.edge.update.memory import PATH, URL, Memory


class Client:
    def __init__(self, folder: Path, memory: Memory) -> None:
        self.folder, self.memory = folder, memory
        (folder / "first.json").write_bytes(memory.first_root)

    def init(self) -> int:
        return self("init", str(self.folder / "first.json"))

    def refresh(self) -> int:
        return self("refresh")

    def download(self) -> int:
        more = ["--target-name", PATH, "--target-base-url", URL, "--target-dir", str(self.folder / "targets")]
        return self(*more, "download")

    def __call__(self, *words: str) -> int:
        places = ["--metadata-dir", str(self.folder / "metadata"), "--metadata-url", URL]
        return main([*places, *words], self.memory.open)

    def trusted(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (self.folder / "metadata").glob("*.json")}

    def targets(self) -> list[bytes]:
        return [path.read_bytes() for path in (self.folder / "targets").rglob("*") if path.is_file()]


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def client(tmp_path: Path, memory: Memory) -> Client:
    made = Client(tmp_path, memory)
    assert made.init() == 0
    return made


def stranger(role: str) -> Callable[[Memory], None]:
    def attack(memory: Memory) -> None:
        memory.signers[role] = [CryptoSigner.generate_ed25519()]
        memory.bump(
            *{"targets": ("targets", "snapshot", "timestamp"), "snapshot": ("snapshot", "timestamp")}.get(role, (role,))
        )

    return attack


def unsigned(role: str) -> Callable[[Memory], None]:
    def attack(memory: Memory) -> None:
        memory.signers[role] = []
        memory.bump(role)

    return attack


def expired(role: str) -> Callable[[Memory], None]:
    def attack(memory: Memory) -> None:
        memory.said[role].expires = memory.soon - timedelta(days=60)
        memory.bump(*dict.fromkeys((role, "targets", "snapshot", "timestamp")))

    return attack


def timestamp_rolled_back(memory: Memory) -> None:
    memory.said["timestamp"].version -= 1
    memory.serve("timestamp")


def snapshot_rolled_back_in_timestamp(memory: Memory) -> None:
    memory.said["timestamp"].snapshot_meta = MetaFile(1)
    memory.bump("timestamp")


def targets_rolled_back_in_snapshot(memory: Memory) -> None:
    memory.said["snapshot"].meta["targets.json"] = MetaFile(1)
    memory.bump("snapshot", "timestamp")


def targets_gone_from_snapshot(memory: Memory) -> None:
    memory.said["snapshot"].meta = {"other.json": MetaFile(1)}
    memory.bump("snapshot", "timestamp")


def mixed_snapshot(memory: Memory) -> None:
    memory.bump("snapshot", "timestamp")
    memory.files[f"{memory.said['snapshot'].version}.snapshot.json"] = memory.files["1.snapshot.json"]


def mixed_targets(memory: Memory) -> None:
    memory.bump("targets", "snapshot", "timestamp")
    memory.files[f"{memory.said['targets'].version}.targets.json"] = memory.files["1.targets.json"]


def skipped_root(memory: Memory) -> None:
    memory.said["root"].version += 2
    memory.serve("root")
    memory.files["2.root.json"] = memory.files.pop("3.root.json")


def root_without_the_former_key(memory: Memory) -> None:
    former = memory.signers["root"]
    memory.rotate("root")
    memory.files["2.root.json"] = re.sub(former[0].public_key.keyid.encode(), b"0" * 64, memory.files["2.root.json"])


def doubled_signature(memory: Memory) -> None:
    """One key twice is one key."""
    memory.said["root"].roles["timestamp"].threshold = 2
    memory.bump("root")
    memory.bump("timestamp")


def altered(name: str) -> Callable[[Memory], None]:
    def attack(memory: Memory) -> None:
        memory.bump("targets", "snapshot", "timestamp")
        found = max(file for file in memory.files if file.endswith(f"{name}.json"))
        memory.files[found] = memory.files[found].replace(b'"version"', b'"versioN"')

    return attack


def endless(name: str) -> Callable[[Memory], None]:
    def attack(memory: Memory) -> None:
        memory.bump("targets", "snapshot", "timestamp")
        found = max(file for file in memory.files if file.endswith(f"{name}.json"))
        memory.files[found] += b" " * 3_000_000

    return attack


def gone(name: str) -> Callable[[Memory], None]:
    def attack(memory: Memory) -> None:
        memory.bump("targets", "snapshot", "timestamp")
        del memory.files[max(file for file in memory.files if file.endswith(f"{name}.json"))]

    return attack


ROLES = ("timestamp", "snapshot", "targets")
ATTACKS = {
    **{f"{role} by a stranger": stranger(role) for role in ("root", *ROLES)},
    **{f"{role} unsigned": unsigned(role) for role in ("root", "timestamp")},
    **{f"{role} expired": expired(role) for role in ("root", *ROLES)},
    **{f"{role} altered": altered(role) for role in ROLES},
    **{f"{role} endless": endless(role) for role in ROLES},
    **{f"{role} gone": gone(role) for role in ROLES},
    "timestamp rolled back": timestamp_rolled_back,
    "snapshot rolled back": snapshot_rolled_back_in_timestamp,
    "targets rolled back": targets_rolled_back_in_snapshot,
    "targets not in the snapshot": targets_gone_from_snapshot,
    "an old snapshot in a new one's place": mixed_snapshot,
    "old targets in new ones' place": mixed_targets,
    "a root skipped": skipped_root,
    "a root without the former key": root_without_the_former_key,
    "one signature counted twice": doubled_signature,
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_of_the_catalogue_is_refused_and_what_is_trusted_stays(
    client: Client, memory: Memory, name: str
) -> None:
    memory.bump("targets", "snapshot", "timestamp")
    assert client.refresh() == 0
    before = client.trusted()
    ATTACKS[name](memory)
    assert client.refresh() == 1
    attacked = name.partition(" ")[0]
    if attacked in before:
        assert client.trusted()[f"{attacked}.json"] == before[f"{attacked}.json"]
    assert client.trusted()["targets.json"] == before["targets.json"]


def test_what_is_good_is_taken_and_kept_under_its_plain_name(client: Client, memory: Memory) -> None:
    assert memory.fetched == []
    assert client.refresh() == 0
    assert client.trusted().keys() == {"root.json", "timestamp.json", "snapshot.json", "targets.json"}
    memory.bump("targets", "snapshot", "timestamp")
    assert client.refresh() == 0


def test_an_artifact_comes_once_and_anew_when_it_changed(client: Client, memory: Memory) -> None:
    assert client.download() == client.download() == 0
    assert sum(name.endswith("model.bin") for name in memory.fetched) == 1
    memory.target(b"better weights")
    memory.bump("targets", "snapshot", "timestamp")
    assert client.download() == 0
    assert client.targets() == [b"better weights"]


@pytest.mark.parametrize("served", [b"Weights", b"weight", b"weights and more"])
def test_an_artifact_that_is_not_the_signed_one_is_not_kept(client: Client, memory: Memory, served: bytes) -> None:
    name = next(name for name in memory.files if name.endswith("model.bin"))
    memory.files[name] = served
    assert client.download() == 1
    assert client.targets() == []


def test_a_file_that_nobody_signed_for_is_refused(client: Client, memory: Memory) -> None:
    memory.said["targets"].targets = {}
    memory.bump("targets", "snapshot", "timestamp")
    assert client.download() == 1


@pytest.mark.parametrize("role", ["root", "timestamp", "snapshot", "targets"])
def test_a_rotation_of_keys_is_followed(client: Client, memory: Memory, role: str) -> None:
    assert client.refresh() == 0
    memory.rotate(role)
    memory.bump("targets", "snapshot", "timestamp")
    assert client.refresh() == 0


def test_a_version_that_ran_away_is_brought_back_by_new_keys(client: Client, memory: Memory) -> None:
    """A thief of the timestamp's key signs the highest version there is: a new key makes the role begin anew."""
    memory.said["timestamp"].version = 99_999
    memory.serve("timestamp")
    assert client.refresh() == 0
    memory.said["timestamp"].version = 1
    memory.rotate("timestamp")
    memory.bump("timestamp")
    assert client.refresh() == 0
