"""The first hour with a scripted person and a machine that is only told of: what is asked, kept and gone on with."""

from collections import Counter

import pytest

from edge.cli import main
from edge.config import load_profile
from edge.datapath import BeltSample
from edge.doctor.finding import Check
from edge.errors import CameraFault
from edge.person import Gone
from edge.setup import template, wiretable
from edge.setup.hour import FRUIT, STEPS, FirstHour
from edge.setup.progress import Progress, beside, read_progress, write_progress
from edge.setup.sorting import PATIENCE_NS, Sorted, Watch
from tests.edge.doctor.persons import Scripted
from tests.edge.telemetry.records import an_outcome
from tests.firmware_config.wiring import HEADER

PIN, GATE = Check("pin", "it matters"), Check("gate", "it matters")
GATES = ["red", "turning", "green", "damaged"]
CHOOSE = ["", "one-lane", "", "north", "line-1", "none"]
WIRE, TRY, WALK, MEASURE, SORT = ["yes"], ["yes"], [], ["yes"], ["yes", "yes"]
ALL = [*CHOOSE, *WIRE, *TRY, *WALK, *MEASURE, *SORT]


class Machine:
    """Answers Tools: all is well but for what the test says."""

    def __init__(self, **wrong):
        self.wrong = wrong
        self.did = []

    def examine(self, path, names):
        self.did += names
        yield from self.wrong.get("found", [[]]).pop(0) if self.wrong.get("found") else [PIN.good("free")]

    def walk(self, profile, person, gates):
        for name in gates:
            if name == self.wrong.get("leaves_at"):
                raise Gone
            self.did.append(name)
            yield (
                GATE.of(name).fault("stands", "push it")
                if name == self.wrong.get("stuck")
                else GATE.of(name).good("moves")
            )

    def calibrate(self, path):
        self.did.append("calibrate")
        return self.wrong.get("calibrates", True)

    def sort(self, path, fruit, tell):
        self.did.append("sort")
        return Sorted(Counter(red=fruit), Counter(fired=self.wrong.get("fired", fruit)))

    def board(self):
        return "Raspberry Pi 4 Model B Rev 1.5"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "etc" / "profile.toml"


def hour(path, *answers, **wrong):
    made = FirstHour(path, Scripted(*answers), Machine(**wrong))
    return made, made.go()


def test_the_hour_goes_through_every_step_and_writes_the_profile(path):
    made, done = hour(path, *ALL)
    assert done
    assert made.tools.did == ["pins", "computer", "encoder", "camera", *GATES, "calibrate", "sort"]
    profile = load_profile(path)
    assert (profile.site, profile.machine, profile.telemetry.broker) == ("north", "line-1", None)
    assert read_progress(beside(path)).done == tuple(step.name for step in STEPS)
    assert read_progress(beside(path)).board == "Raspberry Pi 4"


@pytest.mark.parametrize("answered", range(len(ALL)))
def test_wherever_it_is_left_it_goes_on_there_and_says_so(path, answered):
    first, done = hour(path, *ALL[:answered])
    assert not done
    assert "goes on here" in first.person.heard[-1]
    behind = list(first.progress.done)
    asked = [step.name for step in STEPS].index(behind[-1]) + 1 if behind else 0
    rest = [CHOOSE, WIRE, TRY, MEASURE, SORT, []][asked:]
    second, done = hour(path, *(answer for answers in rest for answer in answers))
    assert done
    assert bool(behind) == any("was begun before" in said for said in second.person.heard)
    assert second.person.left == []


def test_a_walk_that_is_left_goes_on_with_the_next_gate(path):
    first, done = hour(path, *CHOOSE, *WIRE, *TRY, leaves_at="green")
    assert not done
    assert first.progress.gates == {"red": "good", "turning": "good"}
    second, done = hour(path, *TRY, *MEASURE, *SORT)
    assert done
    assert second.tools.did == ["computer", "encoder", "camera", "green", "damaged", "calibrate", "sort"]


def test_a_gate_that_does_not_move_is_tried_again_or_left(path):
    made, done = hour(path, *CHOOSE, *WIRE, *TRY, "again", "go on", *MEASURE, *SORT, stuck="turning")
    assert done
    assert made.tools.did.count("turning") == 2
    assert made.tools.did.count("red") == 1
    assert made.progress.gates["turning"] == "fault"
    left, done = hour(path.with_name("other.toml"), *CHOOSE, *WIRE, *TRY, "stop", stuck="turning")
    assert (done, left.progress.done) == (False, ("choose", "wire"))


