"""`sorter sim --record` and `sorter replay` as a user has them, on the factory bundle."""

import json
import shutil
from pathlib import Path

import pytest

from edge.bundle import FACTORY
from edge.cli import main
from edge.trace.segments import MAGIC, pack_end, pack_entry, read_segment
from edge.trace.store import segments
from tests.edge.bundles import write_bundle

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def recorded(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("recorded")
    assert main(["sim", "crowded", "--fast", "--seconds", "3", "--seed", "4", "--record", str(folder)]) == 0
    return folder


@pytest.fixture
def copied(recorded: Path, tmp_path: Path) -> Path:
    """The run's folder, to be harmed."""
    (run,) = shutil.copytree(recorded, tmp_path / "box").iterdir()
    return run


def said(capsys) -> tuple[str, list[str]]:
    captured = capsys.readouterr()
    return captured.out, captured.err.splitlines()


def test_a_recorded_run_replays_identically_from_real_crops_through_the_real_network(recorded, tmp_path, capsys):
    capsys.readouterr()
    assert main(["replay", str(recorded), "--json", str(tmp_path / "found.json")]) == 0
    out, err = said(capsys)
    assert "identical" in out
    assert err == []
    (found,) = json.loads((tmp_path / "found.json").read_text())["runs"]
    assert found["identical"]
    assert found["compared"]["look"] > 200
    assert found["compared"]["gatepulse"] > 20


def test_recording_changes_nothing_in_a_run(recorded, tmp_path):
    for name, more in (("with", ["--record", str(tmp_path / "box")]), ("without", [])):
        report = ["--report", str(tmp_path / name)]
        assert main(["sim", "--fast", "--seconds", "1", *report, *more]) == 0
    with_it, without = (json.loads((tmp_path / name).read_text()) | {"wall_s": 0} for name in ("with", "without"))
    assert with_it == without


def test_a_run_that_comes_out_otherwise_ends_with_1_and_shows_the_first_difference(copied, capsys):
    path = segments(copied)[0].path
    entries = read_segment(path).entries
    verdict = next(fields for fields, _ in entries if fields["kind"] == "verdict")
    verdict["label"] = "blue"
    path.write_bytes(b"".join((MAGIC, *(pack_entry(*entry) for entry in entries), pack_end(len(entries)))))
    assert main(["replay", str(copied)]) == 1
    out, err = said(capsys)
    assert f"verdict of {verdict['track_id']} at " in out
    assert "label: recorded 'blue', replayed '" in out
    assert err == []


def test_a_run_without_its_bundle_says_which_and_how_to_give_it(copied, tmp_path, capsys):
    header = json.loads((copied / "run.json").read_text())
    header["bundle_folder"] = str(tmp_path / "gone")
    (copied / "run.json").write_text(json.dumps(header))
    assert main(["replay", str(copied)]) == 2
    assert said(capsys)[1] == [
        f"sorter: {tmp_path}/gone: the run's bundle {header['bundle']} is not here: give its folder with --bundle"
    ]
    assert main(["replay", str(copied), "--bundle", str(FACTORY)]) == 0


def test_where_another_bundle_lies_now_it_is_not_taken_for_the_runs_own(copied, tmp_path, capsys):
    header = json.loads((copied / "run.json").read_text())
    header["bundle_folder"] = str(write_bundle(tmp_path / "other"))
    (copied / "run.json").write_text(json.dumps(header))
    assert main(["replay", str(copied)]) == 2
    (line,) = said(capsys)[1]
    assert "hollow@" in line
    assert header["bundle"] in line


@pytest.mark.parametrize(
    "wrong", [["nowhere"], ["."], ["RUN", "--bundle", "nowhere"], ["RUN", "--json", "no/such/file"]]
)
def test_a_wrong_question_ends_with_2_and_one_line(copied, tmp_path, wrong, capsys, monkeypatch):
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    assert main(["replay", *(str(copied) if word == "RUN" else word for word in wrong)]) == 2
    assert len(said(capsys)[1]) == 1


def test_labels_that_were_given_cannot_be_recorded(tmp_path, capsys):
    assert main(["sim", "--fast", "--perception", "truth", "--record", str(tmp_path)]) == 2
    (line,) = said(capsys)[1]
    assert "no crops" in line
