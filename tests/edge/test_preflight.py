"""`sorter check`, and what `sorter run` refuses before anything starts."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.cli import main
from tests.edge.bundles import write_bundle
from tests.edge.profiles import DEMO_PATH

PREPROCESSING = {"version": 9, "size_px": 64, "a_key_of_tomorrow": 114}


@pytest.fixture
def profile(tmp_path: Path) -> Callable[..., Path]:
    """The demo profile with its bundle in a folder beside it, after some replacements of its text."""
    write_bundle(tmp_path / "own")

    def write(*changes: tuple[str, str]) -> Path:
        text = DEMO_PATH.read_text(encoding="utf-8")
        for old, new in (('bundle = "factory"', 'bundle = "own"'), *changes):
            assert old in text
            text = text.replace(old, new, 1)
        path = tmp_path / "line.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def faults(path: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    assert main(["check", str(path)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    return [line.removeprefix(f"sorter: {path}: ") for line in err.splitlines()]


def test_a_good_profile_is_shown_on_one_screen(profile, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(profile())]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("line.toml is good")
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 120
    assert "gate     red_0: pin 17 at 640 mm, lane 0, outlet red for red, with 113 ms to spare" in lines


def test_a_missing_bundle_is_a_fault_of_the_profile(profile, capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = faults(profile(('"own"', '"none"')), capsys)
    assert line.startswith('[grade] bundle = "none": ')
    assert "no bundle here" in line


def test_a_bundle_of_an_unknown_preprocessing_version_is_refused(
    profile, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_bundle(tmp_path / "newer", preprocessing=PREPROCESSING)
    (line,) = faults(profile(('"own"', '"newer"')), capsys)
    assert "preprocessing version 9: this runtime knows 1; update the runtime" in line


def test_a_bundle_with_other_labels_is_refused(profile, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_bundle(tmp_path / "other", labels=["apple", "pear"])
    (line,) = faults(profile(('"own"', '"other"')), capsys)
    assert "labels apple, pear: this runtime knows green, turning, red, damaged" in line


def test_a_bundle_with_a_changed_file_is_refused(profile, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "own" / "model.tflite").write_bytes(b"something else")
    (line,) = faults(profile(), capsys)
    assert "model.tflite: not the file that bundle.json lists" in line


def test_faults_of_keys_bundle_and_source_come_together(profile, capsys: pytest.CaptureFixture[str]) -> None:
    path = profile(
        ('"own"', '"none"'),
        ('source = "picamera"', 'source = "pictures"'),
        ("speed_mm_s", "speed_m_s"),
        ("pin = 18", "pin = 17"),
    )
    lines = faults(path, capsys)
    assert lines[:2] == [
        "[belt] speed_m_s = 600: unknown key; did you mean speed_mm_s?",
        "[gates.red_1] pin = 17: already used by gates.red_0; give each gate its own",
    ]
    assert lines[2].startswith('[grade] bundle = "none": ')
    assert lines[3] == '[camera] source = "pictures": no such folder or video; give one, or picamera, or usb:0'


def test_a_folder_without_images_is_refused_as_a_camera(
    profile, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pictures").mkdir()
    (line,) = faults(profile(('source = "picamera"', 'source = "pictures"')), capsys)
    assert "no image in this folder" in line


@pytest.mark.parametrize(
    "change",
    [('source = "picamera"', "source = [1]"), ('source = "picamera"', 'source = ""'), ('bundle = "own"', "bundle = 3")],
)
def test_a_name_that_is_no_text_is_one_fault_and_not_looked_for(
    profile, capsys: pytest.CaptureFixture[str], change: tuple[str, str]
) -> None:
    (line,) = faults(profile(change), capsys)
    assert ": must be text" in line


def test_a_file_that_is_not_there_is_a_wrong_question(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "none.toml"]) == 2
    assert capsys.readouterr().err.startswith("sorter: none.toml: no such file")


def test_the_schema_knows_every_section(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert set(schema["required"]) < set(schema["properties"])
    assert schema["$defs"]["Belt"]["properties"]["speed_mm_s"]["maximum"] == 3000