def test_a_fault_of_the_wiring_is_examined_again_until_it_is_mended(path):
    found = [[PIN.fault("held by spi", "free it")], [PIN.good("free")]]
    made, done = hour(path, *CHOOSE, "yes", "again", *TRY, *MEASURE, *SORT, found=found)
    assert done
    assert made.tools.did.count("pins") == 2
    assert any("do: free it" in said for said in made.person.heard)


def test_a_calibration_that_fails_is_not_done(path):
    made, done = hour(path, *CHOOSE, *WIRE, *TRY, *MEASURE, calibrates=False)
    assert (done, made.progress.done) == (False, ("choose", "wire", "test"))


def test_a_calibration_may_wait(path):
    made, done = hour(path, *CHOOSE, *WIRE, *TRY, "later", *SORT)
    assert done
    assert "calibrate" not in made.tools.did


def test_what_the_machine_cannot_do_ends_the_hour_for_now_with_its_own_status(path):
    class Blind(Machine):
        def sort(self, path, fruit, tell):
            raise CameraFault("no camera answers; check its cable")

    made = FirstHour(path, Scripted(*ALL), Blind())
    assert not made.go()
    assert made.status == CameraFault.exit_status
    assert "no camera answers; check its cable" in made.person.heard
    assert made.progress.done[-1] == "calibrate"


def test_too_few_fruit_are_not_ten(path):
    made, done = hour(path, *CHOOSE, *WIRE, *TRY, *MEASURE, "yes", "no", fired=3)
    assert not done
    assert any("Too few" in said for said in made.person.heard)


def test_a_name_that_will_not_do_is_asked_for_again_and_nothing_is_written_before(path):
    made, _ = hour(path, "", "one-lane", "", "North!", "line-1", "none", *CHOOSE[3:])
    assert any("site" in said and "North!" in said for said in made.person.heard)
    assert load_profile(path).site == "north"
    wrong, _ = hour(path.with_name("wrong.toml"), "", "one-lane", "", "North!", "line-1", "none")
    assert not wrong.path.exists()


def test_a_profile_that_was_taken_away_begins_the_hour_again(path):
    hour(path, *CHOOSE)
    path.unlink()
    made, _ = hour(path)
    assert made.progress == Progress()


def test_a_file_of_progress_that_is_not_whole_is_none(path):
    write_progress(beside(path), Progress(done=("choose",)))
    whole = beside(path).read_bytes()
    beside(path).write_bytes(whole[:-20])
    assert read_progress(beside(path)) == Progress()


def test_only_the_keys_that_are_meant_change():
    text = '# a\nsite = "x"  # where\n[camera]\nsource = "picamera"\n[update]\n# source = "y"\nsource = "z"\n'
    assert template.changed(text, "camera", "source", "film.mp4") == text.replace('"picamera"', '"film.mp4"')
    assert template.changed(text, "update", "source", None) == text.replace('source = "z"\n', "")
    assert template.changed(text, "", "site", 'a"b').splitlines()[1] == 'site = "a\\"b"'


@pytest.mark.parametrize("name", [name for name, _ in template.machines()])
def test_every_reference_machine_can_be_chosen_and_has_a_wiring(name, path):
    profile = template.write(name, {("", "site"): "north", ("camera", "source"): "picamera"}, path)
    assert profile.site == "north"
    rows = list(wiretable.wires(profile))
    assert [row.pin for row in rows] == sorted(HEADER[row.bcm] for row in rows)
    assert len(rows) >= len(profile.gates)
    shown = wiretable.table(profile)
    assert all(row.key in shown for row in rows)


def test_the_first_fruit_are_counted_and_the_run_is_ended_once():
    ended, told = [], []
    watch = Watch(2, told.append, lambda: ended.append(1))
    for n in range(4):
        watch.put(an_outcome(n))
    watch.put(an_outcome(9, "late"))
    assert (watch.found.fired, watch.found.results["late"], ended) == (4, 1, [1])
    assert len(told) == 2


def test_without_fruit_the_run_ends_after_a_while():
    ended = []
    watch = Watch(FRUIT, lambda _: None, lambda: ended.append(1))
    for late_ns in (0, PATIENCE_NS):
        watch.put(BeltSample(5_000_000_000 + late_ns, 0, 0))
    assert not ended
    watch.put(BeltSample(5_000_000_001 + PATIENCE_NS, 0, 0))
    assert ended


def test_without_a_terminal_nothing_is_asked(capsys, tmp_path):
    assert main(["setup", "--profile", str(tmp_path / "p.toml")]) == 2
    assert "at a terminal" in capsys.readouterr().err
