import json

import pytest

from edge.cli import main
from sim.scenario import names

FAST = ["sim", "clean", "--fast", "--perception", "truth"]


def test_a_fast_run_writes_its_report_and_says_what_came_of_it(tmp_path, capsys):
    file = tmp_path / "r.json"
    assert main([*FAST, "--fruit", "20", "--seed", "3", "--report", str(file)]) == 0
    report = json.loads(file.read_text())
    assert (report["fruit"], report["seed"], report["scenario"]) == (20, 3, "clean")
    said = capsys.readouterr().out
    assert "fates: 20 right" in said
    assert "\x1b" not in said


def test_the_same_seed_writes_the_same_bytes_but_for_wall_time(tmp_path):
    for name in ("a", "b"):
        assert main([*FAST, "--fruit", "20", "--report", str(tmp_path / name)]) == 0
    a, b = ((tmp_path / name).read_text().splitlines() for name in ("a", "b"))
    assert [line for line in a if "wall_s" not in line] == [line for line in b if "wall_s" not in line]


def test_the_scenarios_are_listed_with_what_they_are(capsys):
    assert main(["sim", "--list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == names()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (["nowhere"], "no such scenario; there are"),
        (["--perception", "guess"], "--perception guess: must be pixels, scores or truth"),
        (["--perception", "scores", "--fault", "lamp-off"], "--perception scores: has no pictures for lamp-off"),
        (["--service-time", "pi9"], "--service-time pi9: must be none"),
        (["--fruit", "3", "--seconds", "3"], "give one of them"),
        (["--fruit", "0"], "--fruit"),
        (["--report", "/no/such/folder/r.json"], "no such folder"),
        (["--report", "/"], "/: a folder; name a file in it"),
        (["--bundle", "/no/such/bundle"], "no bundle here"),
        (["--bundle", "/no/such/bundle", "--perception", "truth"], "leave one out"),
        (["--fruit-images", "/no/such/folder", "--perception", "truth"], "/no/such/folder"),
    ],
)
def test_a_wrong_question_ends_with_status_2_and_one_line(wrong, told, capsys):
    assert main(["sim", "--fast", *wrong]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert told in said[0]


def test_a_faulty_scenario_ends_with_status_1_and_a_line_a_fault(tmp_path, capsys):
    file = tmp_path / "bad.toml"
    file.write_text("colour = 1\n[feed]\n")
    assert main(["sim", str(file), "--fast"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) > 1
    assert all("bad.toml: " in line for line in said)
