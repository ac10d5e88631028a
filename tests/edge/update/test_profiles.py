"""A profile over the air: checked before it is used, tried by the machine, and taken back where it does not come up."""

import re
from pathlib import Path

import pytest

from edge.config import load_profile
from edge.errors import MachineFault, Superseded
from edge.renewal import Renewal
from edge.sent import MOST_STARTS, choose, current, digest_of, read_run, read_sent
from edge.settle import settle
from edge.update.profiles import check_beside
from tests.edge.bundles import write_bundle
from tests.edge.update.disks import CountedDisk, ForgetfulDisk, PowerCut, cut
from tests.edge.update.machines import Beside, Office, S
from tests.edge.update.sorters import DEMO, SPEED, Sorter, changed, send


@pytest.fixture
def office(tmp_path: Path) -> Office:
    made = Office(tmp_path)
    made.publish(write_bundle(tmp_path / "bundle"))
    return made


@pytest.fixture
def sorter(tmp_path: Path, office: Office) -> Sorter:
    return Sorter(tmp_path, office)


def test_a_profile_that_was_sent_runs_on_trial_and_stays_once_the_machine_is_up(office: Office, sorter: Sorter) -> None:
    sorter.start("run-1")
    digest = send(office, sorter)
    agent = sorter.agent()
    sorter.run(agent)
    assert (agent.told.waits, read_sent(sorter.folder).trial) == ("profile", True)
    assert sorter.checked == [current(sorter.folder, sorter.own)]
    choice = sorter.start("run-2")
    assert (choice.digest, choice.path and load_profile(choice.path).belt.speed_mm_s) == (digest, 500)
    sorter.profiles.step(sorter.now_ns)
    assert read_sent(sorter.folder).trial
    sorter.now_ns += 61 * S
    sorter.profiles.step(sorter.now_ns)
    assert not read_sent(sorter.folder).trial
    sorter.hour(agent)
    assert agent.told.active  # the bundle that waited meanwhile
    assert sorter.start("run-3").digest == digest


def test_a_profile_with_which_the_machine_does_not_stay_up_is_taken_back(office: Office, sorter: Sorter) -> None:
    sorter.start("run-1")
    digest = send(office, sorter)
    agent = sorter.agent()
    sorter.run(agent)
    for n in range(MOST_STARTS):
        assert sorter.start(f"bad-{n}").digest == digest
        sorter.profiles.step(sorter.now_ns)
        sorter.now_ns += 59 * S
    assert sorter.start("run-2").path is None
    sorter.run(agent)
    sent = read_sent(sorter.folder)
    assert (agent.told.why, sent.digest, sent.trial, sent.refused) == ("profile", "", False, digest)
    sorter.hour(agent)
    sorter.hour(agent)
    assert not read_sent(sorter.folder).trial  # not tried again
    again = send(office, sorter)
    sorter.hour(agent)
    assert (read_sent(sorter.folder).digest, again) == (digest, digest)  # until the channel says it anew


def test_stopping_a_machine_as_one_should_counts_nothing_against_its_profile(office: Office, sorter: Sorter) -> None:
    digest = send(office, sorter)
    sorter.run(sorter.agent())
    assert [sorter.start(f"run-{n}", ends_well=True).digest for n in range(9)] == [digest] * 9


def test_a_bundle_that_waits_for_fruit_does_not_keep_a_profile_out(office: Office, sorter: Sorter) -> None:
    """Without the new settings there may never be any."""
    sorter.shadow = Beside(seen=0.0)
    agent = sorter.agent()
    while agent.state != "shadow":
        sorter.now_ns = max(sorter.now_ns, agent.step(sorter.now_ns))
    digest = send(office, sorter)
    sorter.hour(agent)
    sorter.run(agent)
    assert (agent.told.waits, read_sent(sorter.folder).digest) == ("profile", digest)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({SPEED: "speed_mm_s = -1"}, r"\[belt\] speed_mm_s"),
        ({SPEED: "speed_mm_s = 600\nsped = 1"}, "sped"),
        ({'machine = "': 'machine = "other-'}, "is the profile of"),
        ({'channel = "stable"': 'channel = "canary"'}, r"\[update\]: must be as in the machine's own file"),
    ],
)
def test_a_profile_that_is_not_this_machines_or_not_good_changes_nothing(
    office: Office, sorter: Sorter, changes: dict[str, str], said: str
) -> None:
    send(office, sorter, **changes)
    agent = sorter.agent()
    sorter.run(agent)
    assert agent.told.why == "profile"
    assert re.search(said, agent.told.text)
    assert (read_sent(sorter.folder).digest, sorter.start("run").path, sorter.checked) == ("", None, [])
    sorter.hour(agent)
    assert agent.told.active  # the next word is heard all the same


