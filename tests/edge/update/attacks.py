"""What somebody may do who holds the road, the folder, an old copy, or some of the keys; each with the word of refusal.

Each attack is given the office and a machine that runs an old bundle, while a new one is published.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from securesystemslib.signer import Signer

from edge.bundle import load_bundle
from edge.release import PAPER, bundle_path
from edge.update.fetch import METADATA_NS, Source
from tests.edge.bundles import write_bundle
from tests.edge.update.machines import Machine, Office
from training.publish.clearance import Cleared
from training.publish.keys import Keyring
from training.publish.releases import point_channel, release_bundle, rotate

ENDLESS = 10_000
YEAR = timedelta(days=366)


@dataclass(frozen=True)
class Scene:
    """`old_copy`: the folder of releases as it was before the new bundle."""

    office: Office
    machine: Machine
    old_copy: Path
    new: Path

    def weights(self) -> Path:
        """The new bundle's, as they are served."""
        place = self.office.folder / "targets" / bundle_path(load_bundle(self.new).identity)
        return next(place.glob("*.model.tflite"))

    def metadata(self, pattern: str) -> Path:
        return max((self.office.folder / "metadata").glob(pattern), key=lambda path: int(path.name.split(".")[0]))


def flip(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


def flipped_bit(scene: Scene) -> None:
    flip(scene.weights())


def flipped_bit_in_metadata(scene: Scene) -> None:
    path = scene.metadata("*.channels.json")
    path.write_bytes(path.read_bytes().replace(b'"length":', b'"length":1', 1))


def truncated(scene: Scene) -> None:
    scene.weights().write_bytes(scene.weights().read_bytes()[:-3])


def truncated_metadata(scene: Scene) -> None:
    path = scene.office.folder / "metadata" / "timestamp.json"
    path.write_bytes(path.read_bytes()[:200])


def oversized(scene: Scene) -> None:
    scene.weights().write_bytes(scene.weights().read_bytes() + b"more")


def streaming(machine: Machine, name: str, block: bytes, each_ns: int) -> None:
    """One file of the server's never ends."""
    source = Source()

    def opened(url: str, offset: int) -> Iterator[bytes]:
        if not url.endswith(name):
            yield from source(url, offset)
            return
        for _ in range(ENDLESS):
            machine.now_ns += each_ns
            yield block

    machine.opener = opened


def endless_metadata(scene: Scene) -> None:
    streaming(scene.machine, "timestamp.json", b" " * 4_096, 0)


def endless_target(scene: Scene) -> None:
    streaming(scene.machine, "model.tflite", b"x" * 4_096, 0)


def dripping_metadata(scene: Scene) -> None:
    streaming(scene.machine, "timestamp.json", b" ", METADATA_NS // 50)


def dripping_target(scene: Scene) -> None:
    streaming(scene.machine, "model.tflite", b"x", METADATA_NS // 5)


def rolled_back(scene: Scene) -> None:
    """The very first timestamp, as somebody kept it."""
    first = scene.old_copy.parent / "first-timestamp.json"
    (scene.office.folder / "metadata" / "timestamp.json").write_bytes(first.read_bytes())


def frozen(scene: Scene) -> None:
    """What was good is served for ever: it expires."""
    scene.machine.now += timedelta(days=8)


def mixed(scene: Scene) -> None:
    path = scene.metadata("*.channels.json")
    version = int(path.name.split(".")[0])
    path.write_bytes(path.with_name(f"{version - 1}.channels.json").read_bytes())


def wrong_key(scene: Scene) -> None:
    other = Office(scene.old_copy.parent / "other", scene.office.now)
    other.publish(scene.new)
    other.publish(scene.new)
    other.publish(scene.new)
    shutil.rmtree(scene.office.folder)
    shutil.copytree(other.folder, scene.office.folder)


def revoked_key(scene: Scene) -> None:
    keys = Keyring([scene.office.keys])
    old = scene.office.repository().keys_of("bundles")
    rotate(scene.office.repository(), keys, "bundles")
    repository = scene.office.repository()
    thief = keys.find("bundles", old[0])
    assert isinstance(thief, Signer)
    evil = write_bundle(scene.old_copy.parent / "evil", name="evil")
    release_bundle(repository, load_bundle(evil), ["line"], "0.1", Cleared())
    point_channel(repository, "stable", load_bundle(evil).identity)
    repository.commit()
    metadata = repository.delegated["bundles"]
    metadata.signatures.clear()
    metadata.sign(thief)
    scene.metadata("*.bundles.json").write_bytes(metadata.to_bytes())


def replayed_channel(scene: Scene) -> None:
    """To a machine whose cache is gone, everything that is signed is news."""
    machine = scene.machine
    machine.run(machine.agent())
    shutil.rmtree(machine.folder / "trust")
    shutil.rmtree(scene.office.folder)
    shutil.copytree(scene.old_copy, scene.office.folder)


def other_class(scene: Scene) -> None:
    scene.machine.machine_class = "table"


def old_runtime(scene: Scene) -> None:
    scene.machine.runtime = "0.0.9"


def slipping_names(scene: Scene) -> None:
    """The bundles' key itself signs for a file outside of the folder."""
    repository = scene.office.repository()
    place = f"{bundle_path(load_bundle(scene.new).identity)}/{PAPER}"
    paper = json.loads(repository.read_target("bundles", place) or b"")
    paper["files"]["../../../active.json"] = paper["files"].pop("model.tflite")
    repository.add("bundles", {place: json.dumps(paper).encode()})
    repository.commit()


def huge_paper(scene: Scene) -> None:
    repository = scene.office.repository()
    place = f"{bundle_path(load_bundle(scene.new).identity)}/{PAPER}"
    repository.add("bundles", {place: b" " * 100_000})
    repository.commit()


def mixed_bundle(scene: Scene) -> None:
    """A file of another bundle, signed for, under a paper that says otherwise."""
    repository = scene.office.repository()
    place = f"{bundle_path(load_bundle(scene.new).identity)}/model.tflite"
    repository.add("bundles", {place: b"of another bundle"})
    repository.commit()


def unreleased(scene: Scene) -> None:
    """The rollout's key names what the bundles' key never signed."""
    repository = scene.office.repository()
    word = json.loads(repository.read_target("channels", "channels/stable.json") or b"")
    word |= {"bundle": "evil@0123456789ab", "counter": word["counter"] + 1}
    repository.add("channels", {"channels/stable.json": json.dumps(word).encode()})
    place = bundle_path("evil@0123456789ab")
    repository.add("channels", {f"{place}/{PAPER}": b"{}"})  # outside of what its delegation covers
    repository.commit()


def other_channel(scene: Scene) -> None:
    """The word of one channel under the name of another."""
    repository = scene.office.repository()
    word = json.loads(repository.read_target("channels", "channels/stable.json") or b"")
    repository.add("channels", {"channels/stable.json": json.dumps(word | {"channel": "canary"}).encode()})
    repository.commit()


def clock_behind(scene: Scene) -> None:
    scene.machine.now -= YEAR


def clock_behind_at_first(scene: Scene) -> None:
    """With nothing remembered: the channel was signed in the future."""
    (scene.machine.folder / "floor.json").unlink()
    scene.machine.now -= timedelta(days=90)


def clock_ahead(scene: Scene) -> None:
    scene.machine.now += YEAR


ATTACKS: dict[Callable[[Scene], None], str] = {
    flipped_bit: "altered",
    flipped_bit_in_metadata: "signature",
    truncated: "unreachable",  # as a cut line is: tried again, and never taken
    truncated_metadata: "malformed",
    oversized: "oversized",
    endless_metadata: "oversized",
    endless_target: "oversized",
    dripping_metadata: "slow",
    dripping_target: "slow",
    rolled_back: "rolled-back",
    frozen: "expired",
    mixed: "rolled-back",
    wrong_key: "signature",
    revoked_key: "signature",
    replayed_channel: "replayed",
    other_class: "machine-class",
    old_runtime: "runtime",
    slipping_names: "malformed",
    huge_paper: "oversized",
    mixed_bundle: "rolled-back",
    unreleased: "malformed",
    other_channel: "malformed",
    clock_behind: "clock",
    clock_behind_at_first: "clock",
    clock_ahead: "expired",
}
