"""Nobody but the holders of the keys decides what a machine runs, and nobody makes it run something old."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.update.store import Store
from tests.edge.update.attacks import ATTACKS, Scene, replayed_channel
from tests.edge.update.machines import Machine, Office, bundles

NOTES = ("told.json", "journal.json", "floor.json")


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    office = Office(tmp_path)
    shutil.copy(office.folder / "metadata" / "timestamp.json", tmp_path / "first-timestamp.json")
    old, new = bundles(tmp_path)
    office.publish(old)
    machine = Machine(tmp_path / "machine", office)
    machine.run(machine.agent())
    machine.run(machine.agent())
    shutil.copytree(office.folder, tmp_path / "old-copy")
    office.publish(new)
    return Scene(office, machine, tmp_path / "old-copy", new)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_an_attack_is_refused_for_its_reason_and_changes_nothing(scene: Scene, attack: Callable[[Scene], None]) -> None:
    machine = scene.machine
    attack(scene)
    before, runs = machine.holds(), machine.start_line()
    agent = machine.agent()
    for _ in range(12):
        machine.now_ns = max(machine.now_ns, agent.step(machine.now_ns))
        if agent.told.why:
            break
    assert agent.told.why == ATTACKS[attack], agent.told.text
    for _ in range(6):
        agent.step(machine.now_ns)
    assert machine.start_line() == runs
    after = machine.holds()
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    changed -= {"running.json"}
    kept = {name for name in changed if name not in NOTES and not name.startswith(("trust/", "slots/incoming/"))}
    assert kept == set()


def test_a_refused_attack_leaves_no_bytes_of_it_behind(scene: Scene) -> None:
    weights = scene.weights()
    weights.write_bytes(b"!" * weights.stat().st_size)
    assert scene.machine.run(scene.machine.agent()) == "altered"
    assert not Store(scene.machine.folder).incoming.exists()


def test_what_was_refused_on_the_road_is_taken_once_the_road_is_good(scene: Scene) -> None:
    good = scene.weights().read_bytes()
    scene.weights().write_bytes(b"!" * len(good))
    scene.machine.run(scene.machine.agent())
    scene.weights().write_bytes(good)
    assert scene.machine.run(scene.machine.agent()) == ""
    assert Store(scene.machine.folder).active().bundle.startswith("new@")


def test_a_replayed_channel_is_old_news_although_it_is_signed_well(scene: Scene) -> None:
    replayed_channel(scene)
    assert scene.machine.run(scene.machine.agent()) == "replayed"
    assert Store(scene.machine.folder).active().bundle.startswith("new@")


@pytest.mark.parametrize("name", ["root_history/1.root.json", "timestamp.json", "snapshot.json", "channels.json"])
def test_what_rotted_in_the_cache_heals(scene: Scene, name: str) -> None:
    path = scene.machine.folder / "trust" / name
    assert path.stat().st_size
    path.write_bytes(b"")
    assert scene.machine.run(scene.machine.agent()) == ""
    assert Store(scene.machine.folder).active().bundle.startswith("new@")


def test_a_clock_that_was_ahead_for_a_while_does_no_harm(scene: Scene) -> None:
    now = scene.machine.now
    scene.machine.now = now.replace(year=now.year + 1)
    assert scene.machine.run(scene.machine.agent()) == "expired"
    scene.machine.now = now
    assert scene.machine.run(scene.machine.agent()) == ""


def test_a_channel_that_was_signed_at_no_time_is_refused(scene: Scene) -> None:
    repository = scene.office.repository()
    word = json.loads(repository.read_target("channels", "channels/stable.json") or b"")
    word["issued_utc"] = "2026-13-32T25:00:00Z"
    repository.add("channels", {"channels/stable.json": json.dumps(word).encode()})
    repository.commit()
    assert scene.machine.run(scene.machine.agent()) == "malformed"


def test_a_file_that_is_signed_without_its_sha256_is_refused(scene: Scene) -> None:
    repository = scene.office.repository()
    for path, target in repository.delegated["bundles"].signed.targets.items():
        if path.endswith("model.tflite"):
            target.hashes = {"sha512": "0" * 128}
    repository.touch("bundles")
    repository.commit()
    assert scene.machine.run(scene.machine.agent()) == "malformed"
    assert Store(scene.machine.folder).active().bundle.startswith("old@")
