"""An update from the first check to the last word, and each way in which it ends otherwise."""

from pathlib import Path

import pytest

from edge.bundle import FACTORY, load_bundle
from edge.errors import BundleFault
from edge.update.store import Active, Store, beside, choose, note_good_end
from tests.edge.bundles import write_bundle
from tests.edge.update.machines import Beside, Machine, Office, OwnTest, Tried, bundles

FACTORY_IDENTITY = load_bundle(FACTORY).identity


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.fixture
def machine(tmp_path: Path, office: Office) -> Machine:
    return Machine(tmp_path / "machine", office)


def test_a_published_bundle_runs_and_stays(machine: Machine, office: Office, tmp_path: Path) -> None:
    new, newer = bundles(tmp_path)
    identity = office.publish(new)
    assert machine.start_line() == FACTORY_IDENTITY
    assert machine.run(machine.agent()) == ""
    assert machine.start_line() == identity
    newest = office.publish(newer)
    assert machine.run(machine.agent()) == ""
    assert machine.start_line() == newest
    active = Store(machine.folder).active()
    assert (active.bundle, active.trial) == (newest, False)


def test_nothing_new_writes_nothing(machine: Machine, office: Office, tmp_path: Path) -> None:
    office.publish(bundles(tmp_path)[0])
    machine.run(machine.agent())
    before = machine.holds()
    agent = machine.agent()
    assert machine.run(agent) == ""
    after = machine.holds()
    assert {name for name in before if before[name] != after.get(name)} <= {"told.json"}
    assert before.keys() == after.keys()


def test_check_now_does_not_wait_for_the_hour(machine: Machine, office: Office, tmp_path: Path) -> None:
    old, new = bundles(tmp_path)
    office.publish(old)
    agent = machine.agent()
    machine.run(agent)
    identity = office.publish(new)
    assert agent.step(machine.now_ns) > machine.now_ns
    assert agent.state == "idle"
    (machine.folder / "check-now").touch()
    machine.run(agent)
    assert machine.start_line() == identity
    assert not (machine.folder / "check-now").exists()


def test_a_bundle_that_fails_its_self_test_is_not_tried_again_until_the_channel_says_so(
    machine: Machine, office: Office, tmp_path: Path
) -> None:
    new, _ = bundles(tmp_path)
    identity = office.publish(new)
    machine.self_test = OwnTest("golden outputs differ")
    agent = machine.agent()
    assert machine.run(agent) == "self-test"
    assert "golden" in agent.told.text
    assert machine.start_line() == FACTORY_IDENTITY
    machine.self_test = OwnTest()
    machine.run(machine.agent())
    assert machine.start_line() == FACTORY_IDENTITY
    (machine.folder / "check-now").touch()  # nor because somebody at the broker says so
    machine.run(machine.agent())
    assert machine.start_line() == FACTORY_IDENTITY
    office.publish(new)
    machine.run(machine.agent())
    assert machine.start_line() == identity


def test_a_bundle_that_fails_on_the_line_is_taken_back(machine: Machine, office: Office, tmp_path: Path) -> None:
    old, new = bundles(tmp_path)
    identity = office.publish(old)
    machine.run(machine.agent())
    office.publish(new)
    machine.trial = Tried("rejects twice as many")
    assert machine.run(machine.agent()) == "quality"
    assert machine.start_line() == identity


def test_a_line_that_does_not_stay_up_falls_back_by_itself(machine: Machine, office: Office, tmp_path: Path) -> None:
    old, new = bundles(tmp_path)
    before = office.publish(old)
    machine.run(machine.agent())
    identity = office.publish(new)
    agent = machine.agent()
    while agent.state != "probation":
        machine.now_ns = max(machine.now_ns, agent.step(machine.now_ns))
    assert [machine.start_line() for _ in range(5)] == [identity] * 3 + [before] * 2


def test_a_line_that_ends_well_is_not_counted_against_its_bundle(
    machine: Machine, office: Office, tmp_path: Path
) -> None:
    identity = office.publish(bundles(tmp_path)[0])
    agent = machine.agent()
    while agent.state != "probation":
        machine.now_ns = max(machine.now_ns, agent.step(machine.now_ns))
    for _ in range(8):
        assert machine.start_line() == identity
        note_good_end(machine.folder)


