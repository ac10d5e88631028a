"""What is heard of machines: by their own topics, which a broker's rules keep to themselves; and the whole command."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.cli import main
from edge.errors import BrokerFault, UsageFault
from tests.plant.mosquitto import Member, PlantBroker, a_plant
from tests.training.publish.rolled import Desk
from training.publish.ear import Broker, Ear, said_of
from training.publish.fleet import read_fleet

GOLDEN = Path(__file__).parents[2] / "golden/messages/update.json"


def test_a_machines_own_message_is_understood() -> None:
    said = said_of(GOLDEN.read_bytes())
    assert said is not None
    assert (said.state, said.wanted, said.word, said.channel) == ("download", "held@ba9876543210", 7, "stable")


@pytest.mark.parametrize(
    "payload",
    [b"", b"null", b"[]", b"{", b"[" * 60_000, b'{"state": "flying"}', b'{"active": 7}', b'"' + b"x" * 70_000 + b'"'],
)
def test_what_is_no_message_of_an_update_is_passed_over(payload: bytes) -> None:
    assert said_of(payload) is None


def test_a_fleet_is_a_plants_register_or_a_list(tmp_path: Path) -> None:
    plant, lines = tmp_path / "plant.json", tmp_path / "lines.txt"
    members = {"line-1": "machine", "anna": "operator", "line-2": "machine"}
    plant.write_text(json.dumps({"site": "packing", "hosts": [], "members": members}), encoding="utf-8")
    lines.write_text("# all\npacking/line-2\nother/line-9  # far\n\n", encoding="utf-8")
    assert read_fleet([plant, lines]) == ["other/line-9", "packing/line-1", "packing/line-2"]
    lines.write_text("packing\n", encoding="utf-8")
    with pytest.raises(UsageFault, match=r"lines\.txt:1: 'packing': must be site/machine"):
        read_fleet([lines])
    with pytest.raises(UsageFault, match="--fleet FILE"):
        read_fleet([])


def test_a_broker_that_is_not_there_is_one_line() -> None:
    with pytest.raises(BrokerFault, match=r"mqtt://127\.0\.0\.1:9: "):
        Ear(Broker("mqtt://127.0.0.1:9")).listen(1)
    with pytest.raises(UsageFault, match="must be mqtt://host"):
        Ear(Broker("http://127.0.0.1")).listen(1)


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlantBroker]:
    with a_plant(tmp_path_factory.mktemp("plant") / "office") as running:
        yield running


def asking(plant: PlantBroker, user: str = "wall") -> list[str]:
    home = plant.folder / "users" / user
    url = f"mqtts://localhost:{plant.ports['password']}"
    return [
        *("--broker", url, "--username", user, "--password-file", str(home / "password")),
        *("--ca-file", str(home / "ca.crt")),
    ]


@pytest.mark.mosquitto
@pytest.mark.slow
def test_a_success_forged_by_one_machine_does_not_count_for_another(
    plant: PlantBroker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk, thief = Desk(tmp_path), Member(plant, "line-2")
    where = ["rollout", "status", str(desk.folder), *asking(plant), "--json"]
    rules = {"success": 0.8, "errors": 0.1, "hold_minutes": 0, "patience_hours": 1}
    start = ["rollout", "start", str(desk.folder), "--keys", str(tmp_path / "keys"), "--bundle", desk.new]
    start += ["--fleet", str(plant.folder / "plant.json"), "--first", "packing/line-1", "--once", *asking(plant)]
    start += [word for name, value in rules.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    try:
        good = desk.runs(word=99).model_dump_json().encode()
        thief.publish("sorter/v1/packing/line-1/update", good, retain=True)
        thief.publish("sorter/v1/packing/line-2/update", good, retain=True)
        assert main(start) == 0
        record, word = desk.rolling.read()
        assert record is not None
        assert (record.wave, word.rollout and word.rollout.machines) == (0, ("packing/line-1",))
        assert main(where) == 0
    finally:
        thief.close()
    said = capsys.readouterr().out
    held = json.loads(said[said.index("{") :])["machines"]
    assert {name: machine["said"] is not None for name, machine in held.items()} == {
        "packing/line-1": False,
        "packing/line-2": True,
    }
    honest = Member(plant, "line-1")
    try:
        honest.publish("sorter/v1/packing/line-1/update", good, retain=True)
    finally:
        honest.close()
    resume = ["rollout", "resume", str(desk.folder), "--keys", str(tmp_path / "keys"), *asking(plant), "--once"]
    assert main(resume) == 0
    record, _ = desk.rolling.read()
    assert record is not None
    assert record.wave == 1


@pytest.mark.mosquitto
@pytest.mark.slow
def test_a_wrong_password_is_told(plant: PlantBroker) -> None:
    home = plant.folder / "users/wall"
    url = f"mqtts://localhost:{plant.ports['password']}"
    (wrong := home / "wrong").write_text("no", encoding="utf-8")
    with pytest.raises(BrokerFault, match="--password-file"):
        Ear(Broker(url, "wall", wrong, home / "ca.crt")).listen(5)


def test_a_mistake_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk = Desk(tmp_path)
    (fleet := tmp_path / "fleet").write_text("packing/line-1\n", encoding="utf-8")
    folder, begin = str(desk.folder), ["--bundle", desk.new, "--fleet", str(fleet), "--keys", str(tmp_path / "keys")]
    for words in (
        ["status", str(tmp_path)],
        ["pause", folder],
        ["start", folder, *begin],
        ["start", folder, *begin, "--first", "line-1"],
        ["start", folder, *begin, "--first", "packing/line-9"],
        ["start", folder, *begin, "--first", "packing/line-1", "--share", "0.5"],
        ["start", folder, "--bundle", desk.old, "--fleet", str(fleet), "--first", "packing/line-1"],
        ["pin", folder],
        ["status", folder, "--channel", "none"],
    ):
        assert main(["rollout", *words]) == 2, words
    err = capsys.readouterr().err.splitlines()
    assert len(err) == 9
    assert all(line.startswith("sorter: ") for line in err)


def test_the_command_tells_where_a_rollout_stands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk = Desk(tmp_path)
    (fleet := tmp_path / "fleet").write_text("packing/line-1\npacking/line-2\n", encoding="utf-8")
    folder, keys = str(desk.folder), ["--keys", str(tmp_path / "keys")]
    first = ["--fleet", str(fleet), "--first", "packing/line-1"]
    assert main(["rollout", "start", folder, "--bundle", desk.new, *first, *keys]) == 0
    assert main(["rollout", "pin", folder, "packing/line-2", *keys]) == 0
    assert main(["rollout", "status", folder]) == 0
    assert main(["rollout", "abort", folder, *keys]) == 0
    assert main(["rollout", "unpin", folder, "packing/line-2", *keys]) == 0
    said = capsys.readouterr().out
    assert f"stable: {desk.new} running: wave 1 of 3, 1 of 2 machines: 1 not heard of since" in said
    assert f"packing/line-2: pinned to {desk.old}" in said
    assert f"shall run {desk.new}" in said
    assert f"{desk.new} aborted (by hand)" in said