def test_what_sorter_check_finds_is_a_reason_to_refuse(office: Office, sorter: Sorter) -> None:
    sorter.wrong = "line.toml: [grade] bundle: no such folder"
    send(office, sorter)
    agent = sorter.agent()
    sorter.run(agent)
    assert agent.told.why == "profile"
    assert "no such folder" in agent.told.text
    assert sorter.start("run").path is None


@pytest.mark.slow
def test_the_check_is_that_of_sorter_check(sorter: Sorter) -> None:
    check = check_beside(DEMO.parent)
    assert check(sorter.own) == ""
    sorter.own.write_text(
        changed(sorter.own.read_text(encoding="utf-8"), {'bundle = "factory"': 'bundle = "none"'}), encoding="utf-8"
    )
    assert "bundle" in check(sorter.own)


def test_a_profile_that_is_not_whole_on_the_disk_is_passed_over(office: Office, sorter: Sorter) -> None:
    send(office, sorter)
    sorter.run(sorter.agent())
    path = current(sorter.folder, sorter.own)
    path.write_bytes(path.read_bytes()[:-40])
    choice = sorter.start("run-1")
    assert (choice.path, "not whole" in read_run(sorter.folder).text) == (None, True)


def test_without_a_profile_that_was_sent_nothing_is_written(sorter: Sorter) -> None:
    sorter.start("run-1", ends_well=True)
    assert not [name for name in sorter.holds() if "sent" in name]


def test_a_run_ends_for_another_profile_when_no_fruit_is_on_the_belt(office: Office, sorter: Sorter) -> None:
    renewal = Renewal(load_profile(sorter.own))
    renewal.ask()
    renewal.look(0, 1)
    renewal.look(3_600 * S, 1)
    send(office, sorter)
    sorter.run(sorter.agent())
    renewal.look(3_601 * S, 1)  # it has not asked yet
    renewal.ask()
    renewal.look(3_602 * S, 2)
    renewal.look(3_603 * S, 3)
    with pytest.raises(Superseded, match="another profile"):
        renewal.look(3_620 * S, 3)


def test_a_profile_of_another_machine_in_the_channel_is_nothing_to_this_one(office: Office, sorter: Sorter) -> None:
    send(office, sorter, machine="packing/other")
    agent = sorter.agent()
    assert sorter.run(agent) == ""
    assert (read_sent(sorter.folder).digest, agent.told.active != "") == ("", True)


@pytest.mark.slow
@pytest.mark.parametrize("kept", [0.0, 0.5, 1.0])
def test_without_power_after_any_operation_a_whole_profile_runs_and_the_new_one_comes(
    tmp_path: Path, kept: float
) -> None:
    for after in range(1, 60):
        (folder := tmp_path / str(after)).mkdir()
        office = Office(folder)
        office.publish(write_bundle(folder / "bundle"))
        sorter = Sorter(folder, office)
        sorter.on(CountedDisk())
        agent = sorter.agent()
        sorter.run(agent)  # the bundle
        digest = send(office, sorter)
        disk = ForgetfulDisk(sorter.folder, cut(after))
        sorter.on(disk)
        sorter.now_ns += 3_600 * S
        try:
            sorter.run(sorter.agent())
        except PowerCut:
            disk.come_back(kept, after)
        else:
            break
        choice = choose(sorter.folder)
        assert choice.text == ""
        assert choice.path is None or digest_of(choice.path.read_bytes()) == choice.digest == digest
        sorter.on(CountedDisk())
        sorter.now_ns += 3_600 * S
        sorter.run(sorter.agent())
        assert choose(sorter.folder).digest == digest
    assert 5 < after < 59


def test_a_profile_that_cannot_be_built_here_is_passed_over_for_the_machines_own(
    office: Office, sorter: Sorter
) -> None:
    digest = send(office, sorter)
    sorter.run(sorter.agent())
    built: list[float] = []

    class Built:
        handover, run_id = None, "run-2"

        def __init__(self, profile) -> None:
            self.profile = profile

    def make(profile, beside: Path) -> Built:
        built.append(profile.belt.speed_mm_s)
        if profile.belt.speed_mm_s == 500:
            raise MachineFault("this computer cannot hold it")
        return Built(profile)

    settled = settle(sorter.own, sorter.profile, make)
    settled.begin()
    assert built == [500, 600]
    assert (read_run(sorter.folder).digest, read_run(sorter.folder).text) == ("", "this computer cannot hold it")
    agent = sorter.agent()
    agent.step(sorter.now_ns)
    sent = read_sent(sorter.folder)
    assert (sent.digest, sent.refused, agent.told.why) == ("", digest, "profile")