def test_a_slot_that_is_not_whole_is_passed_over(machine: Machine, office: Office, tmp_path: Path) -> None:
    office.publish(bundles(tmp_path)[0])
    machine.run(machine.agent())
    weights = machine.folder / "slots" / Store(machine.folder).active().slot / "model.tflite"
    weights.write_bytes(b"rot")
    bundle, why = choose(machine.folder, FACTORY)
    assert bundle.identity == FACTORY_IDENTITY
    assert "sha256 differs" in why


def test_a_bundle_that_was_never_tried_is_nothing_to_fall_back_to(
    machine: Machine, office: Office, tmp_path: Path
) -> None:
    for bundle in bundles(tmp_path):
        office.publish(bundle)
        machine.run(machine.agent())
    machine.shadow = Beside(seen=0.0)
    office.publish(write_bundle(tmp_path / "newest", name="newest"))
    agent = machine.agent()
    while agent.state != "shadow":
        machine.now_ns = max(machine.now_ns, agent.step(machine.now_ns))
    (machine.folder / "slots" / Store(machine.folder).active().slot / "model.tflite").write_bytes(b"rot")
    assert choose(machine.folder, FACTORY)[0].identity == FACTORY_IDENTITY


def test_a_disk_that_cannot_be_read_ends_no_process(machine: Machine, office: Office, tmp_path: Path) -> None:
    office.publish(bundles(tmp_path)[0])
    agent = machine.agent()
    (machine.folder / "active.json").mkdir()
    assert agent.step(machine.now_ns) > machine.now_ns
    assert (agent.state, agent.told.why) == ("idle", "disk")
    assert machine.agent().state == "idle"


def test_a_channel_that_names_the_older_bundle_again_is_followed(
    machine: Machine, office: Office, tmp_path: Path
) -> None:
    old, new = bundles(tmp_path)
    identity = office.publish(old)
    machine.run(machine.agent())
    office.publish(new)
    machine.run(machine.agent())
    office.publish(old)
    machine.run(machine.agent())
    assert machine.start_line() == identity


def test_a_bundle_stands_in_the_shadow_before_it_runs(machine: Machine, office: Office, tmp_path: Path) -> None:
    identity = office.publish(bundles(tmp_path)[0])
    machine.shadow = Beside(seen=0.5)
    agent, store = machine.agent(), Store(machine.folder)
    for _ in range(20):
        machine.now_ns = max(machine.now_ns, agent.step(machine.now_ns))
    assert (agent.state, agent.told.progress) == ("shadow", 0.5)
    assert (store.active().bundle, store.active().candidate) == ("", identity)
    assert beside(machine.folder, FACTORY).identity == identity
    machine.shadow.seen = 1.0
    machine.run(agent)
    assert store.active() == Active(slot="a", bundle=identity, word=1)


def test_a_bundle_that_grades_otherwise_in_the_shadow_never_moves_a_gate(
    machine: Machine, office: Office, tmp_path: Path
) -> None:
    office.publish(bundles(tmp_path)[0])
    machine.shadow = Beside("30 of 100 fruit would go elsewhere")
    assert machine.run(machine.agent()) == "quality"
    assert Store(machine.folder).active() == Active()
    assert beside(machine.folder, FACTORY) is None


def test_while_a_bundle_is_on_trial_the_one_before_it_stands_in_its_shadow(
    machine: Machine, office: Office, tmp_path: Path
) -> None:
    old, new = bundles(tmp_path)
    before = office.publish(old)
    machine.run(machine.agent())
    office.publish(new)
    agent = machine.agent()
    while agent.state != "probation":
        machine.now_ns = max(machine.now_ns, agent.step(machine.now_ns))
    assert beside(machine.folder, FACTORY).identity == before


def test_a_candidate_beside_which_the_machine_does_not_stay_up_is_given_up(
    machine: Machine, office: Office, tmp_path: Path
) -> None:
    identity = office.publish(bundles(tmp_path)[0])
    machine.shadow = Beside(seen=0.0)
    agent = machine.agent()
    while agent.state != "shadow":
        machine.now_ns = max(machine.now_ns, agent.step(machine.now_ns))
    agent.step(machine.now_ns)
    for _ in range(3):
        assert beside(machine.folder, FACTORY).identity == identity
    with pytest.raises(BundleFault, match="did not stay up beside it"):
        beside(machine.folder, FACTORY)
    note_good_end(machine.folder)
    assert beside(machine.folder, FACTORY).identity == identity
