"""Which bundle a machine takes: by its channel's signed word and its own name, and by nothing else."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from edge.bundle import load_bundle
from edge.release import Channel, Pin, Rollout, Wave, holds, wanted
from edge.sections import Window
from edge.update.store import Store
from edge.update.window import is_open
from tests.edge.update.machines import Machine, Office, OwnTest, bundles
from training.publish.channels import needed_word, pin, say, unpin
from training.publish.clearance import Cleared
from training.publish.keys import Keyring
from training.publish.releases import release_bundle, rotate

OLD, NEW = "old@0123456789ab", "new@0123456789ab"
WORD = Channel(format=1, channel="stable", counter=9, issued_utc="2026-06-01T00:00:00Z", bundle=OLD, since=4)
FLEET = [f"packing/line-{n}" for n in range(1_000)]


def rollout(share: float, *machines: str, since: int = 9) -> Rollout:
    return Rollout(bundle=NEW, since=since, machines=machines, share=share)


def test_a_wave_holds_those_named_and_its_share_of_the_others() -> None:
    one, some, all_ = rollout(0, FLEET[7]), rollout(0.1, FLEET[7]), rollout(1)
    held = [[machine for machine in FLEET if holds(wave, wave, machine)] for wave in (one, some, all_)]
    assert held[0] == [FLEET[7]]
    assert 70 < len(held[1]) < 130
    assert held[2] == FLEET


@given(small=st.floats(0, 1), more=st.floats(0, 1), machine=st.from_regex(r"[a-z]{1,9}/[a-z]{1,9}", fullmatch=True))
def test_a_later_wave_holds_all_that_an_earlier_one_did(small: float, more: float, machine: str) -> None:
    of = rollout(1)
    larger = Wave(share=max(small, more))
    assert not holds(Wave(share=min(small, more)), of, machine) or holds(larger, of, machine)


def test_it_is_not_always_the_same_machines_that_go_first() -> None:
    first, next_ = rollout(0.1, since=9), rollout(0.1, since=12)
    both = sum(holds(first, first, machine) and holds(next_, next_, machine) for machine in FLEET)
    assert both < 30


def test_a_pin_counts_more_than_a_rollout_and_a_rollout_more_than_the_channel() -> None:
    word = WORD.model_copy(
        update={"rollout": rollout(0, FLEET[0], FLEET[1]), "pins": {FLEET[0]: Pin(bundle=OLD, since=5)}}
    )
    found = [wanted(word, machine) for machine in FLEET[:3]]
    assert [(goal.bundle, goal.since, goal.by) for goal in found] == [
        (OLD, 5, "pin"),
        (NEW, 9, "rollout"),
        (OLD, 4, "channel"),
    ]


@pytest.mark.parametrize(
    ("window", "at", "said"),
    [
        ("mon-fri 22:00-04:00", "2026-06-01T22:00", True),  # a Monday
        ("mon-fri 22:00-04:00", "2026-06-01T21:59", False),
        ("mon-fri 22:00-04:00", "2026-06-06T03:59", True),  # Friday's goes on into Saturday
        ("mon-fri 22:00-04:00", "2026-06-06T04:00", False),
        ("mon-fri 22:00-04:00", "2026-06-06T23:00", False),
        ("mon-fri 22:00-04:00", "2026-06-01T03:00", False),  # Sunday's there is none
        ("sun 00:00-24:00", "2026-06-07T23:59", True),
        ("sun 00:00-24:00", "2026-06-08T00:00", False),
        ("sat-mon 06:00-06:00", "2026-06-02T05:59", True),
        ("sat-mon 06:00-06:00", "2026-06-02T06:00", False),
        ("fri-tue 12:00-13:00", "2026-06-03T12:30", False),
    ],
)
def test_a_window_is_open_in_its_hours_on_its_days(window: str, at: str, said: bool) -> None:
    TypeAdapter(Window).validate_python(window)
    assert is_open([window], datetime.fromisoformat(f"{at}+02:00")) is said


def test_without_a_window_any_time_will_do_and_one_of_several_is_enough() -> None:
    noon = datetime(2026, 6, 1, 12, tzinfo=UTC)
    assert is_open([], noon)
    assert is_open(["tue 00:00-24:00", "mon 11:00-13:00"], noon)


@pytest.mark.parametrize("window", ["always", "mon 25:00-26:00", "mon-fri", "Mon 10:00-11:00", "mon 24:30-01:00"])
def test_what_is_no_window_is_a_fault_of_the_profile(window: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Window).validate_python(window)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    made = Office(tmp_path)
    old, new = bundles(tmp_path)
    repository = made.repository()
    release_bundle(repository, load_bundle(new), ["line"], "0.1", Cleared())
    repository.commit()
    made.publish(old)
    return made


def speak(office: Office, **changes: object) -> Channel:
    repository = office.repository()
    word = say(repository, needed_word(repository, "stable").model_copy(update=changes))
    repository.commit()
    return word


def new_of(office: Office, tmp_path: Path) -> str:
    return load_bundle(tmp_path / "new").identity


def test_only_the_machines_of_a_wave_take_its_bundle(office: Office, tmp_path: Path) -> None:
    new = new_of(office, tmp_path)
    speak(office, rollout=Rollout(bundle=new, since=2, machines=("packing/line-1",), share=0))
    machines = [Machine(tmp_path / f"machine-{n}", office) for n in (1, 2)]
    machines[1].name = "packing/line-2"
    agents = [machine.agent() for machine in machines]
    for machine, agent in zip(machines, agents, strict=True):
        machine.run(agent)
    assert [agent.told.active == new for agent in agents] == [True, False]
    assert [agent.told.by for agent in agents] == ["rollout", "channel"]


def test_a_machine_that_refused_a_bundle_does_not_try_it_again_at_the_next_wave(office: Office, tmp_path: Path) -> None:
    new = new_of(office, tmp_path)
    machine = Machine(tmp_path / "machine", office)
    machine.self_test = OwnTest("other outputs")
    begun = Rollout(bundle=new, since=2, machines=("packing/line-1",), share=0)
    speak(office, rollout=begun)
    agent = machine.agent()
    assert (machine.run(agent), agent.told.refused) == ("self-test", new)
    speak(office, rollout=begun.model_copy(update={"share": 1.0}))
    machine.self_test.wrong = ""
    machine.now_ns += 3_600 * 10**9
    machine.run(agent)
    assert (agent.told.word, agent.told.refused, agent.told.active == new) == (3, new, False)
    speak(office, rollout=begun.model_copy(update={"since": 4, "share": 1.0}))
    machine.now_ns += 3_600 * 10**9
    machine.run(agent)
    assert (agent.told.refused, agent.told.active) == ("", new)


def test_a_rollout_that_is_taken_back_takes_its_machines_back(office: Office, tmp_path: Path) -> None:
    machine, new = Machine(tmp_path / "machine", office), new_of(office, tmp_path)
    agent = machine.agent()
    machine.run(agent)
    old = agent.told.active
    for begun, runs in ((Rollout(bundle=new, since=2, share=1), new), (None, old)):
        speak(office, rollout=begun)
        machine.now_ns += 3_600 * 10**9
        machine.run(agent)
        assert machine.start_line() == agent.told.active == runs


@pytest.mark.parametrize("state", ["shadow", "probation"])
@pytest.mark.parametrize("asked", [False, True])
def test_what_is_taken_back_while_it_is_tried_goes_at_the_next_look(
    office: Office, tmp_path: Path, state: str, asked: bool
) -> None:
    machine, new = Machine(tmp_path / "machine", office), new_of(office, tmp_path)
    agent = machine.agent()
    machine.run(agent)
    old = agent.told.active
    speak(office, rollout=Rollout(bundle=new, since=2, share=1))
    machine.now_ns += 3_600 * 10**9
    agent, patience = machine.agent(), 0
    for part in (machine.shadow, machine.trial):
        part.judge = lambda store, journal, now_ns: float(agent.state != state)
    while agent.state != state:
        machine.now_ns = max(machine.now_ns, agent.step(machine.now_ns))
        assert (patience := patience + 1) < 60
    speak(office, rollout=None)
    for _ in range(3):
        machine.now_ns = agent.step(machine.now_ns)
    assert agent.state == state  # it has not looked yet
    if asked:
        (machine.folder / "check-now").touch()
    else:
        machine.now_ns += 3_600 * 10**9
    machine.run(agent)
    assert (machine.start_line(), agent.told.active, agent.told.why, agent.told.refused) == (old, old, "", "")
    assert not Store(machine.folder).active().trial


def test_a_pinned_machine_keeps_its_bundle_until_it_is_unpinned(office: Office, tmp_path: Path) -> None:
    machine, new = Machine(tmp_path / "machine", office), new_of(office, tmp_path)
    repository = office.repository()
    pin(repository, "stable", "packing/line-1", new)
    repository.commit()
    agent = machine.agent()
    machine.run(agent)
    assert (agent.told.active, agent.told.by) == (new, "pin")
    repository = office.repository()
    unpin(repository, "stable", "packing/line-1")
    repository.commit()
    machine.now_ns += 3_600 * 10**9
    machine.run(agent)
    assert (agent.told.active, agent.told.by) == (load_bundle(tmp_path / "old").identity, "channel")


def test_an_update_waits_for_its_window_and_an_urgent_one_does_not(office: Office, tmp_path: Path) -> None:
    machine = Machine(tmp_path / "machine", office)
    machine.may_begin = lambda: False
    agent = machine.agent()
    machine.run(agent)
    assert (agent.told.waits, agent.told.active, agent.told.wanted) == (
        "window",
        "",
        load_bundle(tmp_path / "old").identity,
    )
    speak(office, urgent=True)
    machine.now_ns += 3_600 * 10**9
    machine.run(agent)
    assert (agent.told.waits, agent.told.active) == ("", load_bundle(tmp_path / "old").identity)


def test_a_machine_that_was_off_for_months_follows_every_key_that_was_replaced(office: Office, tmp_path: Path) -> None:
    machine = Machine(tmp_path / "machine", office)
    machine.run(machine.agent())
    for kind in ("root", "online", "channels", "bundles", "root", "online"):
        office.now += timedelta(days=40)  # longer than a timestamp and a snapshot live
        rotate(office.repository(), Keyring([office.keys]), kind)
    new = new_of(office, tmp_path)
    speak(office, rollout=Rollout(bundle=new, since=2, share=1))
    machine.now = office.now + timedelta(minutes=1)
    agent = machine.agent()
    assert (machine.run(agent), agent.told.active) == ("", new)
