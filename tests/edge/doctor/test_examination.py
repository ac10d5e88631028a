"""The examination as a whole, and the command."""

import io
import json

import numpy as np
import pytest
from rich.console import Console

from edge import clock
from edge.cli import main
from edge.datapath import Frame
from edge.doctor import examination, looking
from edge.doctor.examination import EXAMINATIONS, examine
from edge.doctor.finding import Check, exit_status
from edge.doctor.patient import admit
from edge.doctor.show import show
from edge.errors import UsageFault
from tests.edge.profiles import DEMO_PATH

CHECK = Check("lamp", "without light nothing is seen")
QUICK = ("computer", "disk", "software", "update", "pins", "encoder")
"""What asks no other program."""


@pytest.fixture
def laptop(tmp_path, monkeypatch):
    """A computer with nothing of a machine: no service, no GPIO, no firmware."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "nobody-drives-these")
    monkeypatch.setattr("gpiozero.Device.pin_factory", None)
    return tmp_path


def test_a_laptop_is_nowhere_at_fault(laptop):
    patient = admit(DEMO_PATH, laptop)
    findings = list(examine(patient, QUICK))
    assert {one.verdict for one in findings} <= {"good", "not checked"}
    unchecked = {one.check for one in findings if one.verdict == "not checked"}
    assert {"board", "power", "throttling", "temperature", "wear", "service", "update", "pin"} <= unchecked
    assert all(one.what for one in findings)


def test_without_a_profile_the_computer_is_examined_all_the_same(laptop, monkeypatch):
    monkeypatch.setattr("edge.doctor.patient.USUAL", laptop / "profile.toml")
    findings = {one.check: one for one in examine(admit(None, laptop))}
    assert findings["disk"].verdict == "good"
    for name in ("profile", "bundle", "update", "pin", "encoder", "jitter", "calibration", "camera", "broker"):
        assert findings[name].verdict == "not checked", findings[name]


def test_a_profile_that_was_named_must_be_there(tmp_path):
    with pytest.raises(UsageFault, match="no such file"):
        admit(tmp_path / "none.toml", tmp_path)


def test_every_fault_of_a_profile_is_found_and_the_rest_goes_on(laptop):
    wrong = laptop / "wrong.toml"
    wrong.write_text(DEMO_PATH.read_text(encoding="utf-8").replace("pin = 18 ", "pin = 17 ").replace(
        "speed_mm_s = 600", "speed_mm_s = 6"), encoding="utf-8")  # fmt: skip
    findings = list(examine(admit(wrong, laptop), ("software", "pins")))
    assert [one.verdict for one in findings if one.check == "profile"].count("fault") >= 1
    assert findings[-1].check == "pin"
    assert exit_status(findings) == 1


def test_an_examination_that_fails_itself_does_not_hide_the_next(laptop, monkeypatch):
    def fail(_):
        raise ZeroDivisionError("oh")

    monkeypatch.setitem(examination.EXAMINATIONS, "disk", fail)
    broken, *rest = examine(admit(DEMO_PATH, laptop), ("disk", "software"))
    assert (broken.check, broken.verdict) == ("disk", "not checked")
    assert "ZeroDivisionError" in broken.what
    assert rest


class Film:
    """Answers FrameSource: a few pictures of an empty belt, as a camera on a starved computer gives them."""

    def __init__(self, frames):
        self.left = frames

    def next_frame(self, deadline_ns):
        if not self.left:
            clock.sleep_until(deadline_ns)
            return None
        self.left -= 1
        return Frame("film", 10 - self.left, 10**9 * (10 - self.left), np.full((480, 640, 3), 90, np.uint8))

    def lost(self):
        return 0

    def close(self):
        self.left = 0


@pytest.mark.slow
@pytest.mark.parametrize("frames", [1, 4])
def test_a_camera_that_gives_next_to_nothing_is_told_of_and_nothing_else_breaks(laptop, monkeypatch, frames):
    monkeypatch.setattr(examination, "open_camera", lambda *_: Film(frames))
    monkeypatch.setattr(looking, "FOR_S", 0.2)
    findings = {one.check: one for one in examine(admit(DEMO_PATH, laptop), ("camera",))}
    assert findings["camera"].verdict == "fault"
    assert findings["camera-moved"].verdict == "not checked"
    assert not any("report" in one.remedy for one in findings.values())


def test_only_a_fault_is_the_exit_status_1():
    assert exit_status([CHECK.good("on"), CHECK.attention("dim", "new one"), CHECK.unchecked("no lamp")]) == 0
    assert exit_status([CHECK.good("on"), CHECK.fault("off", "switch it on")]) == 1


def shown(terminal, width=80):
    heard = io.StringIO()
    console = Console(file=heard, force_terminal=terminal, width=width, color_system=None)
    show([CHECK.good("on"), CHECK.of("left").fault("off [sic]", "switch it on"), CHECK.unchecked("x" * 90)], console)
    return heard.getvalue()


@pytest.mark.parametrize("terminal", [True, False])
def test_each_verdict_is_a_word_and_a_sign_and_no_colour_is_needed(terminal):
    text = shown(terminal)
    for said in ("+ good", "X fault", "- not checked", "left", "off [sic]", "why: without light", "do: switch it on"):
        assert said in text
    assert "1 good, 0 attention, 1 fault, 1 not checked" in text


def test_a_pipe_gets_whole_lines():
    assert "x" * 90 in shown(terminal=False)
    assert "x" * 90 not in shown(terminal=True)


def test_the_command_speaks_json_and_its_status_is_that_of_the_findings(capsys):
    assert main(["doctor", "--profile", str(DEMO_PATH), "--only", "software", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["format"] == 1
    (profile,) = [one for one in found["findings"] if one["check"] == "profile"]
    assert set(profile) == {"check", "subject", "verdict", "what", "why", "remedy"}
    assert profile["verdict"] == "good"


def test_a_wrong_question_is_told_in_one_line(capsys):
    assert main(["doctor", "--only", "teeth"]) == 2
    told = capsys.readouterr().err
    assert all(name in told for name in EXAMINATIONS)
    assert main(["doctor", "--profile", "none.toml"]) == 2
