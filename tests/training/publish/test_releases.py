"""A folder of releases: what is signed by which key, and what becomes of it when a key is lost or replaced."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from edge.bundle import FACTORY, load_bundle
from edge.errors import UsageFault
from edge.release import bundle_path, channel_of
from training.publish.changing import changing
from training.publish.clearance import Cleared
from training.publish.keys import Keyring
from training.publish.releases import point_channel, release_bundle, renew, rotate
from training.publish.repository import LIFE, Repository, utc_now

BUNDLE = load_bundle(FACTORY)


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture
def repository(tmp_path: Path, keys: Path) -> Repository:
    made = Repository.create(tmp_path / "releases", Keyring([keys]))
    release_bundle(made, BUNDLE, ["line"], "0.1", Cleared())
    point_channel(made, "canary", BUNDLE.identity)
    made.commit()
    return made


def again(repository: Repository, *keys: Path) -> Repository:
    return Repository(repository.folder, Keyring(keys))


def test_every_key_lies_in_its_own_folder_and_only_its_owner_reads_it(repository: Repository, keys: Path) -> None:
    found = {path.relative_to(keys).parent.name: path for path in keys.rglob("*.pem")}
    assert found.keys() == {"offline", "rollout", "online"}
    assert {path.stat().st_mode & 0o777 for path in keys.rglob("*.pem")} == {0o600}


def test_a_released_bundle_is_whole_in_the_folder_and_its_paper_is_said_once(repository: Repository) -> None:
    place = repository.folder / "targets" / bundle_path(BUNDLE.identity)
    assert len(list(place.iterdir())) == len(list(BUNDLE.folder.iterdir())) + 1
    assert not release_bundle(repository, BUNDLE, ["another"], "9", Cleared())


def test_each_word_of_a_channel_counts_on_even_when_it_names_the_same_bundle(repository: Repository) -> None:
    assert point_channel(repository, "canary", BUNDLE.identity).counter == 2
    repository.commit()
    raw = next((repository.folder / "targets/channels").glob("*"))
    assert channel_of(raw.read_bytes(), "canary").channel == "canary"


def test_a_channel_names_nothing_that_was_not_released(repository: Repository) -> None:
    with pytest.raises(UsageFault, match="not released"):
        point_channel(repository, "canary", "other@0123456789ab")


def test_the_rollout_key_moves_a_channel_and_releases_nothing(repository: Repository, keys: Path) -> None:
    mine = again(repository, keys / "rollout", keys / "online")
    point_channel(mine, "stable", BUNDLE.identity)
    mine.commit()
    mine.add("bundles", {"bundles/evil/0123456789ab/model.tflite": b""})
    with pytest.raises(UsageFault, match="no bundles key"):
        mine.commit()
    assert not (mine.folder / "targets/bundles/evil").exists()


def test_what_has_lived_half_its_life_is_signed_anew_with_the_keys_at_hand(repository: Repository, keys: Path) -> None:
    assert renew(repository, Keyring([keys])) == []
    later = Repository(repository.folder, Keyring([keys / "online"]), lambda: utc_now() + LIFE["snapshot"])
    assert renew(later, Keyring([keys / "online"])) == ["snapshot", "timestamp"]
    assert later.expires("timestamp") - utc_now() > timedelta(days=36)


@pytest.mark.parametrize("kind", ["root", "bundles", "channels", "online"])
def test_a_replaced_key_signs_no_more(repository: Repository, keys: Path, kind: str) -> None:
    role = {"root": "targets", "online": "timestamp"}.get(kind, kind)
    old = {key.keyid for key in repository.keys_of(role)}
    new = {key.keyid for key in rotate(repository, Keyring([keys]), kind)}
    assert not old & new
    assert {key.keyid for key in again(repository, keys).keys_of(role)} == new


def test_one_root_key_is_enough_to_replace_a_lost_one(repository: Repository, keys: Path) -> None:
    lost, kept = sorted((keys / "offline").glob("root-*.pem"))
    lost.unlink()
    (new,) = rotate(again(repository, keys), Keyring([keys]), "root")
    signatures = json.loads((repository.folder / "metadata/2.root.json").read_text())["signatures"]
    assert {signature["keyid"][:16] for signature in signatures} == {kept.stem.removeprefix("root-"), new.keyid[:16]}


def test_without_any_root_key_nothing_is_replaced(repository: Repository, keys: Path) -> None:
    for path in (keys / "offline").glob("root-*.pem"):
        path.unlink()
    with pytest.raises(UsageFault, match="every machine needs a new root"):
        rotate(again(repository, keys), Keyring([keys]), "root")


def test_a_folder_that_is_none_and_one_that_holds_something_are_told_apart(tmp_path: Path, keys: Path) -> None:
    with pytest.raises(UsageFault, match="sorter release init"):
        Repository(tmp_path / "nothing", Keyring([keys]))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(UsageFault, match="holds something"):
        Repository.create(tmp_path / "full", Keyring([keys]))


def test_two_commands_do_not_change_a_folder_at_once(repository: Repository, keys: Path) -> None:
    with changing(lambda: again(repository, keys)) as first:
        with pytest.raises(UsageFault, match="another command"), changing(lambda: again(repository, keys), 0):
            pass
        point_channel(first, "stable", BUNDLE.identity)
        first.commit()
    with changing(lambda: again(repository, keys), 0) as second:
        assert second.read_target("channels", "channels/stable.json")
